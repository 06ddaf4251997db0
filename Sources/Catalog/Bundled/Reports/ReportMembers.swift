extension BundledReports {
  /// Tables 1 to 4: how many members, and who they are.
  static let members = #"""
    form T1 党员数量变化情况 | Changes in the number of members
      of member where member_state in {'1', '6'} and join_date <= final_date
      during
      col n 数量 | Number
      # Who was here when the year began, from what records say of today: whoever is here, joined before and did not come
      # in from outside meanwhile; and whoever left meanwhile. So the table's balance holds only if changes were recorded.
      row stayed 年初即在册 | Here all year
          | join_date < first_date and not (branch_entry_date >= first_date and branch_entry_date <= final_date
          and branch_entry_kind in {'141', '151', '161', '181', '191'})
        working
      row gone 年内减少 | Left during the year
          | member.join_date < first_date
          and (change_kind in {'24', '25'} or member.member_state not in {'1', '6'})
          and not (member.branch_entry_date >= first_date and member.branch_entry_kind in {'141', '151', '181', '191'})
        of membership_change where change_date >= first_date and change_date <= final_date
          and change_kind in {'21', '22', '23', '24', '25', '32'}
        working
      row last 一、上年底党员总数 | Members at the end of last year
        total stayed + gone
      row inc 二、本年增加 | Increase
        total admitted + restored + in
      row admitted . 发展党员 | Admitted
          | true
        of member where join_date >= first_date and join_date <= final_date
          and branch_entry_kind not in {'141', '151', '181'}
      row rejoined .. 其中:重新入党 | Of them rejoined | join_kind = '12'
      row restored . 恢复党籍 | Membership restored | change_kind = '13'
        of membership_change where change_date >= first_date and change_date <= final_date
      row resumed .. 其中:停止党籍后恢复 | Of them after suspension | increase_code = '21'
      row in . 转入组织关系 | Moved in | change_kind in {'14', '15'}
        of membership_change where change_date >= first_date and change_date <= final_date
      row inwhole .. 其中:整建制转入 | Of them as a whole | change_kind = '15'
      row dec 三、本年减少 | Decrease
        total out + suspended + died + moved
      row out . 出党 | Left or expelled | change_kind in {'21', '32'}
        of membership_change where change_date >= first_date and change_date <= final_date
      row suspended . 停止党籍 | Suspended | change_kind = '22'
        of membership_change where change_date >= first_date and change_date <= final_date
      row died . 死亡 | Died | change_kind = '23'
        of membership_change where change_date >= first_date and change_date <= final_date
      row moved . 转出组织关系 | Moved out | change_kind in {'24', '25'}
        of membership_change where change_date >= first_date and change_date <= final_date
      row movedwhole .. 其中:整建制转出 | Of them as a whole | change_kind = '25'
      row due 四、年底应有党员数 | Members there should be
        total last + inc - dec
      row actual 五、年底实有党员数 | Members there are
      row diff 六、差 | Difference
        total actual - due
      note 党员以年底在册为准,接转中的由原组织统计 | Members as recorded at the year's end; one in transfer counts in the old organisation
      note 变动记录随党员档案走:市内调出的党员,其转出记录由现组织统计
          | A record of change is where its member is: of who moved inside the city, the move out counts where he is now
      check T1.1 hard 实有数与应有数相等 | There are as many as there should be | T1[diff,n] = 0
        explain member where member_state in {'1', '6'} and branch_entry_date >= first_date
          and branch_entry_date <= final_date and branch_entry_kind in {'141', '151', '161', '181', '191'}
      check T1.2 hard 其中项不大于总项:重新入党 | Rejoined are among the admitted | T1[rejoined,n] <= T1[admitted,n]
      check T1.3 hard 其中项不大于总项:整建制转入 | Moved in as a whole are among those moved in | T1[inwhole,n] <= T1[in,n]
      check T1.4 hard 其中项不大于总项:整建制转出 | Moved out as a whole are among those moved out
          | T1[movedwhole,n] <= T1[moved,n]

    form T2 党员基本情况 | Members
      of member where member_state in {'1', '6'} and join_date <= final_date
      rows JOB job_code
      row paid 补充:按时足额交纳党费的 | Paid dues on time
          | period = yyyymm(final_date) and relief_kind = '0' and paid_amount >= due_amount and paid_date <= final_date
        of dues where member.member_state in {'1', '6'}
        only all
      row reduced 补充:少交党费的 | Reduced dues | period = yyyymm(final_date) and relief_kind = '1'
        of dues where member.member_state in {'1', '6'}
        only all
      row exempt 补充:免交党费的 | Exempt from dues | period = yyyymm(final_date) and relief_kind = '2'
        of dues where member.member_state in {'1', '6'}
        only all
      row extra 补充:一次多交1000元以上的 | Paid 1,000 yuan or more beyond their dues
          | extra_amount >= 1000 and paid_date >= first_date and paid_date <= final_date
        of dues where member.member_state in {'1', '6'}
        only all
      row title1 补充:高级专业技术职务 | Senior professional titles | prof_level = '1'
        of member_duty where leave_date is null and member.member_state in {'1', '6'}
        only all women
      row title2 补充:中级专业技术职务 | Intermediate professional titles | prof_level = '2'
        of member_duty where leave_date is null and member.member_state in {'1', '6'}
        only all women
      row title3 补充:初级专业技术职务 | Junior professional titles | prof_level = '3'
        of member_duty where leave_date is null and member.member_state in {'1', '6'}
        only all women
      col all 总数 | Total
      col probationary 预备党员 | Probationary | member_category = '2'
      col women 女 | Women | sex = '2'
        on member_duty member.sex = '2'
      col minority 少数民族 | Minorities | nation != '01'
      col taiwan 台湾省籍 | Of Taiwan | is_taiwan_native
      cols AGE10 birth_date
      check T2.1 hard 总计等于各类岗位之和 | The total is the sum of the posts
          | T2[all,*] = T2[j0+j1+j2+j3+j4+j5,*]
        explain member where member_state in {'1', '6'} and join_date <= final_date and job_code is null
      check T2.2 hard 在岗职工等于公有与非公有之和 | Employees are those of public and of other units
          | T2[j0,*] = T2[j01+j02,*]
        explain member where member_state in {'1', '6'} and join_date <= final_date and job_code = '0'
      check T2.3 hard 公有制单位等于各类之和 | Public units are the sum of their posts
          | T2[j01,*] = T2[j011+j012+j013+j014+j015+j016,*]
        explain member where member_state in {'1', '6'} and join_date <= final_date and job_code = '01'
      check T2.4 hard 非公有制单位等于各类之和 | Non-public units are the sum of their posts
          | T2[j02,*] = T2[j021+j022+j023+j024+j025,*]
        explain member where member_state in {'1', '6'} and join_date <= final_date and job_code = '02'
      check T2.5 hard 总数等于各年龄段之和 | The total is the sum of the ages
          | T2[*,all] = T2[*,a30+a35+a40+a45+a50+a55+a60+a65+a70+a71]
        explain member where member_state in {'1', '6'} and join_date <= final_date and birth_date is null
      check T2.6 hard 总数与实有党员数相等 | As many members as Table 1 has | T2[all,all] = T1[actual,n]
      check T2.7 soft 预备党员不少于本年发展 | Probationary members are at least those admitted in the year
          | T2[all,probationary] >= T1[admitted,n]
        explain member where join_date >= first_date and join_date <= final_date and member_category != '2'

    form T3 党员入党时间 | Members by time of joining
      of member where member_state in {'1', '6'} and join_date <= final_date
      rows JOB job_code
      row stratum 补充:新的社会阶层 | New social strata | stratum is not null
        only all
      col all 总数 | Total
      cols JOIN9 join_date
      check T3.1 hard 总数等于各时期之和 | The total is the sum of the periods
          | T3[*,all] = T3[*,b1+b2+b3+b4+b5+b6+b7+b8o+b8+b9]
      check T3.2 hard 与表2各行总数相等 | The same totals as Table 2, row by row | T3[*,all] = T2[*,all]

    form T4 党员学历 | Members by education
      of member where member_state in {'1', '6'} and join_date <= final_date
      rows JOB job_code
      col all 总数 | Total
      cols EDU6 edu.highest
      check T4.1 hard 总数等于各学历之和 | The total is the sum of the educations
          | T4[*,all] = T4[*,e1+e2+e3+e4+e5+e6]
        explain member where member_state in {'1', '6'} and join_date <= final_date and edu.highest is null
      check T4.2 hard 与表2各行总数相等 | The same totals as Table 2, row by row | T4[*,all] = T2[*,all]
    """#
}
