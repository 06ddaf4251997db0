/// The ten roles of a register (seed of the rules: rights follow the subordination of organisations). A grant binds one
/// to an org: the role says what, the org's subtree says whose.
public enum Role: String, Hashable, Sendable, CaseIterable {
  case leader = "LEADER"
  case orgDepartment = "ORGDEPT"
  case dataAdmin = "DATAADMIN"
  case secretary = "SECRETARY"
  case collector = "COLLECTOR"
  case nodeAdmin = "NODEADMIN"
  case discipline = "DISCIPLINE"
  case securityOfficer = "SECOFFICER"
  case auditor = "AUDITOR"
  case member = "MEMBER"

  /// What a role may do, as data: the table in Docs/SECURITY.md is printed from it.
  public struct Rights: Sendable {
    public let verbs: Verbs
    /// Read in the clear by everybody who has the role.
    public let clear: FieldClasses
    /// Read in the clear when a reason is given; each time is audited.
    public let unmaskable: FieldClasses
    /// Entities by name; nil for all of the catalog.
    public let entities: [String]?
    public let nameZH: String
  }

  /// What the role may do.
  public var rights: Rights {
    switch self {
    case .leader:
      Rights(
        verbs: [.know, .watch, .record, .query, .match, .identify], clear: [.a, .b], unmaskable: [], entities: nil,
        nameZH: "领导")
    case .orgDepartment:
      // Decides on admission and transfer: the deciding level of class D.
      Rights(
        verbs: [.know, .watch, .record, .query, .match, .identify, .change, .export], clear: [.a, .b],
        unmaskable: [.c, .d], entities: nil, nameZH: "组织部门")
    case .dataAdmin:
      Rights(
        verbs: [.know, .watch, .record, .query, .match, .identify, .change, .export, .exchange], clear: [.a, .b],
        unmaskable: [.c], entities: nil, nameZH: "数据管理员")
    case .secretary:
      Rights(
        verbs: [.know, .record, .query, .match, .change], clear: [.a, .b], unmaskable: [.c], entities: nil,
        nameZH: "支部书记")
    case .collector:
      Rights(
        verbs: [.know, .record, .query, .match, .change], clear: [.a, .b], unmaskable: [], entities: nil,
        nameZH: "信息采集员")
    case .nodeAdmin:
      // Users and the machine; no member's data.
      Rights(
        verbs: [.know, .watch, .exchange, .operate, .users], clear: [.a], unmaskable: [], entities: [],
        nameZH: "节点管理员")
    case .discipline:
      Rights(
        verbs: [.know, .record, .query, .match, .export], clear: [.a, .b], unmaskable: [.c, .d],
        entities: ["member", "org", "reward_penalty", "membership_change"], nameZH: "纪检")
    case .securityOfficer:
      Rights(
        verbs: [.know, .users, .grants], clear: [.a], unmaskable: [], entities: [], nameZH: "安全管理员")
    case .auditor:
      Rights(verbs: [.know, .audit], clear: [.a], unmaskable: [], entities: [], nameZH: "审计员")
    case .member:
      // Bound to the member's own record, not to an org.
      Rights(verbs: [.know, .record], clear: [.a, .b, .c], unmaskable: [], entities: nil, nameZH: "党员")
    }
  }

  /// System, security and audit administrators: three different people, who are nothing else besides (GB/T 22239-2019,
  /// 8.1.4.2: separated administration).
  public var isAdministrative: Bool {
    switch self {
    case .nodeAdmin, .securityOfficer, .auditor: true
    case .leader, .orgDepartment, .dataAdmin, .secretary, .collector, .discipline, .member: false
    }
  }

  /// Everybody above branch level proves himself by a second factor too (GB/T 22239-2019, 8.1.4.1).
  public var needsSecondFactor: Bool {
    switch self {
    case .secretary, .collector, .member: false
    case .leader, .orgDepartment, .dataAdmin, .nodeAdmin, .discipline, .securityOfficer, .auditor: true
    }
  }

  /// Whether one person may have both roles.
  public func goes(with other: Role) -> Bool {
    GateDefect.active == .rolesAreJoined || self == other || !isAdministrative && !other.isAdministrative
  }
}
