extension BundledCatalog {
  /// Codes of units.
  static let codesUnit = #"""
    codes UNIT_CAT
      11 城市街道 | Urban sub-district
      12 城市社区(居委会) | Urban community
      13 乡 | Township
      14 镇 | Town
      15 乡镇社区(居委会) | Community in a town or township
      16 建制村 | Administrative village
      21 国有经济控制企业 | State-controlled enterprise
      211 国有独资 | Wholly state-owned
      212 国有控股 | State-holding
      213 国有控股的港澳台商投资 | State-controlled with HK, Macao or Taiwan capital
      214 国有控股的外商投资 | State-controlled with foreign capital
      22 集体经济控制企业 | Collectively controlled enterprise
      221 集体企业 | Collective enterprise
      222 集体控股的港澳台商投资 | Collectively controlled with HK, Macao or Taiwan capital
      223 集体控股的外商投资 | Collectively controlled with foreign capital
      23 非公有经济控制企业 | Non-public enterprise
      231 私有经济控制 | Privately controlled
      232 港澳台商经济控制 | HK, Macao or Taiwan controlled
      233 外商经济控制 | Foreign controlled
      234 个体工商户 | Individual business
      3 事业单位 | Public institution
      301 农业 | Agriculture
      302 科学研究 | Scientific research
      303 普通高等学校 | University or college
      304 中等学校 | Secondary school
      305 小学校 | Primary school
      306 幼儿园 | Kindergarten
      307 卫生 | Health
      308 新闻出版广电 | Press, publishing, broadcasting
      309 文化艺术 | Culture and arts
      310 体育 | Sports
      319 其他事业单位 | Other institution
      4 机关 | State or party organ
      41 国家机关 | State organ
      42 政党机关 | Party organ
      43 人民团体和群众团体机关 | People's and mass organisation
      5 社会组织 | Social organisation
      51 社会团体 | Social association
      52 基金会 | Foundation
      53 民办非企业单位 | Private non-enterprise unit
      54 律师事务所 | Law firm
      55 会计师事务所 | Accounting firm
      56 税务师事务所 | Tax agent firm
      61 农民专业合作社 | Farmers' cooperative
      62 农村专业技术协会 | Rural technical association
      63 家庭农场 | Family farm
      71 人才(劳动)服务中心 | Talent or labour service centre
      9 其他 | Other
    codes SUBORD
      10 中央 | Central
      20 省 | Province
      40 市、地区 | City or prefecture
      50 县 | County
      60 街道、镇、乡 | Sub-district, town, township
      61 街道 | Sub-district
      62 镇 | Town
      63 乡 | Township
      70 居民、村民委员会 | Residents' or villagers' committee
      71 居民委员会 | Residents' committee
      72 村民委员会 | Villagers' committee
      90 其他 | Other
    codes INDUSTRY
      A 农、林、牧、渔业 | Agriculture, forestry, animal husbandry, fishery
      B 采矿业 | Mining
      C 制造业 | Manufacturing
      D 电力、热力、燃气及水生产和供应业 | Electricity, heat, gas, water
      E 建筑业 | Construction
      F 批发和零售业 | Wholesale and retail
      G 交通运输、仓储和邮政业 | Transport, storage, post
      H 住宿和餐饮业 | Accommodation and catering
      I 信息传输、软件和信息技术服务业 | Information and software
      J 金融业 | Finance
      K 房地产业 | Real estate
      L 租赁和商务服务业 | Leasing and business services
      M 科学研究和技术服务业 | Research and technical services
      N 水利、环境和公共设施管理业 | Water, environment, public facilities
      O 居民服务、修理和其他服务业 | Resident services and repair
      P 教育 | Education
      Q 卫生和社会工作 | Health and social work
      R 文化、体育和娱乐业 | Culture, sports, entertainment
      S 公共管理、社会保障和社会组织 | Public administration and social organisations
      T 国际组织 | International organisations
    codes ECON_TYPE
      1 国有经济控制 | State controlled
      2 集体经济控制 | Collectively controlled
      3 私有经济控制 | Privately controlled
      4 港澳台商经济控制 | HK, Macao or Taiwan controlled
      5 外商经济控制 | Foreign controlled
      9 其他 | Other
    codes SCALE
      1 大型 | Large
      2 中型 | Medium
      3 小型 | Small
      4 微型 | Micro
    codes UNIT_ORG_STATE
      10 已单独建立党委 | Own committee
      20 已单独建立总支部 | Own general branch
      30 已单独建立支部 | Own branch
      40 已建立联合党支部 | In a joint branch
      51 未建,应建尚未建立(党员3名以上) | None, but should have (three or more members)
      52 未建,仅有个别党员 | None, a few members only
      53 未建,没有党员 | None, no members
    codes UNIT_STATUS
      1 正常 | Active
      2 筹建 | Being set up
      3 停业(歇业) | Suspended
      4 注销(撤销) | Closed
    """#
}
