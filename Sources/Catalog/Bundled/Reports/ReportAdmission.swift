extension BundledReports {
  /// Tables 15 to 23: becoming a full member, admission, and those on the way to it.
  static let admission = #"""
    form T15 预备党员转正 | Probationary members becoming full members
      of member where join_date + 1y >= first_date and join_date + 1y <= final_date
      during
      col n 人数 | Number
      row full 预备期满的 | Probation ended | conversion_result is null or conversion_result != '7'
      row decided . 已审批合计 | Decided | conversion_result in {'1', '3', '5'}
      row on_time .. 转为正式党员 | Became full members | conversion_result = '1'
      row after .. 延长预备期后转正 | After an extension | conversion_result = '3'
      row late .. 推迟讨论后转正 | After late discussion | conversion_result = '5'
      row longer . 延长预备期 | Probation extended | conversion_result = '2'
      row cancelled . 取消预备党员资格 | Cancelled | conversion_result = '4'
      row pending . 尚未讨论或审批 | Not yet discussed or approved
          | conversion_result is null or conversion_result = '6'
      row before 预备期未满被取消资格的 | Cancelled before the end of probation | conversion_result = '7'
      check T15.1 hard 期满等于已审批、延长、取消与尚未讨论之和 | Ended is decided, extended, cancelled and pending
          | T15[full,n] = T15[decided,n] + T15[longer,n] + T15[cancelled,n] + T15[pending,n]
      check T15.2 hard 已审批等于三类之和 | Decided is the sum of its three kinds | T15[decided,n] = T15[on_time+after+late,n]

    form T16 发展党员(一) | Members admitted (1)
      of member where join_date >= first_date and join_date <= final_date
          and branch_entry_kind not in {'141', '151', '181'}
      during
      rows JOB job_code
      row dispatched 补充:劳务派遣工 | Dispatched workers | is_dispatched
      col all 总数 | Total
      cols PERSON sex nation
      cols AGE6N birth_date
      cols EDU6 edu.highest
      check T16.1 hard 与表1发展党员数相等 | As many as Table 1 has | T16[all,all] = T1[admitted,n]
      check T16.2 hard 总数等于各年龄段之和 | The total is the sum of the ages | T16[*,all] = T16[*,a25+a30+a35+a40+a59+a60]
      check T16.3 hard 总数等于各学历之和 | The total is the sum of the educations | T16[*,all] = T16[*,e1+e2+e3+e4+e5+e6]
        explain member where join_date >= first_date and join_date <= final_date and edu.highest is null
      check T16.4 hard 总计等于各类岗位之和 | The total is the sum of the posts | T16[all,*] = T16[j0+j1+j2+j3+j4+j5,*]

    form T17 发展党员(二) | Members admitted (2)
      of member where join_date >= first_date and join_date <= final_date
          and branch_entry_kind not in {'141', '151', '181'}
      during
      row front 生产、工作一线 | Front line | frontline in {'01', '02', '03', '04', '05'}
      row front1 . 企业生产一线 | Enterprises | frontline = '01'
      row front2 . 农村生产一线 | Rural production | frontline = '02'
      row front3 . 教学科研一线 | Teaching and research | frontline in {'03', '04'}
      row front5 . 机关一线 | Organs | frontline = '05'
      row title 具有专业技术职务的 | With professional titles | prof_level in {'1', '2', '3'}
        of member_duty where leave_date is null and member.join_date >= first_date and member.join_date <= final_date
          and member.branch_entry_kind not in {'141', '151', '181'}
      row title1 . 高级 | Senior | prof_level = '1'
      row title2 . 中级 | Intermediate | prof_level = '2'
      row title3 . 初级 | Junior | prof_level = '3'
      row rural 乡镇 | Townships, towns, villages | unit.unit_category in {'13', '14', '16'}
      row village . 其中:建制村 | Of them villages | unit.unit_category = '16'
      row model 先进模范人物 | Model workers and persons | rp_code = '12'
        of reward_penalty where subject_kind = '1' and member.join_date >= first_date and member.join_date <= final_date
          and member.branch_entry_kind not in {'141', '151', '181'}
      row model2 . 其中:省部级以上 | Of them provincial and above | rp_level in {'1', '2'}
      row special 特殊情况下发展的 | Under special circumstances | join_kind = '1113'
      row league 共青团员 | League members | starts_with(join_kind, '1111')
      row recommended . 其中:经团组织推优的 | Of them recommended by the league | join_kind = '11111'
      row taiwan 台湾省籍 | Of Taiwan | is_taiwan_native
      col all 总数 | Total
      col women 女 | Women | sex = '2'
        on member_duty member.sex = '2'
        on reward_penalty member.sex = '2'
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
        on member_duty member.birth_date > final_date - 36y
        on reward_penalty member.birth_date > final_date - 36y
      check T17.1 hard 一线不大于发展党员总数 | The front line is among the admitted | T17[front,all] <= T16[all,all]
      check T17.2 hard 共青团员不大于发展党员总数 | League members are among the admitted | T17[league,all] <= T16[all,all]
      check T17.3 hard 一线等于四类之和 | The front line is the sum of its kinds
          | T17[front,*] = T17[front1+front2+front3+front5,*]

    stub FRONT
      line front 一线 | Front line | frontline in {'01', '02', '03', '04', '05'}
      line front1 企业一线 | Enterprises | frontline = '01'
      line front2 农村一线 | Rural | frontline = '02'
      line front3 教学科研一线 | Teaching, research | frontline in {'03', '04'}
    form T18 发展对象 | Development targets
      of applicant where stage in {'30', '35'} and apply_date <= final_date
      rows JOB job_code
      col all 总数 | Total
      cols PERSON sex nation
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      cols EDU3 edu_code
      cols FRONT
      check T18.1 hard 总计等于各类岗位之和 | The total is the sum of the posts | T18[all,*] = T18[j0+j1+j2+j3+j4+j5,*]
      check T18.2 hard 总数等于各学历之和 | The total is the sum of the educations | T18[*,all] = T18[*,e3+e5+e6]
    form T19 入党积极分子 | Activists
      of applicant where stage = '20' and apply_date <= final_date
      rows JOB job_code
      col all 总数 | Total
      cols PERSON sex nation
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      cols EDU3 edu_code
      cols FRONT
      check T19.1 hard 总计等于各类岗位之和 | The total is the sum of the posts | T19[all,*] = T19[j0+j1+j2+j3+j4+j5,*]
    form T20 入党申请人 | Applicants
      of applicant where stage = '10' and apply_date <= final_date
      rows JOB job_code
      col all 总数 | Total
      cols PERSON sex nation
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      cols EDU3 edu_code
      cols FRONT
      check T20.1 hard 总计等于各类岗位之和 | The total is the sum of the posts | T20[all,*] = T20[j0+j1+j2+j3+j4+j5,*]

    form T21 新的社会阶层发展党员 | Members admitted from new social strata
      of member where join_date >= first_date and join_date <= final_date
          and branch_entry_kind not in {'141', '151', '181'} and stratum is not null
      during
      row all 发展党员 | Admitted
      row s1 . 民营科技企业创业、技术人员 | Founders and technicians of private technology enterprises
          | stratum in {'1', '41'}
      row s2 . 受聘于外资企业的管理技术人员 | Managers and technicians of foreign-funded enterprises | stratum = '2'
      row s3 . 个体劳动者 | Self-employed | starts_with(stratum, '3')
      row s31 .. 其中:城镇个体劳动者 | Of them urban | stratum = '31'
      row s4 . 私营企业主 | Private entrepreneurs | stratum in {'4', '49'}
      row s5 . 中介组织从业人员 | Staff of intermediary organisations | stratum = '5'
      row s6 . 自由职业人员 | Freelancers | stratum = '6'
      # Applicants have no item for their stratum.
      row targets 发展对象 | Development targets
        keyed
      row activists 入党积极分子 | Activists
        keyed
      row applicants 入党申请人 | Applicants
        keyed
      col all 总数 | Total
      cols PERSON sex nation
      cols EDU3 edu.highest
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      col a59 36至59岁 | 36–59 | birth_date <= final_date - 36y and birth_date > final_date - 60y
      col a60 60岁及以上 | 60 and above | birth_date <= final_date - 60y
      check T21.1 hard 合计等于各阶层之和 | The total is the sum of the strata | T21[all,*] = T21[s1+s2+s3+s4+s5+s6,*]
      check T21.2 hard 不大于发展党员总数 | Not more than the admitted | T21[all,all] <= T16[all,all]

    stub KIND9 unit
      line k11 城市街道 | Urban sub-districts | $unit = '11'
      line k12 城市社区 | Urban communities | $unit = '12'
      line k15 乡镇社区 | Town communities | $unit = '15'
      line k51 社会团体 | Associations | $unit = '51'
      line k52 基金会 | Foundations | $unit = '52'
      line k53 民办非企业单位 | Private non-enterprise units | $unit = '53'
      line k54 律师事务所 | Law firms | $unit = '54'
      line k55 会计师事务所 | Accounting firms | $unit = '55'
      line k56 税务师事务所 | Tax agents | $unit = '56'
    form T22 街道、社区、社会组织发展党员(一) | Members admitted in sub-districts, communities, social organisations
      of member where join_date >= first_date and join_date <= final_date
          and branch_entry_kind not in {'141', '151', '181'}
      during
      rows KIND9 unit.unit_category
      col all 总数 | Total
      cols PERSON sex nation
      cols EDU3 edu.highest
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      col a59 36至59岁 | 36–59 | birth_date <= final_date - 36y and birth_date > final_date - 60y
      col a60 60岁及以上 | 60 and above | birth_date <= final_date - 60y
      col targets 发展对象 | Development targets
        keyed
    form T23 街道、社区、社会组织发展党员(二) | Activists and applicants in the same
      of applicant where stage in {'10', '20'} and apply_date <= final_date
      # Applicants have no item for their unit: the unit is that of the branch that took the application.
      rows KIND9 org.host.unit_category
      col activists 积极分子 | Activists | stage = '20'
      col applicants 申请人 | Applicants | stage = '10'
      cols PERSON sex nation
      cols EDU3 edu_code
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      col a59 36至59岁 | 36–59 | birth_date <= final_date - 36y and birth_date > final_date - 60y
      col a60 60岁及以上 | 60 and above | birth_date <= final_date - 60y
    """#
}
