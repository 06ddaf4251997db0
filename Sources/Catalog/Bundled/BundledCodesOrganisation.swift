extension BundledCatalog {
  /// Codes of organisations, terms and posts.
  static let codesOrganisation = #"""
    codes ORG_CAT
      100 中央委员会 | Central committee
      200 省(自治区、直辖市)委员会 | Provincial committee
      300 市(地、州、盟)委员会 | City committee
      400 县(市、区、旗)委员会 | County committee
      500 派出工作委员会 | Dispatched working committee
      611 基层党委 | Grass-roots committee
      621 党总支部 | General branch
      631 党支部 | Branch
      632 联合党支部 | Joint branch
      700 党组 | Leading party group
      800 党小组 | Party group (not an organisation level)
      911 临时党委 | Temporary committee
      921 临时党总支部 | Temporary general branch
      931 临时党支部 | Temporary branch
      932 临时联合党支部 | Temporary joint branch
    codes ORG_UNIT_REL
      1 与上级党组织相同 | Same unit as the superior organisation
      2 法人单位 | A legal-entity unit of its own
      3 联合党支部(多单位) | Joint branch of several units
    codes ORG_CLASSIFY
      1 中央一级 | Central level
      2 省(区、市)一级 | Provincial level
      3 市(地、州、盟)一级 | City level
      4 县(市、区、旗)一级 | County level
      51 城市街道 | Urban sub-district
      52 乡 | Township
      53 镇 | Town
      9 其他 | Other
    codes ORG_STATUS
      1 正常 | Active
      2 筹建 | Being set up
      3 撤销 | Dissolved
      4 合并 | Merged
      5 整建制转出 | Moved out as a whole
    codes WEAK_ORG
      01 班子配备不齐、书记长期缺职、工作停滞 | Leading group incomplete, secretary long vacant, work at a standstill
      02 书记不胜任、不在状态 | Secretary not up to the post
      03 班子不团结、内耗严重 | Leading group divided
      04 组织制度形同虚设、不开展活动 | Rules exist on paper only, no activities
      05 换届选举拉票贿选问题突出 | Vote buying in elections
      06 宗族宗教和黑恶势力干扰渗透 | Interference by clan, religious or criminal forces
      07 村居务财务公开和民主管理混乱 | Disordered village affairs and accounts
      08 治安和信访矛盾集中 | Public order problems and petitions
      09 无固定活动场所和便民设施 | No fixed activity site
      10 服务意识差、群众意见大 | Poor service, strong complaints
    codes ELECT_FORM
      1 党员大会选举 | General meeting of members
      2 党员代表大会选举 | Congress of delegates
    codes ELECT_METHOD
      1 差额选举 | Competitive election
      2 等额选举 | Equal-number election
      3 公推直选(差额) | Open nomination and direct election, competitive
      4 公推直选(等额) | Open nomination and direct election, equal
      5 上级指派 | Appointed by superior
    codes PARTY_POST
      01 书记 | Secretary
      02 副书记 | Deputy secretary
      03 常委 | Standing committee member
      04 委员 | Committee member
      05 组织委员 | Organisation commissioner
      06 宣传委员 | Publicity commissioner
      07 纪检委员 | Discipline inspection commissioner
      08 统战委员 | United front commissioner
      09 青年委员 | Youth commissioner
      10 第一书记 | First secretary
      11 纪委书记 | Secretary of the discipline commission
      12 党小组组长 | Party group leader
      99 其他党内职务 | Other party post
    codes APPOINT_METHOD
      1 选举 | Elected
      2 委任(上级任命) | Appointed by superior
      3 聘任 | Engaged by contract
      4 选派 | Seconded
      9 其他 | Other
    codes POST_STATUS
      1 在任 | In office
      2 已离任 | Left office
    codes LEAVE_POST
      1 任期届满 | Term ended
      2 调离 | Moved to another post
      3 辞职 | Resigned
      4 免职 | Removed
      5 撤职(处分) | Removed by sanction
      6 退休 | Retired
      7 去世 | Died
      9 其他 | Other
    """#
}
