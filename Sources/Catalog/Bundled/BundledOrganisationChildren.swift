extension BundledCatalog {
  /// Entities `org_term`, `party_post`.
  static let organisationChildren = #"""
    entity org_term 20 班子届次 | Term of the leading group
      parent org
      key term_no
      item term_no int required B 届次 | Term number
        refuse term_no in {1..99} | 届次应在1至99之间 | Term number: from 1 to 99
        later history | One more than the number of the term before.
      item term_start_date date required B 换届日期 | Election date of this term
        refuse term_start_date <= today | 换届日期不能晚于今天 | Election date of this term is in the future
        refuse term_start_date >= org.founded_date
          | 换届日期不能早于党组织成立日期 | The term begins before the organisation was founded
      item term_years int required B 任期年限 | Term length in years
        refuse term_years in {1..5} | 任期年限应在1至5年之间 | The term has 1 to 5 years
        refuse org.org_category in {'200', '300', '400'} implies term_years = 5
          | 地方党委每届任期5年 | Local committees have terms of five years
        refuse org.org_category = '611' and term_start_date >= 2018-07-01 implies term_years = 5
          | 2018年7月后换届的基层党委每届任期5年 | Grass-roots committees elected since July 2018 have terms of five years
        refuse org.org_category = '611' and term_start_date < 2018-07-01 implies term_years in {3..5}
          | 2018年7月前换届的基层党委每届任期3至5年 | Grass-roots committees elected before July 2018 have terms of three to five years
        refuse org.org_category in {'621', '631'} and term_start_date >= 2018-07-01 implies term_years in {3, 5}
          | 2018年7月后换届的支部、总支每届任期3年(村、社区5年)
          | Branches elected since July 2018 have terms of three years, in villages and communities five
        refuse org.org_category in {'621', '631'} and term_start_date < 2018-07-01 implies term_years in {2..3}
          | 2018年7月前换届的支部、总支每届任期2至3年 | Branches elected before July 2018 have terms of two or three years
        later register
          | Villages and communities: five years since July 2018, three before, by the category of the host units.
      item term_end_date date required B 届满日期 | Expiry date
        derived term_start_date + years(term_years)
      item election_form code:ELECT_FORM required B 选举形式 | Election form
        later counting | A congress of delegates only from 500 members up, or with approval.
      item election_method code:ELECT_METHOD required B 选举方式 | Election method
      item eligible_voters int required B 应到会有选举权人数 | Eligible voters
        refuse eligible_voters in {1..200000} | 应到会有选举权人数应在1至200000之间 | Eligible voters: from 1 to 200000
      item present_voters int required B 实到会有选举权人数 | Voters present
        refuse present_voters >= 0 | 实到人数不能为负数 | The number of voters present is negative
        refuse present_voters <= eligible_voters | 实到人数不能多于应到人数 | More voters present than eligible
        refuse present_voters * 5 >= eligible_voters * 4
          | 实到有选举权人数不足应到的五分之四 | Fewer than four fifths of the eligible voters were present
      item committee_seats int required B 应选委员数 | Committee seats
        refuse org.org_category in {'631', '632', '931', '932'} implies committee_seats in {3..7}
          | 支部委员会应选委员3至7名 | A branch committee has three to seven members
      item candidate_count int required B 委员候选人数 | Committee candidates
        refuse candidate_count * 5 >= committee_seats * 6
          | 委员候选人差额不足20% | Fewer than 20 per cent more candidates than seats
      item approval_date date optional B 批复日期 | Approval date by superior
        refuse approval_date >= term_start_date | 批复日期不能早于换届日期 | Approved before the election
      item approval_doc_no text optional B 批复文号 | Approval document number
        refuse len(approval_doc_no) <= 60 | 批复文号不能超过60个字 | Approval document number: at most 60 characters
      item postponed_until date optional B 批准延期至 | Approved postponement until
        refuse postponed_until <= term_end_date + 1y | 延期不能超过届满后1年 | Postponed by more than a year after the term's end
    entity party_post 21 党内职务 | Party post
      parent org
      key member_id post_code appoint_date
      index 1 member member_id
      relation member reference member_id
      item post_code code:PARTY_POST required B 党内职务 | Party post
        later uniqueness | At most one active secretary (01) an organisation.
      item appoint_method code:APPOINT_METHOD required B 任职方式 | Way of taking the post
      item appoint_date date required B 任职日期 | Date of taking office
        refuse appoint_date <= today | 任职日期不能晚于今天 | Date of taking office is in the future
        later register | The date fits the start of the organisation's current term.
      item appoint_doc_no text optional B 任职文号 | Appointment document number
        refuse len(appoint_doc_no) <= 60 | 任职文号不能超过60个字 | Appointment document number: at most 60 characters
      item is_full_time bool optional B 是否专职党务工作者 | Full-time party worker
      item post_status code:POST_STATUS required B 任职状态 | Post status
      item leave_date date conditional B 离任日期 | Date of leaving office
        when post_status = '2'
        refuse leave_date >= appoint_date | 离任日期不能早于任职日期 | Left office before taking it
      item leave_reason code:LEAVE_POST conditional B 离任原因 | Reason for leaving
        when post_status = '2'
      system member_id ref:member required B 任职党员 | Member in the post
        later references | The record exists somewhere in the network.
    """#
}
