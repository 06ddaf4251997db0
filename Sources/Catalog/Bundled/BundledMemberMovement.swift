extension BundledCatalog {
  /// Entities `floating`, `hardship`, `overseas`, `delegate`.
  static let memberMovement = #"""
    entity floating 14 流动党员 | Floating member
      parent member
      key out_date
      item float_direction code:FLOAT_DIR required B 流动方向 | Direction
      item float_scope code:FLOAT_SCOPE required B 流动范围 | Scope of movement
      item out_date date required B 外出日期 | Date of leaving
        refuse out_date <= today | 外出日期不能晚于今天 | Date of leaving is in the future
      item float_reason code:FLOAT_REASON required B 外出原因 | Reason of leaving
      item float_target code:FLOAT_TARGET required B 外出流向 | Kind of destination
      item target_region code:REGION optional B 外出地点 | Destination region
        refuse region6(target_region) | 外出地点应为6位行政区划代码 | The destination is a region code of six digits
      item float_cert_no text optional B 流动党员活动证编号 | Floating-member certificate number
        later uniqueness | No other floating record has the certificate.
      item original_job code:FLOAT_JOB required B 原职业 | Original occupation
      item host_org_name text optional B 流入地党组织 | Receiving organisation
        refuse len(host_org_name) in {2..100} | 流入地党组织应为2至100个字 | Receiving organisation: 2 to 100 characters
      item last_contact_date date required B 最近联系日期 | Date of last contact
        warn return_date is null implies today <= last_contact_date + 6m
          | 已超过6个月未联系 | No contact for more than six months
        refuse last_contact_date <= today | 最近联系日期不能晚于今天 | Date of last contact is in the future
      item return_date date optional B 返回日期 | Date of return
        refuse return_date > out_date | 返回日期应晚于外出日期 | Returned before leaving
    entity hardship 15 困难党员 | Hardship
      parent member
      key identified_date
      item hardship_kind code:HARDSHIP required C 困难类型 | Kind of hardship
      item hardship_reason code:HARD_CAUSE required C 致困原因 | Cause
      item month_income decimal:2 optional C 家庭人均月收入 | Monthly income per head
        refuse month_income >= 0 | 家庭人均月收入不能为负数 | The income is negative
      item help_way code:HELP_WAY optional C 帮扶措施 | Form of help
      item help_amount decimal:2 optional C 慰问金额 | Help amount
        refuse help_amount >= 0 | 慰问金额不能为负数 | The amount is negative
      item identified_date date required C 认定日期 | Date identified
        refuse identified_date <= today | 认定日期不能晚于今天 | Date identified is in the future
      item relieved_date date optional C 脱困日期 | Date relieved
        refuse relieved_date > identified_date | 脱困日期应晚于认定日期 | Relieved before identified
    entity overseas 17 出国(境) | Stay abroad
      parent member
      key depart_date
      item abroad_reason code:ABROAD required B 出国(境)原因 | Reason for going abroad
      item country text required B 前往国家(地区) | Destination
        refuse country2(country)
          | 应为ISO 3166-1两位大写字母代码 | The destination is a code of two capital letters from ISO 3166-1
      item depart_date date required B 出国(境)日期 | Departure date
        refuse depart_date <= today | 出国(境)日期不能晚于今天 | Departure date is in the future
      item keep_relation bool required B 组织关系是否保留 | Relation kept at home
      item return_date date optional B 回国日期 | Return date
        refuse return_date > depart_date | 回国日期应晚于出国(境)日期 | Returned before departing
      item life_restored_date date optional B 恢复组织生活日期 | Date organisation life was restored
        refuse life_restored_date >= return_date | 恢复组织生活不能早于回国 | Organisation life was restored before the return
    entity delegate 18 党代表 | Congress delegate
      parent member
      key congress_level session_no
      item congress_level code:CONGRESS_LEVEL required B 代表大会层级 | Congress level
      item session_no int required B 代表大会届次 | Congress session
        refuse session_no in {1..99} | 代表大会届次应在1至99之间 | Congress session: from 1 to 99
      item electing_unit text required B 选举单位 | Electing unit
        refuse len(electing_unit) in {2..100} | 选举单位应为2至100个字 | Electing unit: 2 to 100 characters
      item elected_date date required B 当选日期 | Date elected
        refuse elected_date <= today | 当选日期不能晚于今天 | Date elected is in the future
      item delegate_end_kind code:DELEGATE_END optional B 代表资格终止情况 | How the delegate status ended
      item delegate_end_date date conditional B 终止日期 | End date
        when delegate_end_kind is not null
        refuse delegate_end_date >= elected_date | 终止日期不能早于当选日期 | Ended before the election
    """#
}
