extension BundledCatalog {
  /// Codes of organisation life, dues, movement, discipline and transfer.
  static let codesLife = #"""
    codes ACTIVITY_TYPE
      01 支部党员大会 | Branch general meeting
      02 支部委员会会议 | Branch committee meeting
      03 党小组会 | Party group meeting
      04 党课 | Party lesson
      05 主题党日 | Theme party day
      06 组织生活会 | Organisation-life meeting
      07 民主评议党员 | Democratic appraisal
      08 民主生活会(领导班子) | Democratic-life meeting of the leading group
      09 集中培训 | Intensive training
      10 志愿服务 | Volunteer service
      19 其他 | Other
    codes ATTEND
      1 出席 | Present
      2 因公请假 | Leave on duty
      3 因病请假 | Sick leave
      4 因事请假 | Personal leave
      5 外出流动 | Away as floating member
      6 无故缺席 | Absent without reason
      7 补课 | Made up later
    codes DUES_BASE
      1 月工资收入(税后) | Monthly wage after tax
      2 年薪制当月收入 | Monthly pay of annual-salary staff
      3 上季度月平均纯收入 | Average monthly net income of last quarter
      4 离退休费或养老金 | Pension
      5 农民定额 | Farmer, fixed amount
      6 定额0.2元 | Fixed 0.2 yuan (student, unemployed, relief, subsistence allowance)
    codes PAY_METHOD
      1 现金交支部 | Cash to the branch
      2 网上交纳 | Online
      3 他人代交 | Paid by another person
      4 持证在流入地交纳 | Paid at the host place with certificate
      9 其他 | Other
    codes RELIEF
      0 正常 | None
      1 少交 | Reduced
      2 免交 | Exempt
    codes FLOAT_DIR
      1 流出 | Outgoing
      2 流入 | Incoming
    codes FLOAT_SCOPE
      1 跨省流动 | Across provinces
      2 省内跨市流动 | Across cities in the province
      3 市内跨县流动 | Across counties in the city
      4 县内流动 | Inside the county
    codes FLOAT_REASON
      1 务工 | Work
      2 经商 | Trade
      3 求学 | Study
      4 随子女(配偶)居住 | Living with family
      5 改制分流 | Restructuring
      6 待业 | Between jobs
      9 其他 | Other
    codes FLOAT_TARGET
      11 公有经济控制单位-机关 | Public: organ
      12 公有经济控制单位-事业单位 | Public: institution
      13 人才(劳动)服务中心 | Talent or labour service centre
      14 公有控制的港澳台商投资企业 | Public-controlled HK, Macao or Taiwan enterprise
      15 公有控制的外商投资企业 | Public-controlled foreign enterprise
      21 民办非企业单位 | Private non-enterprise unit
      22 私营企业 | Private enterprise
      23 非公港澳台商投资企业 | Non-public HK, Macao or Taiwan enterprise
      24 非公外商投资企业 | Non-public foreign enterprise
      31 个体工商户 | Individual business
      41 城市社区(居委会) | Urban community
      42 乡镇社区(居委会) | Town community
      43 建制村 | Village
      91 其他 | Other
      92 不掌握流向 | Unknown
    codes FLOAT_JOB
      1 公有企事业单位管理、专业技术人员 | Managers and professionals of public units
      2 工勤技能人员 | Workers
      3 农牧渔民 | Farmers
      4 未就业的高校毕业生 | Unemployed graduates
      5 中介组织从业人员 | Intermediary staff
      51 执业律师 | Lawyer
      52 会计师 | Accountant
      9 其他 | Other
    codes HARDSHIP
      1 特困 | Extreme hardship
      2 一般困难 | Ordinary hardship
      3 临时困难 | Temporary hardship
      4 享受最低生活保障 | On subsistence allowance
      5 建国前入党的老党员 | Veteran member who joined before 1949
      6 因公伤残或牺牲党员家属 | Disabled on duty or family of the fallen
    codes HARD_CAUSE
      1 重大疾病 | Serious illness
      2 残疾 | Disability
      3 年老体弱无劳动能力 | Old age without working ability
      4 自然灾害 | Natural disaster
      5 意外事故 | Accident
      6 下岗失业 | Loss of work
      7 子女教育 | Children's education
      9 其他 | Other
    codes HELP_WAY
      1 慰问金 | Cash gift
      2 结对帮扶 | Pairing
      3 就业帮扶 | Help to find work
      4 医疗救助 | Medical aid
      5 物资救助 | Goods
      9 其他 | Other
    codes SUBJECT
      1 党员个人 | Member
      2 党支部 | Branch
      3 党委(总支) | Committee or general branch
    codes RP_CODE
      11 先进基层党组织 | Advanced grass-roots organisation
      12 优秀共产党员 | Excellent member
      13 优秀党务工作者 | Excellent party worker
      14 抗灾救灾表彰 | Commendation for disaster relief
      15 光荣在党50年纪念章 | Medal for 50 years of membership
      19 其他表彰 | Other commendation
      21 警告 | Warning
      22 严重警告 | Serious warning
      23 撤销党内职务 | Removal from party posts
      24 留党察看 | Probation within the party
      25 开除党籍 | Expulsion
      26 改组(组织) | Reorganisation of an organisation
      27 解散(组织) | Dissolution of an organisation
    codes RP_LEVEL
      1 中央(国家级) | Central
      2 省(区、市)一级 | Provincial
      3 市(地、州、盟)一级 | City
      4 县(市、区、旗)一级 | County
      5 基层党委 | Grass-roots committee
      9 其他 | Other
    codes VIOLATION
      1 违反政治纪律 | Political discipline
      2 违反组织纪律 | Organisational discipline
      21 违反干部选拔任用规定 | Rules on selecting cadres
      3 违反廉洁纪律 | Integrity discipline
      4 违反群众纪律 | Discipline towards the people
      5 违反工作纪律 | Work discipline
      6 违反生活纪律 | Life discipline
    codes TRANSFER_TYPE
      1 市内接转(全程网上) | Inside the city, fully online
      2 跨市转出(市内段网上,市外段介绍信) | Out of the city, online inside, letter outside
      3 跨市转入(凭介绍信录入) | Into the city by letter
      4 临时组织关系(证明信、活动证) | Temporary relation
      5 整建制划转 | Whole-organisation move
    codes TRANSFER_REASON
      1 工作调动 | Job change
      2 升学、毕业 | Study or graduation
      3 退休 | Retirement
      4 居住地变动 | Residence change
      5 退伍转业 | Left the army
      6 外出6个月以上且地点固定 | Away more than six months at a fixed place
      7 组织设置调整 | Reorganisation
      9 其他 | Other
    codes TRANSFER_STATE
      10 草稿 | Draft
      20 转出方支部已提交 | Submitted by the old branch
      21 转出方党委已审批(信已开) | Approved by the old committee, letter issued
      22 在途(市外段) | In transit outside the city
      30 转入方党委待接收 | Waiting for the new committee
      31 转入方党委已接收 | Accepted by the new committee
      32 已编入支部 | Assigned to the new branch
      33 党员已报到 | Member has reported in
      39 已回执(办结) | Receipt returned, closed
      40 转出方退回修改 | Returned by the old side
      41 转入方退回 | Returned by the new side
      42 本人撤回 | Withdrawn
      50 介绍信过期 | Letter expired
      51 超期未落(口袋党员) | Overdue, member in limbo
      59 已作废 | Cancelled
    codes RETURN_REASON
      1 去向填写错误 | Wrong destination
      2 党费未交清 | Dues not settled
      3 档案材料不全或存疑 | File incomplete or in doubt
      4 不符合接收条件 | Conditions not met
      5 身份信息不符 | Identity does not match
      6 介绍信过期 | Letter expired
      9 其他 | Other
    codes APPRAISAL
      0 不定等次 | Not graded
      1 优秀 | Excellent
      2 合格 | Qualified
      3 基本合格 | Basically qualified
      4 不合格 | Not qualified
    codes DISPOSAL
      0 无 | None
      1 限期改正 | Correct within a time limit
      2 劝退 | Persuaded to leave
      3 劝而不退除名 | Removed after refusal
      4 自行脱党除名 | Removed: left by own conduct
    codes ABROAD
      11 公派-驻外机构 | Official: mission abroad
      12 公派-劳务输出 | Official: labour service
      13 公派留学 | Official: study
      21 因私-自费留学 | Private: study
      22 因私-工作 | Private: work
      23 因私-定居 | Private: settlement
      24 因私-探亲 | Private: family visit
      25 因私-继承遗产 | Private: inheritance
      29 其他 | Other
    codes CONGRESS_LEVEL
      1 全国 | National
      2 省(区、市) | Provincial
      3 市(州) | City
      4 县(市、区) | County
      5 乡(镇) | Township
      6 基层(单位) | Unit
    codes DELEGATE_END
      1 受党纪处分终止 | Ended by discipline sanction
      2 辞去代表职务 | Resigned
      3 停止党籍或丧失中国国籍 | Membership suspended or nationality lost
      4 调离所属范围停止执行职务 | Moved away, duty stopped
      9 其他 | Other
    """#
}
