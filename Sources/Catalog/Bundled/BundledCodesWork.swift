extension BundledCatalog {
  /// Codes of work, rank and stratum.
  static let codesWork = #"""
    codes JOB
      0 在岗职工 | Employees
      01 公有制单位 | Public units
      011 党政机关工作人员 | Party and government staff
      0111 公务员 | Civil servant
      0112 参照公务员法管理的人员 | Staff managed like civil servants
      012 事业单位管理人员 | Institution managers
      013 事业单位专业技术人员 | Institution professionals
      014 公有企业管理人员 | Public-enterprise managers
      015 公有企业专业技术人员 | Public-enterprise professionals
      016 公有制单位工勤技能人员 | Public-unit workers
      0161 机关工勤岗位 | Worker in an organ
      0162 事业单位工勤岗位 | Worker in an institution
      0163 公有企业工勤岗位 | Worker in a public enterprise
      0164 公有制单位农民工 | Migrant worker in a public unit
      02 非公有制单位 | Non-public units
      021 非公企业管理人员 | Non-public-enterprise managers
      022 非公企业专业技术人员 | Non-public-enterprise professionals
      023 民办非企业单位管理人员 | Private non-enterprise managers
      024 民办非企业单位专业技术人员 | Private non-enterprise professionals
      025 非公有制单位工勤技能人员 | Non-public-unit workers
      0251 非公企业工勤岗位 | Worker in a non-public enterprise
      0252 民办非企业工勤岗位 | Worker in a private non-enterprise unit
      0253 非公有制单位农民工 | Migrant worker in a non-public unit
      1 农牧渔民 | Farmers, herders, fishers
      111 农牧渔业生产人员 | Agricultural producer
      112 乡村医生 | Village doctor
      113 外出务工经商人员 | Gone out to work or trade
      119 其他农牧渔民 | Other farmer
      2 军人、武警 | Military and armed police
      3 学生 | Students
      311 研究生毕业年级 | Postgraduate, final year
      312 研究生一年级 | Postgraduate, first year
      313 研究生其他年级 | Postgraduate, other years
      321 大学本科毕业年级 | Undergraduate, final year
      322 大学本科一年级 | Undergraduate, first year
      323 大学本科其他年级 | Undergraduate, other years
      331 大学专科毕业年级 | Junior college, final year
      332 大学专科一年级 | Junior college, first year
      333 大学专科其他年级 | Junior college, other years
      341 中等专业学校学生 | Secondary specialised school student
      342 高中学生 | High school student
      343 技工学校学生 | Skilled-worker school student
      4 离退休人员 | Retirees
      41 离休干部 | Veteran cadre
      42 退休人员 | Retired
      43 退职人员 | Left work early
      44 内部退养职工 | Internal early retirement
      5 其他 | Others
      51 大学生村官 | Graduate village official
      52 社区工作人员 | Community worker
      53 个体工商户从业人员 | Worker in an individual business
      54 自由职业人员 | Freelancer
      55 待安置、未就业人员 | Awaiting placement or unemployed graduate
      56 出国逾期未归人员 | Overdue abroad
      57 下岗失业人员 | Laid off or unemployed
      58 关系在人才服务中心、职业不明 | At a talent centre, occupation unknown
      59 其他从业人员 | Other
    codes FRONTLINE
      01 企业生产第一线 | Enterprise production front line
      02 农村生产第一线 | Rural production front line
      03 教学第一线 | Teaching front line
      04 科研第一线 | Research front line
      05 机关第一线 | Organ front line
      9 非一线 | Not front line
    codes STRATUM
      1 民营科技企业技术人员 | Technical staff of private technology enterprises
      2 受聘于外资企业管理技术人员 | Managers and technicians of foreign-funded enterprises
      3 个体劳动者 | Self-employed
      31 城镇个体劳动者 | Urban self-employed
      39 其他个体劳动者 | Other self-employed
      4 私营企业主 | Private entrepreneur
      41 民营科技企业创业人员 | Founder of a private technology enterprise
      49 其他私营企业主 | Other private entrepreneur
      5 中介组织从业人员 | Staff of intermediary organisations
      6 自由职业人员 | Freelancer
    codes PROF_LEVEL
      1 高级 | Senior
      2 中级 | Intermediate
      3 初级 | Junior
      9 无 | None
    codes DUTY_LEVEL
      1 省部级及以上 | Provincial or ministerial level and above
      2 厅局级正职 | Bureau level, chief
      3 厅局级副职 | Bureau level, deputy
      4 县处级正职 | County level, chief
      5 县处级副职 | County level, deputy
      6 乡科级正职 | Township level, chief
      7 乡科级副职 | Township level, deputy
      8 科员 | Section staff
      9 办事员及其他 | Clerk and other
    """#
}
