extension BundledCatalog {
  /// Entities `member`.
  static let member = #"""
    entity member 3 党员 | Member
      owner branch_code
      key id_card
      index 1 name_birth name birth_date
      index 2 branch branch_code
      index 3 joined join_date
      index 4 mobile mobile
      relation branch reference branch_code
      relation org reference branch_code
      relation unit reference unit_id
      relation edu child member_edu where is_highest
      alias joined join_date
      item member_id text required B 党员编号 | Member number
        refuse len(member_id) in {1..32} | 党员编号应为1至32个字 | The number has 1 to 32 characters
        later uniqueness | No member ever had the number before.
        later history | Never changes.
      item name text required B 姓名 | Name
        refuse len(name) in {2..30} | 姓名应为2至30个字 | Name: 2 to 30 characters
        refuse han_name(name) | 姓名只能含汉字和间隔号“·” | The name holds other characters than Chinese ones and the middle dot
      item former_name text optional C 曾用名 | Former name
        refuse len(former_name) <= 30 | 曾用名不能超过30个字 | Former name: at most 30 characters
      item id_card text required C 公民身份号码 | Citizen identity number
        refuse gb11643(id_card) | 公民身份号码格式或校验位错误 | The identity number is malformed or its check character is wrong
        later uniqueness | No other living member has the number.
      item sex code:SEX required B 性别 | Sex
        refuse sex = sex_of(id_card) | 性别与公民身份号码不一致 | The sex contradicts the identity number
      item birth_date date required B 出生日期 | Date of birth
        warn birth_date = birth_of(id_card)
          | 出生日期与公民身份号码不一致(以档案为准) | The date of birth differs from the identity number; the file's date prevails
        refuse birth_date <= today | 出生日期不能晚于今天 | Date of birth is in the future
      item nation code:NATION required B 民族 | Ethnic group
      item native_place code:REGION optional B 籍贯 | Native place
        refuse region6(native_place) | 籍贯应为6位行政区划代码 | The native place is a region code of six digits
      item is_taiwan_native bool optional B 是否台湾省籍 | Of Taiwan native place
      item marital_status code:MARITAL optional C 婚姻状况 | Marital status
      item health code:HEALTH optional C 健康状况 | Health
      item work_start_date date optional B 参加工作日期 | Date of first employment
        refuse work_start_date >= birth_date + 14y | 参加工作时应年满14周岁 | First employment before the age of 14
        refuse work_start_date <= today | 参加工作日期不能晚于今天 | Date of first employment is in the future
      item job_code code:JOB required B 工作岗位 | Work post
      item unit_id ref:unit optional B 工作(学习)单位 | Work or study unit
        later references | The unit exists somewhere in the network.
      item is_migrant_worker bool optional B 是否农民工 | Migrant worker
        refuse is_migrant_worker = (job_code in {'0164', '0253'})
          | 农民工标识与工作岗位不一致 | The migrant worker flag contradicts the work post
      item is_dispatched bool optional B 是否劳务派遣工 | Dispatched worker
      item frontline code:FRONTLINE optional B 一线情况 | Front-line work
      item stratum code:STRATUM optional B 新社会阶层类型 | New social stratum
        refuse stratum is null or starts_with(job_code, '02') or starts_with(job_code, '5')
          | 该工作岗位不应填写新社会阶层类型 | Members with this work post belong to no new social stratum
      item branch_code ref:org required B 所在党支部 | Branch
        refuse branch.org_category in {'631', '632', '931', '932'} | 党员应编入党支部 | A member belongs to a branch
        later references | The organisation exists somewhere in the network.
      item party_group_no int optional B 所在党小组 | Party group
        refuse party_group_no >= 1 | 党小组序号从1开始 | Party groups are numbered from 1
        refuse party_group_no <= branch.party_group_count | 所在支部没有这个党小组 | The branch has no such party group
      item branch_entry_date date required B 进入支部日期 | Date of entering the branch
        refuse branch_entry_date >= join_date | 进入支部日期不能早于入党日期 | Entered the branch before joining
        refuse branch_entry_date <= today | 进入支部日期不能晚于今天 | Date of entering the branch is in the future
      item branch_entry_kind code:BRANCH_MOVE required B 进入支部类型 | Kind of entry into the branch
        refuse starts_with(branch_entry_kind, '1') | 进入支部类型应为转入类(1开头) | A kind of entry begins with 1
      item member_category code:MEMBER_CAT required B 人员类别 | Member category
        later history | From probationary to full only by a conversion.
      item member_state code:MEMBER_STATE required B 党籍状态 | Membership state
        later history | Ends by a membership change; the record is never removed.
      item join_date date required B 加入党组织日期 | Date of joining
        refuse join_date >= birth_date + 18y | 入党时应年满18周岁 | Joined before the age of 18
        refuse join_date <= today | 加入党组织日期不能晚于今天 | Date of joining is in the future
        refuse join_date >= 1921-07-01 | 入党日期不能早于1921年7月1日 | The date of joining lies before July 1921
        later register | Equals the date of the admitting branch meeting (joined since 1982-09-06).
      item join_kind code:JOIN_KIND required B 入党类型 | Kind of joining
      item join_branch_name text optional B 入党时所在党支部 | Branch at joining
        refuse len(join_branch_name) in {2..100} | 入党时所在党支部应为2至100个字 | Branch at joining: 2 to 100 characters
      item sponsor_1 text conditional B 入党介绍人一 | Sponsor 1
        when join_date >= 1982-09-06
        later register | Was a full member when the member joined.
      item sponsor_2 text conditional B 入党介绍人二 | Sponsor 2
        when join_date >= 1982-09-06
        refuse sponsor_2 != sponsor_1 | 两名入党介绍人不能是同一人 | Both sponsors are the same person
      item probation_end_date date optional B 预备期满日期 | End of probation
        computed join_date + 1y, moved by an approved extension (change kind 31)
      item full_date date conditional B 转为正式党员日期 | Date of becoming a full member
        when member_category = '1'
        refuse join_date > 1982-09-06 implies full_date >= join_date + 1y
          | 转正日期应在入党满1年之后 | Became a full member within a year of joining
        refuse full_date >= join_date | 转正日期不能早于入党日期 | Became a full member before joining
      item conversion_result code:CONVERSION optional B 转正情况 | Conversion result
      item party_age_adjust int optional B 党龄校正值 | Party-age correction in months
        refuse party_age_adjust in {-600..600} | 党龄校正值应在-600至600个月之间 | The correction lies outside 600 months
      item household_region code:REGION optional C 户籍所在地 | Household registration region
        refuse region6(household_region) | 户籍所在地应为6位行政区划代码 | The household region is a region code of six digits
      item police_station text optional C 户籍所在派出所 | Police station of registration
        refuse len(police_station) <= 60 | 户籍所在派出所不能超过60个字 | Police station of registration: at most 60 characters
      item address text required C 现居住地 | Current address
        refuse len(address) in {4..120} | 现居住地应为4至120个字 | Current address: 4 to 120 characters
      item mobile text optional C 手机号码 | Mobile phone
        refuse mobile(mobile) | 手机号码应为11位、以13至19开头 | A mobile number has eleven digits and begins with 13 to 19
      item phone text optional C 其他联系电话 | Other phone
        refuse phone(phone) | 联系电话应为手机号码或带区号的固定电话 | The phone is neither a mobile number nor a landline with area code
      item archive_unit text optional B 党员档案所在单位 | Unit keeping the file
        refuse len(archive_unit) <= 100 | 党员档案所在单位不能超过100个字 | Unit keeping the file: at most 100 characters
      item other_party code:POLITICAL optional C 第二党派 | Other party
      item lost_contact_date date optional C 失去联系日期 | Date of losing contact
        refuse lost_contact_date <= today | 失去联系日期不能晚于今天 | Date of losing contact is in the future
        later register | Equals the date of the last activity or dues.
      item lost_reason code:LOST_REASON conditional C 失去联系情形 | Circumstances of losing contact
        when lost_contact_date is not null
      system age int optional B 年龄 | Age
        derived age(birth_date, today)
      system party_age int optional B 党龄 | Party age in years
        derived age(if(join_date < 1923-06-10
          or join_date in {1928-06-18..1945-04-22, 1969-04-01..1977-08-11}, join_date, full_date) -
          months(coalesce(party_age_adjust, 0)), today)
    """#
}
