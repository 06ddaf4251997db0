extension BundledCatalog {
  /// Entities `org`.
  static let organisation = #"""
    entity org 1 党组织 | Party organisation
      key org_code
      index 1 parent parent_org_code
      index 2 name org_name
      relation parent reference parent_org_code
      relation secretary reference secretary_member_id
      relation host reference host_unit_ids
      item org_code text required A 党组织代码 | Party organisation code
        refuse is_org_code(org_code) | 党组织代码应为每级3位、1至7级的数字 | The code has three digits a level, one to seven levels
        refuse starts_with(org_code, parent.org_code) and len(org_code) = len(parent.org_code) + 3
          | 党组织代码应为上级代码加3位 | The code is the superior's code and three more digits
        later uniqueness | No other organisation has the code, now or as an alias.
      item org_name text required A 党组织全称 | Full name
        refuse len(org_name) in {4..100} | 党组织全称应为4至100个字 | Full name: 4 to 100 characters
        warn starts_with(org_name, '中共') | 党组织全称一般以“中共”开头 | A full name usually begins with 中共
        later uniqueness | No other organisation under the same superior has the name.
      item org_short_name text optional A 党组织简称 | Short name
        refuse len(org_short_name) in {2..40} | 党组织简称应为2至40个字 | Short name: 2 to 40 characters
      item org_category code:ORG_CAT required A 党组织类别 | Organisation category
      item parent_org_code ref:org optional A 上级党组织 | Superior organisation
        refuse not starts_with(org_category, '9') and org_category not in {'700', '800'}
          implies parent.org_category <= org_category | 上级党组织的类别不能低于本组织 | The superior organisation ranks below this one
        later references | The organisation exists somewhere in the network.
        later hierarchy | Every organisation but the root of the network has a superior.
        later hierarchy | Going up from superior to superior never comes back.
      item org_level code:ORG_CLASSIFY required A 隶属层级 | Administrative level of the host body
      item founded_date date required A 成立日期 | Date founded
        refuse founded_date <= today | 成立日期不能晚于今天 | Date founded is in the future
        refuse founded_date >= 1921-07-01 | 成立日期不能早于1921年7月1日 | The date founded lies before July 1921
      item founding_doc_no text optional A 批准成立文号 | Founding approval document number
        refuse len(founding_doc_no) <= 60 | 批准成立文号不能超过60个字 | Founding approval document number: at most 60 characters
      item approving_org_code ref:org optional A 批准成立的党组织 | Approving organisation
        later references | The organisation exists somewhere in the network.
        later hierarchy | The approving organisation is an ancestor of this one.
      item org_unit_relation code:ORG_UNIT_REL required A 党组织所在单位情况 | Relation of organisation to host unit
        refuse (org_unit_relation = '3') = (org_category in {'632', '932'})
          | 联合党支部的单位情况应为“联合党支部”,其他类别不能 | Exactly the joint branches have several units
      item host_unit_ids refs:unit conditional A 所在单位 | Host unit(s)
        when org_unit_relation in {'2', '3'}
        refuse org_unit_relation = '3' implies count(host_unit_ids) >= 2
          | 联合党支部应有两个以上所在单位 | A joint branch has two or more host units
        warn org_unit_relation = '3' implies count(host_unit_ids) <= 5
          | 联合党支部的单位一般不超过5个 | A joint branch usually has at most five units
        later references | The unit exists somewhere in the network.
      item region_code code:REGION required A 所在行政区划 | Region code
        refuse region(region_code) | 行政区划代码应为6、9或12位 | The region code has 6, 9 or 12 digits
        refuse starts_with(region_code, '3302') | 党组织应在本市行政区划内 | The region lies outside the city
      item address text optional A 党组织地址 | Address
        refuse len(address) <= 120 | 党组织地址不能超过120个字 | Address: at most 120 characters
      item contact_person text required B 党组织联系人 | Contact person
        refuse len(contact_person) in {2..30} | 党组织联系人应为2至30个字 | Contact person: 2 to 30 characters
      item contact_phone text required B 联系电话 | Contact phone
        refuse phone(contact_phone)
          | 联系电话应为手机号码或带区号的固定电话 | The phone is neither a mobile number nor a landline with area code
      item secretary_member_id ref:member optional B 党组织书记 | Secretary
        refuse secretary.member_state = '1' and secretary.member_category = '1'
          | 书记应为党籍状态正常的正式党员 | The secretary is a full member in good standing
        later references | The member exists somewhere in the network.
        later counting | An empty secretary raises alert A-ORG-03.
      item has_committee bool required A 是否设立委员会 | Has a committee
        later counting | A branch with seven or more full members has a committee; warn otherwise.
      item has_discipline_committee bool optional A 是否设立纪委 | Has discipline commission
        refuse has_discipline_committee implies org_category in {'611', '911'}
          | 只有基层党委可以设立纪委 | Only grass-roots committees have a discipline commission
      item party_group_count int optional A 党小组数 | Number of party groups
        refuse party_group_count in {0..60} | 党小组数应在0至60之间 | Number of party groups: from 0 to 60
        later counting | Each party group has three or more members, one of them a full member.
      item can_admit bool required A 是否具有审批预备党员权限 | May approve probationary members
        refuse can_admit implies org_category in {'300', '400', '500', '611'}
          | 该类别党组织不能审批预备党员 | An organisation of this category may not approve probationary members
      item is_temporary bool required A 是否临时党组织 | Temporary organisation
        refuse is_temporary = starts_with(org_category, '9')
          | 临时党组织标识与党组织类别不一致 | The temporary flag contradicts the category
      item is_floating_org bool optional A 是否流动党员党组织 | Organisation of floating members
      item is_retiree_org bool optional A 是否离退休党组织 | Retiree organisation
      item weak_org_type code:WEAK_ORG optional A 软弱涣散类型 | Weak-organisation type
      item member_count int required A 党员数 | Member count
        computed members of the subtree in state 1
        later counting | A branch has 3 to 50 members; warn above 50.
      item probationary_count int required A 预备党员数 | Probationary member count
        computed members of the subtree in state 1 and category 2
        later counting | Never more than all members.
      item site_area_m2 decimal:2 optional A 活动场所面积 | Activity site area in m2
        refuse site_area_m2 in {0..100000} | 活动场所面积应在0至100000平方米之间 | The area lies outside 0 to 100,000 square metres
      item info_collector text required B 党内信息采集员 | Information collector
        refuse len(info_collector) in {2..30} | 党内信息采集员应为2至30个字 | Information collector: 2 to 30 characters
      item org_status code:ORG_STATUS required A 党组织状态 | Organisation status
        later counting | A dissolved organisation has neither active organisations below it nor members.
      item dissolved_date date conditional A 撤销日期 | Date dissolved
        when org_status = '3'
        refuse dissolved_date >= founded_date | 撤销日期不能早于成立日期 | The organisation was dissolved before it was founded
    """#
}
