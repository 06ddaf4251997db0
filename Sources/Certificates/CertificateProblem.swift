import Foundation
import Primitives

/// Why a certificate is not accepted, in words for a log.
public enum CertificateProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The peer showed none.
  case missing
  /// Bytes that are no certificate, or one that no node's is like.
  case malformed(String)
  /// Past its end, by the time that stands beside it.
  case expired(end: Date, now: Date)
  /// Before its beginning, by the time that stands beside it.
  case notYetValid(start: Date, now: Date)
  /// No chain of signatures leads to one of our authorities.
  case unknownAuthority
  /// Not issued for links: a user's, an authority's or a stranger's.
  case notForNodes
  /// A node of another network.
  case otherNetwork(String)
  /// Another node than the one that had to be here.
  case otherNode(NodeName, expected: NodeID)
  /// Its authority, or the one above that, has called it back.
  case revoked(serial: String, reason: String)

  public var description: String {
    switch self {
    case .missing: "it has none"
    case .malformed(let detail): "it cannot be read: \(detail)"
    case .expired(let end, let now): "it ended at \(instant(end)); it is \(instant(now)) now"
    case .notYetValid(let start, let now): "it begins at \(instant(start)); it is \(instant(now)) now"
    case .unknownAuthority: "no authority of ours issued it"
    case .notForNodes: "it is not a node's"
    case .otherNetwork(let network): "it is for the network \(network)"
    case .otherNode(let name, let expected):
      "it is for node \(name.id), not \(NodeName(network: name.network, node: expected).id)"
    case .revoked(let serial, let reason): "certificate \(serial) was revoked: \(reason)"
    }
  }
}

/// `2026-11-25 08:30 UTC`: minutes are enough for people who compare clocks.
public func instant(_ date: Date) -> String {
  "\(CivilMinute(minutes: Int64((date.timeIntervalSince1970 / 60).rounded(.down)))) UTC"
}
