extension BundledCatalog {
  /// Entities `activity`, `dues_remit`.
  static let organisationLife = #"""
    entity activity 22 组织生活 | Activity
      parent org
      key held_at activity_no
      index 1 held held_at
      item activity_type code:ACTIVITY_TYPE required B 组织生活类型 | Activity type
      item theme text required B 主题 | Theme
        refuse len(theme) in {2..200} | 主题应为2至200个字 | Theme: 2 to 200 characters
      item held_at minute required B 开展时间 | Time held
        refuse date(held_at) <= today + 1d | 开展时间不能晚于明天 | The activity lies further ahead than tomorrow
      item place text required B 地点 | Place
        refuse len(place) in {2..100} | 地点应为2至100个字 | Place: 2 to 100 characters
      item host text required B 主持人 | Host
        refuse len(host) in {2..30} | 主持人应为2至30个字 | Host: 2 to 30 characters
      item recorder text required B 记录人 | Recorder
        refuse len(recorder) in {2..30} | 记录人应为2至30个字 | Recorder: 2 to 30 characters
      item lecturer text conditional B 党课主讲人 | Lecturer of the party lesson
        when activity_type = '04'
      item expected_count int required B 应到人数 | Expected attendance
        refuse expected_count >= 0 | 应到人数不能为负数 | The number is negative
        later counting | Equals the active members of the branch or group at that time.
      item present_count int required B 实到人数 | Actual attendance
        refuse present_count >= 0 | 实到人数不能为负数 | The number is negative
        refuse present_count <= expected_count | 实到人数不能多于应到人数 | More present than expected
        refuse activity_type in {'01', '02'} implies present_count * 2 > expected_count
          | 党员大会、委员会会议到会人数应超过半数 | A meeting needs more than half of those expected
      item absentees text conditional B 缺席人员及原因 | Absentees with reason
        when present_count < expected_count
        later register | Lists members with their kind of attendance.
      item content text required B 主要内容 | Main content
        refuse len(content) in {1..20000} | 主要内容应为1至20000个字 | Main content: 1 to 20000 characters
      item resolution text optional B 决议事项 | Resolution
        refuse len(resolution) <= 4000 | 决议事项不能超过4000个字 | Resolution: at most 4000 characters
      system activity_no int required B 活动编号 | Activity number
    entity dues_remit 23 党费上缴 | Dues remittance
      parent org
      key remit_period
      item remit_period text required B 上缴期间 | Remittance period
        refuse remittance_period(remit_period)
          | 上缴期间应为yyyymm、yyyyQn或yyyyHn | The period is a month yyyymm, a quarter yyyyQn or a half-year yyyyHn
      item collected_total decimal:2 required B 收缴总额 | Total collected
        refuse collected_total >= 0 | 收缴总额不能为负数 | The amount is negative
        later counting | Equals the dues paid in the subtree for the period.
      item retained_total decimal:2 required B 留存金额 | Amount retained
        refuse retained_total = collected_total - remitted_total
          | 留存金额应等于收缴总额减上缴金额 | Retained is not collected less remitted
      item remitted_total decimal:2 required B 上缴金额 | Amount remitted
        refuse remitted_total >= 0 | 上缴金额不能为负数 | The amount is negative
        refuse remitted_total <= collected_total | 上缴金额不能多于收缴总额 | More remitted than collected
      item published_date date optional B 党费收支公布日期 | Date accounts were published
        refuse published_date <= today | 党费收支公布日期不能晚于今天 | Date accounts were published is in the future
        later history | Accounts are published at least once a year.
    """#
}
