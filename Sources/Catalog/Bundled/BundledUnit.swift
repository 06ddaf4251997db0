extension BundledCatalog {
  /// Entities `unit`.
  static let unit = #"""
    entity unit 2 单位 | Unit
      owner registered_by
      key unit_uscc
      key unit_name region_code
      index 1 name unit_name
      item unit_name text required A 单位名称 | Unit name
        refuse len(unit_name) in {2..100} | 单位名称应为2至100个字 | Unit name: 2 to 100 characters
      item unit_uscc text conditional A 统一社会信用代码(组织机构代码) | Unified social credit code (older: organisation code)
        when is_legal_entity
        refuse uscc18(unit_uscc) or orgcode9(unit_uscc) | 统一社会信用代码(18位)或组织机构代码(8位-校验位)校验错误
          | Neither a unified social credit code nor an organisation code: the check character is wrong
        later uniqueness | No other unit has the code.
      item unit_category code:UNIT_CAT required A 单位类别 | Unit category
      item is_legal_entity bool required A 法人单位标识 | Legal entity flag
      item subordination code:SUBORD required A 单位隶属关系 | Subordination
      item region_code code:REGION required A 所在行政区划 | Region code
        refuse region(region_code) | 行政区划代码应为6、9或12位 | The region code has 6, 9 or 12 digits
      item industry code:INDUSTRY optional A 国民经济行业 | Industry section
      item econ_type code:ECON_TYPE conditional A 经济类型 | Economic type
        when starts_with(unit_category, '2')
      item enterprise_scale code:SCALE conditional A 企业规模 | Enterprise scale
        when starts_with(unit_category, '2')
      item address text optional A 单位地址 | Address
        refuse len(address) <= 120 | 单位地址不能超过120个字 | Address: at most 120 characters
      item legal_rep_name text conditional C 法定代表人 | Legal representative
        when is_legal_entity
        refuse len(legal_rep_name) in {2..30} | 法定代表人应为2至30个字 | Legal representative: 2 to 30 characters
      item legal_rep_is_member bool conditional B 法定代表人是否党员 | Legal representative is a member
        when starts_with(unit_category, '23')
      item legal_rep_is_secretary bool optional A 法定代表人兼任书记 | Legal representative is also secretary
        refuse legal_rep_is_secretary implies legal_rep_is_member
          | 兼任书记的法定代表人应是党员 | A legal representative who is secretary is a member
      item staff_total int required A 在岗职工(从业人员)数 | Employees
        refuse staff_total in {0..500000} | 在岗职工(从业人员)数应在0至500000之间 | Employees: from 0 to 500000
      item staff_female int optional A 女职工数 | Female employees
        refuse staff_female >= 0 | 女职工数不能为负数 | Female employees: the number is negative
        refuse staff_female <= staff_total | 女职工数不能多于职工总数 | Female employees: more than all employees
      item staff_professional int optional A 专业技术人员数 | Professional and technical staff
        refuse staff_professional >= 0 | 专业技术人员数不能为负数 | Professionals: the number is negative
        refuse staff_professional <= staff_total | 专业技术人员数不能多于职工总数 | Professionals: more than all employees
      item staff_workers int optional A 工勤技能人员数 | Manual and skilled workers
        refuse staff_workers >= 0 | 工勤技能人员数不能为负数 | Workers: the number is negative
        refuse staff_workers <= staff_total | 工勤技能人员数不能多于职工总数 | Workers: more than all employees
      item staff_members int required A 职工中党员数 | Members among employees
        refuse staff_members >= 0 | 职工中党员数不能为负数 | Members: the number is negative
        refuse staff_members <= staff_total | 职工中党员数不能多于职工总数 | Members: more than all employees
        later counting | Warn when fewer than the members registered with this unit.
      item members_not_moved int optional A 未转入组织关系的党员数 | Members whose relation is elsewhere
        refuse members_not_moved >= 0 | 人数不能为负数 | The number is negative
        refuse members_not_moved <= staff_members | 未转入组织关系的党员数不能多于职工中党员数 | More than the members among the employees
      item org_state code:UNIT_ORG_STATE required A 建立党组织情况 | Party organisation state
        later register | Agrees with the organisations that name the unit as host.
      item should_have_org bool required A 是否应建未建 | Should have but lacks an organisation
        computed three or more full members work in the unit and org_state is 50 or above
      item has_instructor bool conditional A 是否选派党建工作指导员 | Party-building instructor assigned
        when starts_with(unit_category, '23') and org_state >= '50'
      item instructor_name text conditional A 党建工作指导员 | Instructor
        when has_instructor
        refuse len(instructor_name) in {2..30} | 党建工作指导员应为2至30个字 | Instructor: 2 to 30 characters
      item has_trade_union bool optional A 是否建立工会 | Has trade union
      item has_league_org bool optional A 是否建立共青团组织 | Has youth league organisation
      item village_income_yuan decimal:2 conditional A 村集体经济年收入 | Annual village collective income
        when unit_category = '16'
        refuse village_income_yuan >= 0 | 村集体经济年收入不能为负数 | The income is negative
      item unit_status code:UNIT_STATUS required A 单位状态 | Unit status
      system registered_by ref:org optional A 登记党组织 | Registering organisation
        later references | The record exists somewhere in the network.
    """#
}
