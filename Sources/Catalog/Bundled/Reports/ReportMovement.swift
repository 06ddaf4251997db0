extension BundledReports {
  /// Tables 33 to 37 and 43: floating members, members abroad, delegates, lost contact.
  static let movement = #"""
    stub TARGETS
      line t11 公有:机关 | Public: organs | float_target = '11'
      line t12 公有:事业单位 | Public: institutions | float_target = '12'
      line t13 人才(劳动)服务中心 | Talent and labour centres | float_target = '13'
      line t14 公有控制的港澳台商投资企业 | Public-controlled, HK, Macao, Taiwan capital | float_target = '14'
      line t15 公有控制的外商投资企业 | Public-controlled, foreign capital | float_target = '15'
      line t21 民办非企业单位 | Private non-enterprise units | float_target = '21'
      line t22 私营企业 | Private enterprises | float_target = '22'
      line t23 非公港澳台商投资企业 | Non-public, HK, Macao, Taiwan capital | float_target = '23'
      line t24 非公外商投资企业 | Non-public, foreign capital | float_target = '24'
      line t31 个体工商户 | Individual businesses | float_target = '31'
      line t41 城市社区(居委会) | Urban communities | float_target = '41'
      line t42 乡镇社区(居委会) | Town communities | float_target = '42'
      line t43 建制村 | Villages | float_target = '43'
      line t91 其他 | Others | float_target = '91'
    stub ORIGINS
      line all 总数 | Total
      line o1 公有企事业单位管理、专业技术人员 | Managers and professionals of public units | original_job = '1'
      line o2 工勤技能人员 | Workers | original_job = '2'
      line o3 农牧渔民 | Farmers | original_job = '3'
      line o4 未就业的高校毕业生 | Unemployed graduates | original_job = '4'
      line o5 中介组织从业人员 | Intermediary staff | starts_with(original_job, '5')
      line o51 . 其中:执业律师 | Of them lawyers | original_job = '51'
      line o52 . 其中:会计师 | Of them accountants | original_job = '52'
      line o9 其他 | Others | original_job = '9'
    form T33 流动党员(一) 流出 | Floating members (1): gone out
      of floating where float_direction = '1' and out_date <= final_date
          and (return_date is null or return_date > final_date)
      row all 流出党员总数 | Gone out
      row s1 . 跨省(区、市)流动 | Across provinces | float_scope = '1'
      row s2 . 省内跨市(地)流动 | Across cities of the province | float_scope = '2'
      row cert . 持有流动党员活动证的 | With a certificate | float_cert_no is not null
      row to . 流向 | Destination
        heading
      rows TARGETS
      row t92 不掌握流向的 | Destination unknown | float_target = '92'
      cols ORIGINS
      check T33.1 hard 总数等于各原职业之和 | The total is the sum of the occupations | T33[*,all] = T33[*,o1+o2+o3+o4+o5+o9]
      check T33.2 hard 总数等于各流向之和 | The total is the sum of the destinations
          | T33[all,*] = T33[t11+t12+t13+t14+t15+t21+t22+t23+t24+t31+t41+t42+t43+t91+t92,*]
        explain floating where float_direction = '1' and float_target is null
    form T34 流动党员(二) 流入 | Floating members (2): come in
      of floating where float_direction = '2' and out_date <= final_date
          and (return_date is null or return_date > final_date)
      row all 流入党员总数 | Come in
      row s1 . 跨省(区、市)流动 | Across provinces | float_scope = '1'
      row s2 . 省内跨市(地)流动 | Across cities of the province | float_scope = '2'
      row cert . 持有流动党员活动证的 | With a certificate | float_cert_no is not null
      rows TARGETS
      row orgs 补充:流动党员党组织 | Organisations of floating members | is_floating_org
        of org where org_status = '1'
        only all
      cols ORIGINS
      check T34.1 hard 总数等于各原职业之和 | The total is the sum of the occupations | T34[*,all] = T34[*,o1+o2+o3+o4+o5+o9]

    form T35 出国(境)党员 | Members abroad
      of overseas where depart_date <= final_date and (return_date is null or return_date > final_date)
      row all 总计 | Total
      row new . 本年出国(境)的 | Gone in the year | depart_date >= first_date
      row probationary . 预备党员 | Probationary | member.member_category = '2'
      row a35 . 35岁及以下 | Up to 35 | member.birth_date > final_date - 36y
      row a60 . 60岁及以上 | 60 and above | member.birth_date <= final_date - 60y
      rows JOIN6 member.join_date
      row p011 党政机关工作人员 | Party and government staff | starts_with(member.job_code, '011')
      row p012 事业单位管理、专业技术人员 | Institution managers and professionals
          | starts_with(member.job_code, '012') or starts_with(member.job_code, '013')
      row p014 企业管理、专业技术人员 | Enterprise managers and professionals
          | starts_with(member.job_code, '014') or starts_with(member.job_code, '015')
          or starts_with(member.job_code, '021') or starts_with(member.job_code, '022')
          or starts_with(member.job_code, '023') or starts_with(member.job_code, '024')
      row p016 工勤技能人员 | Workers | starts_with(member.job_code, '016') or starts_with(member.job_code, '025')
      row p1 农牧渔民 | Farmers | starts_with(member.job_code, '1')
      row p3 学生 | Students | starts_with(member.job_code, '3')
      row p4 离退休人员 | Retirees | starts_with(member.job_code, '4')
      row p5 其他 | Others | starts_with(member.job_code, '5') or starts_with(member.job_code, '2')
      col all 总数 | Total
      col r11 公派:驻外机构 | Official: missions | abroad_reason = '11'
      col r12 公派:劳务输出 | Official: labour | abroad_reason = '12'
      col r13 公派:留学 | Official: study | abroad_reason = '13'
      col overdue 逾期未归 | Overdue | member.job_code = '56'
      col r21 因私:自费留学 | Private: study | abroad_reason = '21'
      col r22 因私:工作 | Private: work | abroad_reason = '22'
      col y1 本年:留学 | In the year: study | abroad_reason in {'13', '21'} and depart_date >= first_date
      col y2 本年:定居 | In the year: settlement | abroad_reason = '23' and depart_date >= first_date
      col y3 本年:探亲 | In the year: family visit | abroad_reason = '24' and depart_date >= first_date
      col y4 本年:继承财产 | In the year: inheritance | abroad_reason = '25' and depart_date >= first_date
      col y5 本年:工作 | In the year: work | abroad_reason in {'11', '12', '22'} and depart_date >= first_date
      check T35.1 hard 总计等于各入党时期之和 | The total is the sum of the periods | T35[all,*] = T35[b3+b4+b5+b6+b7+b8,*]
      check T35.2 hard 总计等于各职业之和 | The total is the sum of the occupations
          | T35[all,*] = T35[p011+p012+p014+p016+p1+p3+p4+p5,*]

    form T36 留学回国党员 | Members returned from study abroad
      of overseas where abroad_reason in {'13', '21'} and return_date <= final_date
      row all 总计 | Total
      row restored . 已恢复组织生活的 | Organisation life restored | life_restored_date <= final_date
      row open . 未恢复组织生活的 | Not restored | life_restored_date is null or life_restored_date > final_date
      row asked .. 其中:已申请恢复的 | Of them applied for it
        keyed
      col all 总数 | Total
      col probationary 预备党员 | Probationary | member.member_category = '2'
      col private 自费留学 | At their own cost | abroad_reason = '21'
      col moved 组织关系转出的 | Relation moved abroad | keep_relation = false
      col kept 组织关系未转出的 | Relation kept at home | keep_relation
      col contact 与组织保持联系的 | Kept contact
        keyed
      col suspended 曾停止党籍的 | Membership was suspended | member.member_state = '2'
      check T36.1 hard 总计等于已恢复与未恢复之和 | The total is restored and not restored | T36[all,all] = T36[restored+open,all]

    form T37 各级党代表 | Delegates of congresses
      of delegate where elected_date <= final_date
      row all 总计 | Total
      row women . 女 | Women | member.sex = '2'
      row minority . 少数民族 | Minorities | member.nation != '01'
      row leaders . 领导干部 | Leading cadres
        keyed
      row front . 生产、工作一线 | Front line | member.frontline in {'01', '02', '03', '04', '05'}
      row trained . 本年参加培训的 | Trained in the year
        keyed
      rows AGE4 member.birth_date
      row ended 代表资格终止的 | Status ended | delegate_end_date <= final_date
      row ended1 . 受党纪处分 | By sanction | delegate_end_kind = '1'
      row ended2 . 辞去代表职务 | Resigned | delegate_end_kind = '2'
      row ended3 . 停止党籍或丧失国籍 | Suspended or nationality lost | delegate_end_kind = '3'
      row ended4 . 调离 | Moved away | delegate_end_kind = '4'
      row ended9 . 其他 | Others | delegate_end_kind = '9'
      col all 总数 | Total
      col l2 省(区、市) | Provincial | congress_level = '2'
      col l3 市(州) | City | congress_level = '3'
      col l4 县(市、区) | County | congress_level = '4'
      col l5 乡(镇) | Township | congress_level = '5'
      check T37.1 hard 总计等于各年龄段之和 | The total is the sum of the ages | T37[all,*] = T37[a35+a54+a59+a60,*]

    form T43 失去联系党员 | Members out of contact
      of member where member_state in {'1', '2', '6'} and join_date <= final_date and lost_contact_date <= final_date
      row all 总计 | Total
      rows SECTOR8 unit.unit_category
      col all 总数 | Total
      col probationary 预备党员 | Probationary | member_category = '2'
      cols PERSON sex nation
      col a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
      col a45 36至45岁 | 36–45 | birth_date <= final_date - 36y and birth_date > final_date - 46y
      col a60 46至60岁 | 46–60 | birth_date <= final_date - 46y and birth_date > final_date - 61y
      col a61 61岁及以上 | 61 and above | birth_date <= final_date - 61y
      col p0 党龄不满1年 | Member for less than a year | full_date is null or full_date > final_date - 1y
      col p5 1至5年 | 1–5 years | full_date <= final_date - 1y and full_date > final_date - 6y
      col p10 6至10年 | 6–10 years | full_date <= final_date - 6y and full_date > final_date - 11y
      col p20 11至20年 | 11–20 years | full_date <= final_date - 11y and full_date > final_date - 21y
      col p21 21年及以上 | 21 years and more | full_date <= final_date - 21y
      cols EDU3 edu.highest
      col t1 失联6至12个月 | For 6–12 months
          | lost_contact_date <= final_date - 6m and lost_contact_date > final_date - 1y
      col t5 1至5年 | For 1–5 years | lost_contact_date <= final_date - 1y and lost_contact_date > final_date - 6y
      col t10 6至10年 | For 6–10 years | lost_contact_date <= final_date - 6y and lost_contact_date > final_date - 11y
      col t11 11年及以上 | For 11 years and more | lost_contact_date <= final_date - 11y
      col r1 外出务工经商 | Left to work or trade | lost_reason = '1'
      col r2 单位改制或破产 | Unit restructured or bankrupt | lost_reason = '2'
      col r3 毕业后去向不明 | Unknown after graduation | lost_reason = '3'
      col r4 工作单位改变 | Changed the unit | lost_reason = '4'
      col r5 出国(境) | Went abroad | lost_reason = '5'
      col r6 居住地改变 | Changed residence | lost_reason = '6'
      col r7 其他 | Others | lost_reason = '7'
      check T43.1 hard 总计等于各类单位之和 | The total is the sum of the kinds of unit
          | T43[all,*] = T43[village+community+organ+institution+public+private+social+other,*]
      check T43.2 hard 总数等于各年龄段之和 | The total is the sum of the ages | T43[*,all] = T43[*,a35+a45+a60+a61]
      check T43.3 hard 总数等于各党龄之和 | The total is the sum of the party ages | T43[*,all] = T43[*,p0+p5+p10+p20+p21]
      check T43.4 soft 失联均在6个月以上 | All have been out of contact for six months | T43[*,all] = T43[*,t1+t5+t10+t11]
        explain member where lost_contact_date > final_date - 6m and lost_contact_date <= final_date
      check T43.5 hard 总数等于各情形之和 | The total is the sum of the circumstances
          | T43[*,all] = T43[*,r1+r2+r3+r4+r5+r6+r7]
        explain member where lost_contact_date <= final_date and lost_reason is null
    """#
}
