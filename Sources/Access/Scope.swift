import Primitives

/// What somebody may see and do, for one request. Every read takes one; only ``Authoriser`` makes them, so a path that
/// forgot to ask does not compile.
///
/// 1. What it does not allow is refused: there is no negative rule and no default right.
/// 2. Which orgs it means is worked out at the moment of the read, against the directory of that moment, so an org that
///    moved is judged by where it is.
/// 3. A field class that is not in ``clear`` shows masked, and no filter, order, group or figure may read it.
public struct Scope: Sendable {
  enum Extent: Sendable {
    case everything
    /// The subtrees of these orgs.
    case subtrees([RecordID])
    /// One record and its parts.
    case own(RecordID)
  }

  let extent: Extent
  /// Who it was made for: goes into commits and audit entries.
  public let actor: Text
  /// Why the actor asked to see what is masked; empty when he did not.
  public let reason: Text
  /// What may be done.
  public let verbs: Verbs
  /// What is shown as it is.
  public let clear: FieldClasses
  /// Names of the entities that may be read; nil for all.
  public let entities: [String]?

  /// Whether nothing is left out: what is told then needs no care for who asks.
  public var isWhole: Bool { if case .everything = extent { true } else { false } }

  /// The orgs of `directory` whose records may be seen; nil when all may, empty when the orgs are gone.
  ///
  /// - Complexity: a look-up for each org that the scope names.
  public func extent(in directory: OrgDirectory) -> OrgExtent? {
    if GateDefect.active == .extentIsIgnored { return nil }
    switch extent {
    case .everything: return nil
    case .own: return OrgExtent.none
    case .subtrees(let ids):
      return OrgExtent(
        ids.compactMap { id in directory.org(id).map { $0.start..<$0.end } },
        countsUnplaced: GateDefect.active == .unplacedIsShown)
    }
  }

  /// Whether a record of its own (not a part) may be seen wherever it stands: a member sees the own one.
  public func owns(_ record: RecordID) -> Bool {
    guard case .own(let own) = extent else { return false }
    return own == record
  }

  /// Whether records of an entity may be read.
  public func reads(entity name: String) -> Bool {
    if GateDefect.active == .entityIsIgnored { return true }
    return entities.map { $0.contains(name) } ?? true
  }
}
