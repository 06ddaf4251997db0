extension BundledCatalog {
  /// Codes of alerts, documents, roles and nodes.
  static let codesOffice = #"""
    codes ALERT_TYPE
      A-DEV-01 申请人谈话超期 | Talk with applicant overdue
      A-DEV-02 积极分子半年考察超期 | Half-year review overdue
      A-DEV-03 预审后支部大会超期 | Branch meeting after pre-examination overdue
      A-DEV-04 党委审批超期 | Committee approval overdue
      A-DEV-05 预备期将满(转正提醒) | Probation about to end
      A-DEV-06 预备期满未讨论 | Probation ended, not discussed
      A-DEV-07 村党组织三年未发展党员 | Village branch without new member for three years
      A-ORG-01 换届将到期 | Term about to end
      A-ORG-02 逾期未换届 | Term overdue
      A-ORG-03 书记空缺 | Secretary vacant
      A-ORG-04 支部党员超50人 | Branch above 50 members
      A-ORG-05 支部正式党员不足3人 | Branch below three full members
      A-ORG-06 应建未建党组织 | Organisation should exist but does not
      A-LIFE-01 季度未开党员大会 | No general meeting in the quarter
      A-LIFE-02 当月未开支委会 | No committee meeting in the month
      A-LIFE-03 当月未开党小组会或主题党日 | No group meeting or theme day in the month
      A-LIFE-04 季度未上党课 | No party lesson in the quarter
      A-LIFE-05 年度未开组织生活会 | No organisation-life meeting in the year
      A-LIFE-06 年度未民主评议 | No appraisal in the year
      A-LIFE-07 党员连续缺席组织生活 | Member repeatedly absent
      A-DUES-01 当月未交党费 | Dues not paid this month
      A-DUES-02 连续3个月未交党费 | Three months unpaid
      A-DUES-03 连续6个月未交党费 | Six months unpaid
      A-DUES-04 党费金额与标准不符 | Amount differs from the rule
      A-TRF-01 介绍信将到期 | Letter about to expire
      A-TRF-02 介绍信过期未报到 | Letter expired, not reported
      A-TRF-03 转入审批超时 | Acceptance overdue
      A-TRF-04 回执超期 | Receipt overdue
      A-TRF-05 口袋党员 | Member in limbo
      A-FLT-01 流动党员6个月未联系 | Floating member without contact for six months
      A-FLT-02 外出超6个月应转关系 | Away over six months, relation should move
      A-LOST-01 失联满6个月 | Lost contact for six months
      A-LOST-02 停止党籍满2年 | Suspended for two years
      A-DISC-01 处分影响期届满 | Effect period of a sanction ends
      A-DATA-01 必填项缺失 | Required item missing
      A-DATA-02 身份证校验失败 | Identity number check failed
      A-DATA-03 疑似重复人员 | Possible duplicate person
      A-SYS-01 节点超期未同步 | Node not synchronised for too long
      A-SYS-02 数据包校验失败 | Data package check failed
    codes SEVERITY
      1 提示 | Notice
      2 预警 | Warning
      3 报警 | Alarm
      4 阻断 | Block (operation refused)
    codes DOC_KIND
      01 决议 | Resolution
      02 决定 | Decision
      03 命令(令) | Order
      04 公报 | Communique
      05 公告 | Announcement
      06 通告 | Public notice
      07 意见 | Opinion
      08 通知 | Notice
      09 通报 | Circular
      10 报告 | Report
      11 请示 | Request for instruction
      12 批复 | Reply
      13 议案 | Motion
      14 函 | Letter
      15 纪要 | Minutes
    codes DOC_STATE
      10 起草 | Drafting
      20 审核 | Under review
      25 会签 | Countersigning
      30 签发(批阅) | Signed by leader
      35 复核 | Re-checked
      40 编号登记 | Numbered and registered
      45 印制(生成正文) | Printed or rendered
      50 分发 | Dispatched
      60 签收 | Receipt signed
      62 收文登记 | Incoming registered
      64 初审 | First examination
      66 拟办 | Proposed handling
      68 批示(批阅) | Instruction by leader
      70 承办 | Being handled
      72 传阅 | Circulating
      74 催办 | Urged
      76 答复(办结) | Answered or done
      80 归档 | Archived
      90 退回 | Returned
      91 撤回 | Recalled
      92 作废 | Void
    codes URGENCY
      0 普通 | Ordinary
      1 加急 | Urgent
      2 特急 | Most urgent
    codes SECRECY
      0 公开 | Open
      1 内部 | Internal
      2 秘密 | Confidential (must not enter this network)
      3 机密 | Secret (must not enter this network)
      4 绝密 | Top secret (must not enter this network)
    codes NOTICE_STATE
      10 草稿 | Draft
      20 待审核 | Waiting for review
      30 已发布 | Published
      40 已送达 | Delivered
      50 已阅 | Read
      60 已回执 | Acknowledged
      70 已反馈 | Feedback given
      80 已归档 | Archived
      90 已撤回 | Recalled
    codes REPORT_STATE
      10 未填报 | Not started
      20 填报中 | Being filled
      30 校核未通过 | Check failed
      40 校核通过 | Check passed
      50 已上报 | Submitted
      60 上级退回 | Returned by superior
      70 上级接收 | Accepted by superior
      80 已汇总 | Merged upward
      90 已锁定归档 | Locked and archived
    codes POST_STATE
      10 待审 | Waiting
      20 已发布 | Published
      30 已置顶 | Pinned
      40 已锁定 | Locked
      90 已删除 | Deleted
    codes ROLE
      LEADER 党委领导 | Leader: query, sign and comment on documents
      ORGDEPT 组织部管理员 | Organisation department administrator
      NODEADMIN 节点系统管理员 | Node administrator
      DATAADMIN 党务信息管理员 | Data administrator of a committee
      COLLECTOR 信息采集员 | Information collector of a branch
      SECRETARY 支部书记 | Branch secretary
      DISCIPLINE 纪委查询员 | Discipline commission, read only
      SECOFFICER 安全保密管理员 | Security officer
      AUDITOR 审计员 | Auditor
      MEMBER 党员本人 | Member: own record
    codes OPERATION
      C 新增 | Create
      U 修改 | Update
      R 查询 | Read
      X 导出 | Export
      P 打印 | Print
      T 接转 | Transfer
      A 审批 | Approve
      S 上报 | Submit
      L 登录 | Log in
      G 授权 | Grant
      B 备份恢复 | Backup and restore
      K 数据包交换 | Data package exchange
    codes NODE_KIND
      1 市级中心节点 | City centre
      2 县(市、区)节点 | County node
      3 乡镇(街道)节点 | Township node
      4 基层(企业、社区)节点 | Grass-roots node
      5 单机版 | Standalone (offline package exchange)
    """#
}
