extension BundledReports {
  /// Tables 8 to 14: appraisal, training, leaving, sanctions, commendation.
  static let discipline = #"""
    form T8 民主评议党员 | Democratic appraisal
      of appraisal where appraisal_start >= first_date and appraisal_start <= final_date
          or appraisal_end >= first_date and appraisal_end <= final_date
      during
      row branches 开展评议的党支部 | Branches that held it
        distinct member.branch_code
      row branches_done . 其中:已结束的 | Of them ended | appraisal_end <= final_date
        distinct member.branch_code
      row persons 参加评议的党员 | Members appraised
      row done . 其中:已结束的 | Of them ended | appraisal_end <= final_date
      row excellent .. 评为优秀受表彰的 | Graded excellent | appraisal_result = '1'
      row unfit .. 评为不合格的 | Graded not qualified | appraisal_result = '4'
      row disposal ... 作出组织处置的 | Handled | disposal in {'1', '2', '3', '4'}
      row d1 .... 限期改正 | To correct within a time limit | disposal = '1'
      row d2 .... 劝退 | Persuaded to leave | disposal = '2'
      row d3 .... 劝而不退除名 | Removed after refusal | disposal = '3'
      row d4 .... 自行脱党除名 | Removed: left by own conduct | disposal = '4'
      row unchanged 限期改正期满无转变的 | Not corrected when the time was over
          | disposal = '1' and correct_deadline <= final_date and member.member_state = '3'
      col all 总数 | Total
      col earlier 其中:上年开展本年结束 | Begun last year, ended this year
          | appraisal_start < first_date and appraisal_end >= first_date
      cols SECTOR8 member.unit.unit_category
      check T8.1 hard 结束的不大于开展的 | Not more ended than were held | T8[branches_done,*] <= T8[branches,*]
      check T8.2 hard 结束的党员不大于参加的 | Not more ended than took part | T8[done,*] <= T8[persons,*]
      check T8.3 hard 不合格不少于处置合计 | Not qualified are at least those handled | T8[unfit,*] >= T8[disposal,*]
      check T8.4 hard 处置合计等于四类之和 | Handled is the sum of its kinds | T8[disposal,*] = T8[d1+d2+d3+d4,*]
      check T8.5 hard 党员总数等于各类单位之和 | Members are the sum of the kinds of unit
          | T8[persons,all] = T8[persons,village+community+organ+institution+public+private+social+other]
      check T8.6 soft 评为优秀的不超过三分之一(R-APPR-01) | Not more than a third is excellent (R-APPR-01)
          | T8[excellent,all] + T8[excellent,all] + T8[excellent,all] <= T8[done,all]

    form T9 党员培训 | Training of members
      of member
      unit 人次 | persons and times
      during
      row all 总人次 | In all
        keyed
      row times2 . 其中:脱产培训 | Of them full-time
        keyed
      row courses 培训班次 | Courses
        keyed
      col secretaries 基层党组织书记 | Secretaries
      col remote 农村党员现代远程教育 | Remote education in villages
      col social 非公企业和社会组织 | Non-public enterprises and social organisations
      col new 新党员 | New members
      col floating 流动党员 | Floating members
      col border 边疆民族地区 | Border and minority areas
      col jobs 创业就业培训 | Founding and employment

    stub LEFT
      line all 总计 | Total
      line rank1 厅局级干部 | Cadres of bureau rank
        keyed
      line rank2 县处级干部 | Cadres of county rank
        keyed
    form T10 出党情况(一) | Members who left (1)
      of membership_change where change_kind in {'21', '32'} and change_date >= first_date and change_date <= final_date
      during
      rows LEFT
      rows AGE4 member.birth_date
      rows JOIN6 member.join_date
      col all 总数 | Total
      col c221 开除党籍 | Expelled | decrease_code = '221'
      col c232 退党除名 | Asked to leave | decrease_code = '232'
      col c241 劝退 | Persuaded to leave | decrease_code = '241'
      col c242 劝而不退除名 | Refused advice to leave | decrease_code = '242'
      col c231 自行脱党除名 | Left by own conduct | starts_with(decrease_code, '231')
      col c2312 其中:无法取得联系 | Of them could not be found | decrease_code = '2312'
      col c251 取消预备党员资格 | Probation cancelled | decrease_code = '251'
      col c301 不予承认 | Admission not recognised | decrease_code = '301'
      check T10.1 hard 总数等于各类之和 | The total is the sum of the kinds
          | T10[*,all] = T10[*,c221+c232+c241+c242+c231+c251+c301]
        explain membership_change where change_kind in {'21', '32'} and change_date >= first_date
          and change_date <= final_date and decrease_code is null
      check T10.2 hard 与表1出党数相等 | As many as left in Table 1 | T10[all,all] = T1[out,n]
      check T10.3 hard 开除党籍与表12相等 | As many expelled as in Table 12 | T10[all,c221] = T12[all,r25]
      check T10.4 hard 总计等于各年龄段之和 | The total is the sum of the ages | T10[all,*] = T10[a35+a54+a59+a60,*]
      check T10.5 hard 总计等于各入党时期之和 | The total is the sum of the periods | T10[all,*] = T10[b3+b4+b5+b6+b7+b8,*]

    # A change says how somebody left, not for what: the violation stands with the sanction, so what left without a
    # sanction is keyed in.
    form T11 出党情况(二) | Members who left (2)
      of membership_change where change_kind in {'21', '32'} and change_date >= first_date and change_date <= final_date
      during
      row all 总计 | Total
      row v0 违反纪律 | Breaches of discipline
        total v1 + v2 + v3 + v4 + v5 + v6
      row v1 . 政治纪律 | Political
        keyed
      row v2 . 组织纪律 | Organisational
        keyed
      row v21 .. 其中:违反干部选拔任用规定 | Of them rules on selecting cadres
        keyed
      row v3 . 廉洁纪律 | Integrity
        keyed
      row v4 . 群众纪律 | Towards the people
        keyed
      row v5 . 工作纪律 | Work
        keyed
      row v6 . 生活纪律 | Life
        keyed
      row other 其他 | Others
        total all - v0
      col all 总数 | Total
      col c221 开除党籍 | Expelled | decrease_code = '221'
      col c232 退党除名 | Asked to leave | decrease_code = '232'
      col c241 劝退 | Persuaded to leave | decrease_code = '241'
      col c242 劝而不退除名 | Refused advice to leave | decrease_code = '242'
      col c231 自行脱党除名 | Left by own conduct | starts_with(decrease_code, '231')
      col c251 取消预备党员资格 | Probation cancelled | decrease_code = '251'
      col c301 不予承认 | Admission not recognised | decrease_code = '301'
      check T11.1 hard 与表10各列总计相等 | The same totals as Table 10 | T11[all,all] = T10[all,all]
      check T11.2 hard 其他不为负数 | Others are not below none | T11[other,*] >= 0

    stub SANCTION code
      line all 总数 | Total
      line r21 警告 | Warning | $code = '21'
      line r22 严重警告 | Serious warning | $code = '22'
      line r23 撤销党内职务 | Removal from posts | $code = '23'
      line r24 留党察看 | Probation within the party | $code = '24'
      line r25 开除党籍 | Expulsion | $code = '25'
    form T12 党员受纪律处分情况(一) | Members under sanction (1)
      of reward_penalty where subject_kind = '1' and rp_code in {'21', '22', '23', '24', '25'}
          and rp_date >= first_date and rp_date <= final_date
      during
      rows LEFT
      rows AGE4 member.birth_date
      rows JOIN6 member.join_date
      row reorganised 补充:受改组处理的党组织 | Organisations reorganised | rp_code = '26'
        of reward_penalty where subject_kind != '1' and rp_date >= first_date and rp_date <= final_date
        only all
      row dissolved 补充:受解散处理的党组织 | Organisations dissolved | rp_code = '27'
        of reward_penalty where subject_kind != '1' and rp_date >= first_date and rp_date <= final_date
        only all
      cols SANCTION rp_code
      check T12.1 hard 总数等于各类处分之和 | The total is the sum of the sanctions | T12[*,all] = T12[*,r21+r22+r23+r24+r25]
      check T12.2 hard 总计等于各年龄段之和 | The total is the sum of the ages | T12[all,*] = T12[a35+a54+a59+a60,*]
        explain reward_penalty where subject_kind = '1' and rp_date >= first_date and rp_date <= final_date
          and member.birth_date is null
    form T13 党员受纪律处分情况(二) | Members under sanction (2)
      of reward_penalty where subject_kind = '1' and rp_code in {'21', '22', '23', '24', '25'}
          and rp_date >= first_date and rp_date <= final_date
      during
      row all 总计 | Total
      row v1 . 违反政治纪律 | Political discipline | violation = '1'
      row v2 . 违反组织纪律 | Organisational discipline | starts_with(violation, '2')
      row v21 .. 其中:违反干部选拔任用规定 | Of them rules on selecting cadres | violation = '21'
      row v3 . 违反廉洁纪律 | Integrity | violation = '3'
      row v4 . 违反群众纪律 | Towards the people | violation = '4'
      row v5 . 违反工作纪律 | Work | violation = '5'
      row v6 . 违反生活纪律 | Life | violation = '6'
      cols SANCTION rp_code
      check T13.1 hard 与表12总计相等 | The same totals as Table 12 | T13[all,all] = T12[all,all]
      check T13.2 hard 总计等于各类违纪之和 | The total is the sum of the breaches | T13[all,*] = T13[v1+v2+v3+v4+v5+v6,*]
        explain reward_penalty where subject_kind = '1' and rp_date >= first_date and rp_date <= final_date
          and rp_code in {'21', '22', '23', '24', '25'} and violation is null

    form T14 党内表彰 | Commendations
      of reward_penalty where rp_code in {'11', '12', '13', '14'} and rp_date >= first_date and rp_date <= final_date
          and revoked_date is null
      unit 个、人 | organisations, persons
      during
      row orgs 先进基层党组织 | Advanced organisations | rp_code = '11' or rp_code = '14' and subject_kind in {'2', '3'}
      row members 优秀共产党员 | Excellent members | rp_code = '12' or rp_code = '14' and subject_kind = '1'
      row workers 优秀党务工作者 | Excellent party workers | rp_code = '13'
      col all 总数 | Total
      col relief 其中:抗灾救灾 | For disaster relief | rp_code = '14'
      col l2 省(区、市)以上 | Provincial and above | rp_level in {'1', '2'}
      col l3 市(地、州、盟) | City | rp_level = '3'
      col l4 县(市、区、旗) | County | rp_level = '4'
      col l9 其他 | Other levels | rp_level in {'5', '9'}
      col organ 机关 | Organs | starts_with(coalesce(member.unit.unit_category, org.host.unit_category), '4')
      col institution 事业单位 | Institutions | starts_with(coalesce(member.unit.unit_category, org.host.unit_category), '3')
      col e21 国有企业 | State enterprises | starts_with(coalesce(member.unit.unit_category, org.host.unit_category), '21')
      col e22 集体企业 | Collective enterprises
          | starts_with(coalesce(member.unit.unit_category, org.host.unit_category), '22')
      col e23 非公有制企业 | Non-public enterprises
          | starts_with(coalesce(member.unit.unit_category, org.host.unit_category), '23')
      col social 社会组织 | Social organisations
          | starts_with(coalesce(member.unit.unit_category, org.host.unit_category), '5')
      col street 街道 | Sub-districts | coalesce(member.unit.unit_category, org.host.unit_category) = '11'
      col town 乡镇 | Towns | coalesce(member.unit.unit_category, org.host.unit_category) in {'13', '14'}
      col community 社区 | Communities | coalesce(member.unit.unit_category, org.host.unit_category) in {'12', '15'}
      col village 建制村 | Villages | coalesce(member.unit.unit_category, org.host.unit_category) = '16'
      col other 其他 | Others
          | coalesce(coalesce(member.unit.unit_category, org.host.unit_category), '9') in {'9', '61', '62', '63', '71'}
      check T14.1 hard 总数等于各层级之和 | The total is the sum of the levels | T14[*,all] = T14[*,l2+l3+l4+l9]
      check T14.2 hard 总数等于各类单位之和 | The total is the sum of the kinds of unit
          | T14[*,all] = T14[*,organ+institution+e21+e22+e23+social+street+town+community+village+other]
    """#
}
