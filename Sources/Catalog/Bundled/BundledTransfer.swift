extension BundledCatalog {
  /// Entities `transfer`.
  static let transfer = #"""
    entity transfer 6 组织关系接转 | Transfer of relations
      owner holder_org
      key transfer_no
      index 1 member member_id
      index 2 holder holder_org
      relation member reference member_id
      relation org reference holder_org
      item transfer_type code:TRANSFER_TYPE required B 接转类型 | Transfer type
      item transfer_reason code:TRANSFER_REASON required B 接转原因 | Reason
      item from_org_code ref:org conditional B 转出党支部 | From branch
        when transfer_type in {'1', '2', '5'}
        later references | The organisation exists somewhere in the network.
      item to_org_code ref:org conditional B 转入党支部 | To branch
        when transfer_type in {'1', '3', '5'}
        later references | The organisation exists somewhere in the network.
      item external_org_name text conditional B 市外党组织名称 | Organisation outside the city
        when transfer_type in {'2', '3', '4'}
      item letter_no text optional B 介绍信编号 | Letter number
        refuse len(letter_no) in {6..40}
          | 介绍信编号应为年份、组织序号和顺序号,6至40个字 | A letter number is year, organisation and number, 6 to 40 characters
        later uniqueness | No other letter of the issuing committee has the number.
      item issue_date date required B 开具日期 | Issue date
        refuse issue_date <= today | 开具日期不能晚于今天 | Issue date is in the future
      item valid_days int required B 有效期天数 | Validity in days
        refuse valid_days in {1..90} | 有效期应在1至90天之间 | A letter is valid for 1 to 90 days
      item dues_paid_through int required B 党费交至年月 | Dues paid through
        refuse valid_month(dues_paid_through) | 党费交至年月应为yyyymm | The month is written yyyymm
        refuse dues_paid_through >= yyyymm(issue_date - 1m)
          | 党费应交至开具介绍信的上月 | Dues are not paid through the month before the letter
      item state code:TRANSFER_STATE required B 办理状态 | State
        later history | Moves along the edges of the transfer procedure only.
      item handler_org_code ref:org required B 当前办理党组织 | Current handling organisation
        later references | The organisation exists somewhere in the network.
      item out_approval_date date optional B 转出审批日期 | Date approved for out-transfer
        refuse out_approval_date <= issue_date | 转出审批不能晚于开具日期 | Approved after the letter was issued
      item in_approval_date date optional B 转入审批日期 | Date approved for in-transfer
        refuse in_approval_date <= issue_date + days(valid_days) | 转入审批时介绍信已过期 | Accepted after the letter had expired
      item report_in_date date optional B 党员报到日期 | Date the member reported in
        refuse report_in_date >= issue_date | 报到日期不能早于开具日期 | Reported in before the letter was issued
      item receipt_date date optional B 回执日期 | Receipt date
        refuse receipt_date <= in_approval_date + 1m
          | 回执应在接收后1个月内 | The receipt came later than a month after acceptance
      item return_reason code:RETURN_REASON conditional B 退回原因 | Reason of return
        when state in {'40', '41'}
      system member_id ref:member required B 接转党员 | Member transferred
        later references | The record exists somewhere in the network.
      system transfer_no text required B 接转编号 | Transfer number
      system holder_org ref:org required B 持有党组织 | Organisation that holds this half
        later references | The record exists somewhere in the network.
    """#
}
