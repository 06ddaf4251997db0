import Primitives

/// A set of orgs as places in the preorder of one directory: a few subtrees, each an interval. Holds for the directory
/// it was made from and for no other; a moved org makes another directory, and whoever reads asks its scope again.
public struct OrgExtent: Hashable, Sendable {
  /// Ascending, disjoint, none empty.
  public let ranges: [Range<Int32>]
  /// Whether a record whose org is unknown counts where all orgs of its partition are inside. So it is for a subtree
  /// that somebody asks for who sees everything; for what somebody may see it never is, or the orgs outside would
  /// decide it.
  public let countsUnplaced: Bool

  /// The orgs in any of `ranges`, which may overlap.
  public init(_ ranges: [Range<Int32>], countsUnplaced: Bool = false) {
    self.countsUnplaced = countsUnplaced
    var joined: [Range<Int32>] = []
    for range in ranges.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    self.ranges = joined
  }

  /// No org.
  public static let none = OrgExtent([])

  /// Whether there is no org in it.
  public var isEmpty: Bool { ranges.isEmpty }

  /// Whether the org at this place is one of them; a place of -1, unknown, never is.
  public func contains(_ place: Int32) -> Bool {
    // Nearly always there is one.
    for range in ranges where range.contains(place) { return true }
    return false
  }

  /// Whether all of `range` is.
  public func covers(_ range: Range<Int32>) -> Bool {
    ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
  }

  /// Those of them that lie in `range`.
  public func clamped(to range: Range<Int32>) -> OrgExtent {
    OrgExtent(ranges.map { $0.clamped(to: range) }, countsUnplaced: countsUnplaced)
  }

  /// The one org with a code that somebody may know of who may see these orgs; nil when there is none or several. What
  /// bears the code outside takes no part: whether it is there must not show.
  ///
  /// - Parameter extent: nil for everything.
  public static func org(code: Text, in directory: OrgDirectory, knownTo extent: OrgExtent?) -> OrgDirectory.Org? {
    guard let extent else { return directory.org(code: code) }
    let known = directory.orgs(code: code).filter { extent.knows($0) }
    return known.count == 1 ? known[0] : nil
  }

  /// Whether somebody who may see these orgs may know that `org` exists: it is one of them or above one of them. The
  /// name of any other is answered like that of an org that does not exist.
  public func knows(_ org: OrgDirectory.Org) -> Bool {
    contains(org.start) || GateDefect.active == .codeOutsideIsKnown
      || ranges.contains { org.start <= $0.lowerBound && $0.upperBound <= org.end }
  }
}
