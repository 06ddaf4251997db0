import Catalog
import Primitives

/// The kinds of files a plan writes, in the order in which they are imported.
public enum WorkloadEntity: Int, Hashable, Sendable, CaseIterable {
  case unit, org, member, memberEdu, applicant, activity, hardship, floating

  /// The entity's name in the catalog and its file's name without `.csv`.
  public var name: String { self == .memberEdu ? "member_edu" : String(describing: self) }

  /// Names of the items in the order of the columns; `parent` stands for the natural key of the record's owner.
  public var columns: [String] {
    switch self {
    case .unit: WorkloadEntity.unitColumns
    case .org: WorkloadEntity.orgColumns
    case .member: WorkloadEntity.memberColumns
    case .memberEdu: WorkloadEntity.educationColumns
    case .applicant: WorkloadEntity.applicantColumns
    case .activity: WorkloadEntity.activityColumns
    case .hardship: WorkloadEntity.hardshipColumns
    case .floating: WorkloadEntity.floatingColumns
    }
  }

  /// Position of an item's column.
  ///
  /// - Requires: the entity has the column.
  public func column(_ item: String) -> Int {
    guard let index = columns.firstIndex(of: item) else { requirementFailed("\(name) has no column \(item)") }
    return index
  }

  /// The first line of the entity's files: Chinese labels out of the catalog.
  public func header(_ catalog: Catalog) -> [String] {
    columns.map { item in
      if item == "parent" {
        let (parent, key) = self == .activity ? ("org", "org_code") : ("member", "id_card")
        return catalog.entity(named: parent)?.item(named: key)?.label.zh ?? key
      }
      return catalog.entity(named: name)?.item(named: item)?.label.zh ?? item
    }
  }

  private static let unitColumns = words(
    """
    unit_name unit_uscc unit_category is_legal_entity subordination region_code industry econ_type enterprise_scale \
    address legal_rep_name legal_rep_is_member legal_rep_is_secretary staff_total staff_female staff_professional \
    staff_workers staff_members members_not_moved org_state has_instructor instructor_name has_trade_union \
    has_league_org village_income_yuan unit_status
    """)

  private static let orgColumns = words(
    """
    org_code org_name org_short_name org_category parent_org_code org_level founded_date founding_doc_no \
    approving_org_code org_unit_relation host_unit_ids region_code address contact_person contact_phone \
    secretary_member_id has_committee has_discipline_committee party_group_count can_admit is_temporary \
    is_floating_org is_retiree_org weak_org_type site_area_m2 info_collector org_status dissolved_date
    """)

  private static let memberColumns = words(
    """
    member_id name former_name id_card sex birth_date nation native_place is_taiwan_native marital_status health \
    work_start_date job_code unit_id is_migrant_worker is_dispatched frontline stratum branch_code party_group_no \
    branch_entry_date branch_entry_kind member_category member_state join_date join_kind join_branch_name sponsor_1 \
    sponsor_2 full_date conversion_result party_age_adjust household_region police_station address mobile phone \
    archive_unit other_party lost_contact_date lost_reason
    """)

  private static let educationColumns = words(
    """
    parent edu_no edu_code edu_mode enroll_date grad_date school major degree_code degree_date degree_school is_highest
    """)

  private static let applicantColumns = words(
    """
    applicant_name id_card sex birth_date nation edu_code job_code frontline org_code apply_date talk_date \
    is_league_member league_recommended stage activist_date cultivator_1 cultivator_2 last_review_date candidate_date \
    candidate_record_date political_review_date political_review_pass training_hours pre_review_date publicity_days \
    form_no meeting_date votes_eligible votes_for committee_talk_date approval_date stop_reason
    """)

  private static let activityColumns = words(
    """
    parent activity_no activity_type theme held_at place host recorder lecturer expected_count present_count absentees \
    content resolution
    """)

  private static let hardshipColumns = words(
    "parent hardship_kind hardship_reason month_income help_way help_amount identified_date relieved_date")

  private static let floatingColumns = words(
    """
    parent float_direction float_scope out_date float_reason float_target target_region float_cert_no original_job \
    host_org_name last_contact_date return_date
    """)

  private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}
