import Primitives

/// Why a scope was not given.
public enum AccessDenial: Error, Hashable, Sendable {
  /// No role of the user has the verb.
  case verb(Verbs)
  /// No role of the user may unmask anything.
  case unmask
  /// An administrator shut the user out.
  case locked
}

/// Decides who gets which scope. Deny by default.
public enum Authoriser {
  /// The scope of the process that embeds the engine: it holds the files anyway.
  public static func embedder(_ actor: Text) -> Scope {
    Scope(extent: .everything, actor: actor, reason: "", verbs: .all, clear: .all, entities: nil)
  }

  /// The scope of a request whose caller is not known yet: nothing.
  public static let nobody = Scope(
    extent: .subtrees([]), actor: "nobody", reason: "", verbs: [], clear: [], entities: [])

  /// The scope of whoever owns the node's admin socket, whom the operating system checked: the operator who sets a node
  /// up.
  ///
  /// - Parameters:
  ///   - hasSecurityOfficer: whether somebody decides on rights at this node. From then on the operator is a node
  ///     administrator like any other: no member's data, no grants.
  ///   - reason: why classes C and D shall be shown; nil leaves them masked.
  public static func operatorOfSocket(
    hasSecurityOfficer: Bool, verb: Verbs, reason: Text? = nil
  ) throws(AccessDenial) -> Scope {
    guard hasSecurityOfficer, GateDefect.active != .operatorStays else {
      return Scope(
        extent: .everything, actor: operatorName, reason: reason ?? "", verbs: .all,
        clear: reason == nil ? [.a, .b] : .all, entities: nil)
    }
    let rights = Role.nodeAdmin.rights
    guard rights.verbs.isSuperset(of: verb) else { throw .verb(verb) }
    guard reason == nil else { throw .unmask }
    return Scope(
      extent: .everything, actor: operatorName, reason: "", verbs: rights.verbs, clear: rights.clear,
      entities: rights.entities)
  }

  /// As whom the operator acts; no user's name has the like.
  public static let operatorName: Text = "local"

  /// The scope of a user for one request.
  ///
  /// Grants that hold today and have the verb count together: their subtrees are joined; what they show in the clear,
  /// and which entities, is what all of them do. So two roles never make more than each gives by itself.
  ///
  /// - Parameters:
  ///   - verb: what the request takes.
  ///   - reason: why masked classes shall be shown; nil leaves them masked.
  ///   - today: decides which grants hold.
  public static func scope(
    of user: User, verb: Verbs, reason: Text? = nil, today: CivilDate
  ) throws(AccessDenial) -> Scope {
    guard !user.isLocked || GateDefect.active == .lockedIsServed else { throw .locked }
    let all = user.grants(on: today)
    let grants = verb == .know ? all : all.filter { $0.role.rights.verbs.isSuperset(of: verb) }
    // Who is known and has no grant yet may look at nothing but himself.
    guard verb == .know || !grants.isEmpty else { throw .verb(verb) }
    var clear = grants.isEmpty ? FieldClasses.a : FieldClasses.all
    var unmaskable = FieldClasses.all
    var entities: [String]?
    var subtrees: [RecordID] = []
    var own: RecordID?
    var verbs = Verbs.know
    for grant in grants {
      let rights = grant.role.rights
      verbs.formUnion(rights.verbs)
      if GateDefect.active == .classesAreJoined, grant.role != grants[0].role { continue }
      clear.formIntersection(rights.clear)
      unmaskable.formIntersection(rights.clear.union(rights.unmaskable))
      if let some = rights.entities { entities = entities.map { $0.filter(some.contains) } ?? some }
      if grant.role == .member { own = grant.place } else { subtrees.append(grant.place) }
    }
    if reason != nil {
      guard !grants.isEmpty, unmaskable != clear else { throw .unmask }
      clear = unmaskable
    }
    let extent: Scope.Extent = if let own, subtrees.isEmpty { .own(own) } else { .subtrees(subtrees) }
    return Scope(
      extent: extent, actor: user.name, reason: reason ?? "", verbs: verbs, clear: clear, entities: entities)
  }

  /// A narrower scope: the part of what `scope` sees that lies under `org`; nil when it does not see that org.
  public static func narrowed(_ scope: Scope, to org: RecordID, in directory: OrgDirectory) -> Scope? {
    if let extent = scope.extent(in: directory), !extent.contains(directory.position(org)) { return nil }
    return Scope(
      extent: .subtrees([org]), actor: scope.actor, reason: scope.reason, verbs: scope.verbs, clear: scope.clear,
      entities: scope.entities)
  }

  /// The same scope with only some classes in the clear.
  public static func masked(_ scope: Scope, clear: FieldClasses) -> Scope {
    Scope(
      extent: scope.extent, actor: scope.actor, reason: scope.reason, verbs: scope.verbs,
      clear: scope.clear.intersection(clear), entities: scope.entities)
  }

  /// For the check of an identity: every record, of whose content the caller tells nothing but which committee keeps
  /// it; nil when the scope may not ask that.
  public static func identityCheck(_ scope: Scope) -> Scope? {
    guard scope.verbs.contains(.identify) else { return nil }
    return Scope(
      extent: .everything, actor: scope.actor, reason: "", verbs: [.identify], clear: [.a], entities: ["member"])
  }
}
