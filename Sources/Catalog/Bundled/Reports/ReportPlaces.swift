extension BundledReports {
  /// Tables 5 to 7: members of towns and villages, of sub-districts and communities, and students.
  static let places = #"""
    stub FACTS
      line all 总计 | Total
      line women 女 | Women | sex = '2'
        on party_post member_id.sex = '2'
      line a35 35岁及以下 | Up to 35 | birth_date > final_date - 36y
        on party_post member_id.birth_date > final_date - 36y
      line a45 36至45岁 | 36–45 | birth_date <= final_date - 36y and birth_date > final_date - 46y
        on party_post member_id.birth_date <= final_date - 36y and member_id.birth_date > final_date - 46y
      line a54 46至54岁 | 46–54 | birth_date <= final_date - 46y and birth_date > final_date - 55y
        on party_post member_id.birth_date <= final_date - 46y and member_id.birth_date > final_date - 55y
      line a59 55至59岁 | 55–59 | birth_date <= final_date - 55y and birth_date > final_date - 60y
        on party_post member_id.birth_date <= final_date - 55y and member_id.birth_date > final_date - 60y
      line a60 60岁及以上 | 60 and above | birth_date <= final_date - 60y
        on party_post member_id.birth_date <= final_date - 60y
      line b3 1949年9月以前入党 | Joined up to 1949-09 | join_date <= 1949-09-30
        on party_post member_id.join_date <= 1949-09-30
      line b4 1949年10月至1966年4月 | 1949-10 – 1966-04 | join_date in {1949-10-01..1966-04-30}
        on party_post member_id.join_date in {1949-10-01..1966-04-30}
      line b5 1966年5月至1976年10月 | 1966-05 – 1976-10 | join_date in {1966-05-01..1976-10-31}
        on party_post member_id.join_date in {1966-05-01..1976-10-31}
      line b6 1976年11月至1978年12月 | 1976-11 – 1978-12 | join_date in {1976-11-01..1978-12-31}
        on party_post member_id.join_date in {1976-11-01..1978-12-31}
      line b7 1979年1月至2002年10月 | 1979-01 – 2002-10 | join_date in {1979-01-01..2002-10-31}
        on party_post member_id.join_date in {1979-01-01..2002-10-31}
      line b8o until 2012-10-31 2002年11月以后 | Since 2002-11 | join_date >= 2002-11-01
        on party_post member_id.join_date >= 2002-11-01
      line b8 from 2012-11-01 2002年11月至2012年10月 | 2002-11 – 2012-10 | join_date in {2002-11-01..2012-10-31}
        on party_post member_id.join_date in {2002-11-01..2012-10-31}
      line b9 from 2012-11-01 2012年11月以后 | Since 2012-11 | join_date >= 2012-11-01
        on party_post member_id.join_date >= 2012-11-01
      line e3 大专及以上 | College and above
          | starts_with(edu.highest, '1') or starts_with(edu.highest, '2') or starts_with(edu.highest, '3')
      line e4 中专 | Secondary specialised | edu.highest in {'40', '41', '42', '43'}
      line e5 高中、中技 | High and skilled-worker school
          | edu.highest in {'44', '45', '46', '47', '48', '49', '60', '61', '62', '63'}
      line e6 初中及以下 | Junior high or below | edu.highest in {'70', '71', '73', '80', '81', '83', '90'}

    form T5 乡镇、建制村党员 | Members in towns and villages
      of member where member_state in {'1', '6'} and join_date <= final_date
      rows FACTS
      col town 乡镇总数 | Towns, villages included | unit.unit_category in {'13', '14', '16'}
      col village . 其中:建制村 | Of them villages | unit.unit_category = '16'
      col farming .. 从事农牧渔业 | Farming | starts_with(job_code, '1')
      col committee 村党组织委员 | Members of village committees
        of party_post where post_status = '1' and org.host.unit_category = '16'
      col committee2 . 其中:兼任村委会委员 | Of them in the villagers' committee too
        keyed
      col secretary 村党组织书记 | Village secretaries | post_code = '01'
        of party_post where post_status = '1' and org.host.unit_category = '16'
      col secretary2 . 其中:兼任村委会主任 | Of them heads of the villagers' committee too
        keyed
      col villagers 补充:村委会委员 | Villagers' committee members
        keyed
      col heads 补充:村委会主任 | Heads of villagers' committees
        keyed
      check T5.1 hard 总计等于各年龄段之和 | The total is the sum of the ages | T5[all,*] = T5[a35+a45+a54+a59+a60,*]
      check T5.2 hard 建制村不大于乡镇总数 | Villages are among the towns | T5[*,village] <= T5[*,town]
    form T6 街道、社区党员 | Members in sub-districts and communities
      of member where member_state in {'1', '6'} and join_date <= final_date
      rows FACTS
      col street 城市街道 | Urban sub-districts | unit.unit_category in {'11', '12'}
      col urban . 其中:城市社区 | Of them urban communities | unit.unit_category = '12'
      col rural 乡镇社区 | Town communities | unit.unit_category = '15'
      col committee 社区党组织委员 | Members of community committees
        of party_post where post_status = '1' and org.host.unit_category in {'12', '15'}
      col committee2 . 其中:兼任居委会委员 | Of them in the residents' committee too
        keyed
      col secretary 社区党组织书记 | Community secretaries | post_code = '01'
        of party_post where post_status = '1' and org.host.unit_category in {'12', '15'}
      col secretary2 . 其中:兼任居委会主任 | Of them heads of the residents' committee too
        keyed
      col residents 补充:居委会委员 | Residents' committee members
        keyed
      col heads 补充:居委会主任 | Heads of residents' committees
        keyed
      check T6.1 hard 总计等于各年龄段之和 | The total is the sum of the ages | T6[all,*] = T6[a35+a45+a54+a59+a60,*]
    form T7 学生党员 | Student members
      of member where member_state in {'1', '6'} and join_date <= final_date and starts_with(job_code, '3')
      row all 总计 | Total
      row g1 . 研究生 | Postgraduates | starts_with(job_code, '31')
      row g11 .. 毕业年级 | Final year | job_code = '311'
      row g12 .. 一年级 | First year | job_code = '312'
      row g13 .. 其他年级 | Other years | job_code = '313'
      row g2 . 大学本科 | Undergraduates | starts_with(job_code, '32')
      row g21 .. 毕业年级 | Final year | job_code = '321'
      row g22 .. 一年级 | First year | job_code = '322'
      row g23 .. 其他年级 | Other years | job_code = '323'
      row g3 . 大学专科 | Junior college | starts_with(job_code, '33')
      row g31 .. 毕业年级 | Final year | job_code = '331'
      row g32 .. 一年级 | First year | job_code = '332'
      row g33 .. 其他年级 | Other years | job_code = '333'
      row g4 . 中专 | Secondary specialised | job_code = '341'
      row g5 . 高中、中技 | High and skilled-worker school | job_code in {'342', '343'}
      row students 补充:学生总数 | All students
        keyed
        only all women minority
      row teachers 补充:教师总数 | All teachers
        keyed
        only all women minority
      col all 总数 | Total
      cols PERSON sex nation
      col new 本年发展 | Admitted in the year
          | join_date >= first_date and branch_entry_kind not in {'141', '151', '181'}
      col new2 . 女 | Women | sex = '2'
      col new3 . 少数民族 | Minorities | nation != '01'
      check T7.1 hard 本年发展与表16学生行相等 | As many admitted as Table 16 has students | T7[all,new] = T16[j3,all]
        explain member where starts_with(job_code, '3') and join_date >= first_date and join_date <= final_date
          and member_state not in {'1', '6'}
      check T7.2 hard 总计等于各类之和 | The total is the sum of its kinds | T7[all,*] = T7[g1+g2+g3+g4+g5,*]
    """#
}
