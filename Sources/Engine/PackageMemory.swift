import Formats
import Ports
import Primitives
import Replication

/// A node that packages go to and come from, introduced by its card.
public struct PackagePeer: Hashable, Sendable {
  /// Where it stands.
  public enum Role: UInt8, Hashable, Sendable {
    case parent = 0
    case child = 1
  }
  public let role: Role
  public let card: NodeCard

  /// `role u8 · card text`
  var encoded: Bytes { [role.rawValue] + Bytes(card.text.utf8) }

  init(role: Role, card: NodeCard) {
    self.role = role
    self.card = card
  }

  init?(_ bytes: Bytes) {
    guard let role = bytes.first.flatMap(Role.init(rawValue:)),
      let text = String(validating: bytes.dropFirst(), as: UTF8.self), let card = try? NodeCard(text)
    else { return nil }
    self.role = role
    self.card = card
  }
}

/// What an engine knows of packages, mirrored from `Keyspace.meta` and changed together with the open batch.
struct PackageMemory {
  var peers: [NodeID: PackagePeer] = [:]
  /// By recipient, the last package of our present log.
  var sent: [NodeID: SentPackage] = [:]
  /// By sender's log, the last package taken.
  var taken: [LogID: TakenPackage] = [:]

  /// Our parent, when its card is here.
  var parent: PackagePeer? {
    for node in peers.keys.sorted() { if let peer = peers[node], peer.role == .parent { return peer } }
    return nil
  }
}

extension Engine {
  /// Reads cards, series and what the parent acknowledged by package.
  func loadPackages() throws(EngineError) {
    try forEachMeta(MetaKey.cards) { _, value in
      guard let peer = PackagePeer(value) else { return false }
      packages.peers[peer.card.log.node] = peer
      return true
    }
    let own = MetaKey.sent + Keys.log(identity.log)
    try forEachMeta(own) { _, value in
      guard let package = try? SentPackage(value) else { return false }
      packages.sent[package.facts.recipient] = package
      return true
    }
    try forEachMeta(MetaKey.taken) { key, value in
      var reader = ByteReader(key, from: 1, to: key.count)
      guard let log = (try? reader.u64()).flatMap({ LogID(exactly: $0) }), let package = try? TakenPackage(value) else {
        return false
      }
      packages.taken[log] = package
      return true
    }
    var marks: [LinkMessage.Watermark] = []
    try forEachMeta(MetaKey.watermarks) { key, value in
      var reader = ByteReader(key, from: 1, to: key.count)
      var number = ByteReader(value)
      guard let log = (try? reader.u64()).flatMap({ LogID(exactly: $0) }), let level = try? reader.u8(),
        let last = try? number.u64()
      else { return false }
      marks.append(.init(level: level, log: log, last: Sequence64(last)))
      return true
    }
    note(marks)
  }

  func forEachMeta(_ prefix: Bytes, _ body: (_ key: Bytes, _ value: Bytes) -> Bool) throws(EngineError) {
    var damage: String?
    do {
      try store.scan(.meta, from: prefix, to: prefix.prefixEnd()) { key, value in
        guard body(Bytes(key), Bytes(value)) else {
          damage = "package record \(Bytes(key).hex)"
          return false
        }
        return true
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
  }
}
