extension BundledCatalog {
  /// Codes of membership and its changes.
  static let codesMember = #"""
    codes MEMBER_CAT
      1 正式党员 | Full member
      2 预备党员 | Probationary member
    codes MEMBER_STATE
      1 正常 | Normal
      2 停止党籍 | Membership suspended
      3 已出党 | Left or expelled
      4 已去世 | Deceased
      5 已转出 | Moved out
      6 转接中 | In transfer (old organisation still responsible)
    codes JOIN_KIND
      1111 新发展(共青团员) | Newly admitted, league member
      11111 新发展(团员、经推优) | Newly admitted, league member, recommended
      1112 新发展(非团员) | Newly admitted, not a league member
      1113 特殊情况下发展 | Admitted under special circumstances
      1114 追认 | Recognised posthumously
      12 重新入党 | Rejoined
      2 恢复党籍 | Membership restored
    codes JOIN_CAT
      1 发展党员 | Newly admitted
      11 重新入党 | Rejoined
      2 恢复党籍 | Restored
      21 停止党籍后恢复党籍 | Restored after suspension
      3 转入组织关系 | Moved in
      38 整建制转入 | Moved in as a whole
      9 其他增加 | Other increase (correction)
    codes LEAVE_CAT
      221 开除党籍 | Expelled
      231 自行脱党除名 | Removed: left by own conduct
      2312 自行脱党除名(无法取得联系) | Removed: could not be found
      232 退党除名 | Removed: asked to leave
      241 劝退 | Persuaded to leave
      242 劝而不退除名 | Removed: refused advice to leave
      251 取消预备党员资格 | Probationary status cancelled
      301 不予承认 | Admission not recognised
      211 逝世 | Died
      261 停止党籍 | Membership suspended
      4 转出组织关系 | Moved out
      48 整建制转出 | Moved out as a whole
    codes CHANGE_KIND
      11 发展 | Admitted
      12 转正 | Became full member
      13 恢复党籍 | Restored
      14 转入 | Moved in
      15 整建制转入 | Moved in as a whole
      21 出党 | Left or expelled
      22 停止党籍 | Suspended
      23 死亡 | Died
      24 转出 | Moved out
      25 整建制转出 | Moved out as a whole
      31 延长预备期 | Probation extended
      32 取消预备党员资格 | Probation cancelled
      41 信息更正 | Correction of information
    codes BRANCH_MOVE
      101 在本支部入党 | Admitted in this branch
      131 本单位支部间转入 | From another branch of the same committee
      141 自外省(区、市)转入 | From another province
      151 自本省(区、市)转入 | From the same province
      161 自本市转入 | From the same city
      181 整建制转入 | Moved in as a whole
      191 恢复党籍 | After restoration
      231 转往本单位支部 | To another branch of the same committee
      241 转往外省(区、市) | To another province
      251 转往本省(区、市) | To the same province
      261 转往本市 | To the same city
      281 整建制转出 | Moved out as a whole
    codes CONVERSION
      1 按期转为正式党员 | Became full member on time
      2 延长预备期 | Probation extended
      3 延长预备期后转正 | Full member after extension
      4 取消预备党员资格 | Cancelled
      5 推迟讨论后转正 | Full member after late discussion
      6 尚未讨论或审批 | Not yet discussed or approved
      7 预备期未满被取消资格 | Cancelled before the end of probation
    codes LOST_REASON
      1 外出务工经商 | Left to work or trade
      2 单位改制或破产 | Unit restructured or bankrupt
      3 毕业后去向不明 | Unknown after graduation
      4 工作单位改变 | Changed work unit
      5 出国(境) | Went abroad
      6 居住地改变 | Changed residence
      7 其他 | Other
    codes APPLICANT_STAGE
      10 入党申请人 | Applicant
      20 入党积极分子 | Activist
      30 发展对象 | Development target
      35 列入接收(已预审发表) | Pre-examined, form issued
      40 预备党员 | Probationary member
      50 正式党员 | Full member
      90 终止 | Stopped
    codes DEV_STEP
      01 递交入党申请书 | Submit application
      02 党组织派人谈话 | Talk by the organisation
      03 推荐和确定入党积极分子 | Recommend and recognise as activist
      04 上级党委备案 | File with the higher committee
      05 指定培养联系人 | Assign mentors
      06 培养教育考察 | Training and review
      07 确定发展对象 | Recognise as development target
      08 报上级党委备案 | File with the higher committee
      09 确定入党介绍人 | Choose sponsors
      10 政治审查 | Political review
      11 集中培训 | Intensive training
      12 支部委员会审查 | Review by branch committee
      13 上级党委预审 | Pre-examination by the committee
      14 填写入党志愿书 | Fill in admission form
      15 支部大会讨论 | Branch meeting
      16 上级党委派人谈话 | Talk by the higher committee
      17 上级党委审批 | Approval by the higher committee
      18 再上一级党委组织部门备案 | File with the next higher organisation department
      19 编入党支部和党小组 | Assign to branch and group
      20 入党宣誓 | Oath
      21 继续教育考察 | Further education and review
      22 提出转正申请 | Apply for full membership
      23 支部大会讨论(转正) | Branch meeting on conversion
      24 上级党委审批(转正) | Approval of conversion
      25 材料归档 | File the papers
    codes STOP_REASON
      1 本人撤回申请 | Withdrawn by the person
      2 不具备条件 | Does not meet the conditions
      3 政治审查不合格 | Failed political review
      4 调离 | Moved away
      5 支部大会未通过 | Not adopted by the branch meeting
      6 上级党委未批准 | Not approved
      9 其他 | Other
    """#
}
