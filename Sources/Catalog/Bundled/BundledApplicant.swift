extension BundledCatalog {
  /// Entities `applicant`.
  static let applicant = #"""
    entity applicant 4 入党申请人 | Applicant
      owner org_code
      key id_card
      index 1 name_birth applicant_name birth_date
      index 2 org org_code
      relation org reference org_code
      item applicant_name text required B 姓名 | Name
        refuse len(applicant_name) in {2..30} | 姓名应为2至30个字 | Name: 2 to 30 characters
      item id_card text required C 公民身份号码 | Citizen identity number
        refuse gb11643(id_card) | 公民身份号码格式或校验位错误 | The identity number is malformed or its check character is wrong
        later uniqueness | Not the number of an active member.
      item sex code:SEX required B 性别 | Sex
      item birth_date date required B 出生日期 | Date of birth
        refuse age(birth_date, apply_date) >= 18 | 申请入党时应年满18周岁 | Applied before the age of 18
      item nation code:NATION required B 民族 | Ethnic group
      item edu_code code:EDU required B 学历 | Education
      item job_code code:JOB required B 工作岗位 | Work post
      item frontline code:FRONTLINE optional B 一线情况 | Front-line work
      item org_code ref:org required B 接受申请的党组织 | Organisation accepting the application
        refuse org.org_category in {'631', '632', '931', '932'} | 接受申请的应是党支部 | Applications go to a branch
        later references | The organisation exists somewhere in the network.
      item apply_date date required B 申请入党日期 | Application date
        refuse apply_date <= today | 申请入党日期不能晚于今天 | Application date is in the future
      item talk_date date optional B 谈话日期 | Date of first talk
        refuse apply_date >= 2014-05-28 implies talk_date <= apply_date + 1m
          | 谈话应在申请后1个月内 | The talk came later than a month after the application
      item is_league_member bool required B 是否共青团员 | Youth league member
        warn is_league_member implies age(birth_date, today) <= 28
          | 共青团员一般不超过28周岁 | League members are usually not older than 28
      item league_recommended bool conditional B 是否团组织推优 | Recommended by the youth league
        when is_league_member and stage in {'20', '30', '35', '40', '50'}
      item stage code:APPLICANT_STAGE required B 培养阶段 | Stage
        later history | Only to the next stage or to 90.
      item activist_date date conditional B 确定为入党积极分子日期 | Date recognised as activist
        when stage in {'20', '30', '35', '40', '50'}
        refuse activist_date >= apply_date | 确定为积极分子不能早于申请日期 | Recognised as activist before applying
        warn activist_date >= apply_date + 6m | 申请不足6个月即确定为积极分子 | Recognised as activist within six months of applying
      item cultivator_1 ref:member conditional B 培养联系人一 | Mentor 1
        when stage in {'20', '30', '35', '40', '50'}
        refuse cultivator_1.member_category = '1' | 培养联系人应为正式党员 | A mentor is a full member
        later references | The member exists somewhere in the network.
      item cultivator_2 ref:member optional B 培养联系人二 | Mentor 2
        refuse cultivator_2 != cultivator_1 | 两名培养联系人不能是同一人 | Both mentors are the same person
        refuse cultivator_2.member_category = '1' | 培养联系人应为正式党员 | A mentor is a full member
        later references | The member exists somewhere in the network.
      item last_review_date date optional B 最近考察日期 | Last half-year review
        warn stage in {'20', '30', '35'} implies today <= last_review_date + 6m
          | 半年考察已超期 | The half-year review is overdue
        refuse last_review_date <= today | 最近考察日期不能晚于今天 | Last half-year review is in the future
      item candidate_date date conditional B 确定为发展对象日期 | Date recognised as development target
        when stage in {'30', '35', '40', '50'}
        refuse candidate_date >= activist_date + 1y | 培养教育不足1年 | Less than a year as activist
      item candidate_record_date date conditional B 发展对象备案日期 | Date filed with the higher committee
        when stage in {'30', '35', '40', '50'} and candidate_date >= 2014-05-28
        refuse candidate_record_date >= activist_date + 1y
          | 备案时培养教育不足1年 | Filed less than a year after recognition as activist
      item political_review_date date conditional D 政治审查日期 | Political review date
        when stage in {'35', '40', '50'}
      item political_review_pass bool conditional D 政治审查是否合格 | Political review passed
        when stage in {'35', '40', '50'}
        refuse stage in {'35', '40', '50'} implies political_review_pass
          | 政治审查不合格不能列入接收 | Pre-examination needs a passed political review
      item training_hours int conditional B 集中培训学时 | Training hours
        when stage in {'35', '40', '50'}
        refuse stage in {'35', '40', '50'} implies training_hours >= 24
          | 集中培训不少于24学时(3天) | Training has at least 24 hours or three days
        warn stage in {'35', '40', '50'} and candidate_date < 2014-05-28 implies training_hours >= 40
          | 2014年前集中培训不少于40学时 | Before 2014 training had at least 40 hours
      item pre_review_date date conditional B 基层党委预审日期 | Pre-examination date
        when stage in {'35', '40', '50'}
      item publicity_days int conditional B 公示工作日数 | Working days of public notice
        when stage in {'35', '40', '50'}
        refuse stage in {'35', '40', '50'} implies publicity_days >= 5
          | 公示不少于5个工作日 | The public notice stands for at least five working days
      item form_no text conditional B 入党志愿书编号 | Admission form number
        when stage in {'35', '40', '50'}
        later uniqueness | No other applicant has the form.
      item meeting_date date optional B 支部大会讨论日期 | Branch meeting date
        refuse candidate_date >= 2014-05-28 implies meeting_date <= pre_review_date + 1m
          | 支部大会应在预审后1个月内召开 | The meeting came later than a month after the pre-examination
      item votes_eligible int optional B 应到有表决权人数 | Members entitled to vote
        refuse votes_eligible >= 3 | 应到有表决权人数不少于3人 | At least three members are entitled to vote
      item votes_for int optional B 赞成票数 | Votes in favour
        refuse votes_for * 2 > votes_eligible | 赞成票未超过应到有表决权人数的半数 | Not more than half of those entitled voted in favour
        refuse votes_for <= votes_eligible | 赞成票不能多于应到人数 | More votes than members entitled to vote
      item committee_talk_date date optional B 上级党组织谈话日期 | Talk by the higher organisation
        refuse committee_talk_date >= meeting_date | 上级谈话不能早于支部大会 | The talk came before the branch meeting
        refuse committee_talk_date <= approval_date | 上级谈话不能晚于党委审批 | The talk came after the approval
      item approval_date date optional B 党委审批日期 | Approval date
        warn approval_date <= meeting_date + 3m | 党委审批超过3个月 | Approved later than three months after the meeting
        refuse approval_date <= meeting_date + 6m
          | 党委审批超过6个月,应重新办理 | Approved later than six months after the meeting: the procedure starts anew
        refuse approval_date >= meeting_date | 党委审批不能早于支部大会 | Approved before the branch meeting
      item stop_reason code:STOP_REASON conditional B 终止培养原因 | Reason for stopping
        when stage = '90'
    """#
}
