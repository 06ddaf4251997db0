extension BundledCatalog {
  /// Entities `member_edu`, `member_duty`, `membership_change`.
  static let memberCareer = #"""
    entity member_edu 10 学历学位 | Education
      parent member
      key edu_no
      alias highest edu_code
      item edu_code code:EDU required B 学历 | Education
      item edu_mode code:EDU_MODE required B 教育类别 | Mode of education
      item enroll_date date optional B 入学日期 | Enrolment date
        refuse enroll_date >= member.birth_date + 5y | 入学时应年满5周岁 | Enrolled before the age of 5
      item grad_date date optional B 毕业日期 | Graduation date
        refuse grad_date > enroll_date | 毕业日期应晚于入学日期 | Graduated before enrolling
      item school text optional B 毕业院校 | School
        refuse len(school) in {2..60} | 毕业院校应为2至60个字 | School: 2 to 60 characters
      item major text optional B 所学专业 | Major
        refuse len(major) <= 60 | 所学专业不能超过60个字 | Major: at most 60 characters
      item degree_code code:DEGREE optional B 学位 | Degree
        warn starts_with(degree_code, '4') implies starts_with(edu_code, '2') or starts_with(edu_code, '1')
          | 学士学位一般对应本科以上学历 | A bachelor's degree usually goes with university education
        warn starts_with(degree_code, '2') or starts_with(degree_code, '3') implies starts_with(edu_code, '1')
          | 博士、硕士学位一般对应研究生学历 | A doctor's or master's degree usually goes with postgraduate education
      item degree_date date conditional B 学位授予日期 | Degree date
        when degree_code is not null
        refuse degree_date >= enroll_date | 学位授予日期不能早于入学日期 | The degree was granted before enrolment
      item degree_school text optional B 学位授予单位 | Degree-granting body
        refuse len(degree_school) <= 60 | 学位授予单位不能超过60个字 | Degree-granting body: at most 60 characters
      item is_highest bool required B 是否最高学历 | Highest education
        later uniqueness | Exactly one education of a member is the highest.
      system edu_no int required B 学历序号 | Education number
    entity member_duty 11 行政与技术职务 | Post and professional title
      parent member
      key duty_no
      item duty_name text required B 行政(业务)职务名称 | Administrative post
        refuse len(duty_name) in {2..60} | 行政(业务)职务名称应为2至60个字 | Administrative post: 2 to 60 characters
      item duty_level code:DUTY_LEVEL optional B 职务层次 | Rank
      item duty_unit_id ref:unit optional B 任职单位 | Unit of the post
        later references | The unit exists somewhere in the network.
      item appoint_date date required B 任职日期 | Appointment date
        refuse appoint_date <= today | 任职日期不能晚于今天 | Appointment date is in the future
      item appoint_doc_no text optional B 任职文号 | Appointment document number
        refuse len(appoint_doc_no) <= 60 | 任职文号不能超过60个字 | Appointment document number: at most 60 characters
      item leave_date date optional B 免职日期 | Leaving date
        refuse leave_date >= appoint_date | 免职日期不能早于任职日期 | Left the post before taking it
      item prof_title text optional B 专业技术职务名称 | Professional title
        refuse len(prof_title) <= 40 | 专业技术职务名称不能超过40个字 | Professional title: at most 40 characters
      item prof_level code:PROF_LEVEL conditional B 专业技术职务级别 | Professional title level
        when prof_title is not null
      item prof_title_date date optional B 专业技术职务取得日期 | Title date
        refuse prof_title_date <= today | 专业技术职务取得日期不能晚于今天 | Title date is in the future
      system duty_no int required B 职务序号 | Post number
    entity membership_change 12 党籍与增减变动 | Membership change
      parent member
      key change_no
      item change_kind code:CHANGE_KIND required B 变动类别 | Kind of change
      item change_date date required B 变动日期 | Date of change
        refuse change_date <= today | 变动日期不能晚于今天 | Date of change is in the future
        refuse change_date >= member.join_date | 变动日期不能早于入党日期 | The change lies before the date of joining
      item increase_code code:JOIN_CAT conditional B 增加类别 | Reason of increase
        when starts_with(change_kind, '1') and change_kind != '12'
      item decrease_code code:LEAVE_CAT conditional B 减少类别 | Reason of decrease
        when starts_with(change_kind, '2')
      item branch_meeting_date date conditional B 支部大会讨论日期 | Branch meeting date
        when change_kind in {'11', '12', '21', '22', '31', '32'}
        refuse branch_meeting_date <= change_date | 支部大会讨论日期不能晚于变动日期 | The branch meeting came after the change
      item deciding_org_code ref:org required B 作出决定的党组织 | Deciding organisation
        later references | The organisation exists somewhere in the network.
      item approving_org_code ref:org optional B 批准的党组织 | Approving organisation
        later references | The organisation exists somewhere in the network.
        later hierarchy | The approving organisation is an ancestor of the deciding one.
      item approval_date date optional B 批准日期 | Approval date
        refuse approval_date >= branch_meeting_date | 批准日期不能早于支部大会讨论日期 | Approved before the branch meeting
      item decision_doc_no text optional D 决定文号 | Decision document number
        refuse len(decision_doc_no) <= 60 | 决定文号不能超过60个字 | Decision document number: at most 60 characters
      item restore_date date optional B 恢复党籍日期 | Date of restoring membership
        refuse restore_date > change_date | 恢复党籍日期应晚于变动日期 | Restored before the change
      item death_date date conditional B 逝世日期 | Date of death
        when starts_with(decrease_code, '21')
        refuse death_date <= today | 逝世日期不能晚于今天 | Date of death is in the future
      system change_no int required B 变动序号 | Change number
    """#
}
