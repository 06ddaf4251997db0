import Primitives

/// What a reader may see. Every read takes one; only ``Authoriser`` makes them, so a path that forgot to ask does not
/// compile.
public struct Scope: Sendable {
  fileprivate enum Extent: Sendable {
    case everything
    /// The subtree of this org.
    case subtree(RecordID)
  }

  fileprivate let extent: Extent
  /// Who it was made for: goes into audit entries.
  public let actor: Text

  /// The preorder interval of `directory` that may be seen; nil when everything may, empty when the org is gone.
  public func interval(in directory: OrgDirectory) -> Range<Int32>? {
    switch extent {
    case .everything: return nil
    case .subtree(let id):
      guard let org = directory.org(id) else { return 0..<0 }
      return org.start..<org.end
    }
  }
}

/// Decides who gets which scope.
public enum Authoriser {
  /// The scope of whoever owns the node's admin socket: the operating system checked that already.
  public static func socketOwner() -> Scope { Scope(extent: .everything, actor: "local") }

  /// The scope of the process that embeds the engine: it holds the files anyway.
  public static func embedder(_ actor: Text) -> Scope { Scope(extent: .everything, actor: actor) }

  /// A narrower scope: the part of what `scope` sees that lies under `org`.
  public static func narrowed(_ scope: Scope, to org: RecordID, in directory: OrgDirectory) -> Scope? {
    if let interval = scope.interval(in: directory), !interval.contains(directory.position(org)) { return nil }
    return Scope(extent: .subtree(org), actor: scope.actor)
  }
}
