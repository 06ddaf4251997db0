import Catalog
import Engine
import Formats
import Foundation
import Messages
import Ports
import Primitives
import RocksStorage

/// How a node that lost its place comes back to it. All of this works on a directory that no process has open.
extension Node {
  /// Says of a store that its parent must be asked before it writes again: after a disk was put back by hand, after its
  /// database was found shorter than what was acknowledged, after the node was fenced.
  ///
  /// Nothing is removed: records that lie only here stay in its log, and ``evidence(at:after:tell:)`` lists them.
  ///
  /// - Parameter isolated: do not ask: go on at once under a new incarnation that is marked as to be reconciled. For a
  ///   node that must work and whose parent cannot be reached.
  /// - Returns: where the database stands, and what was acknowledged when that is more.
  /// - Throws: when the store is missing, damaged, open, or another node's.
  public static func recover(
    at directory: String, isolated: Bool = false
  ) throws(Failure) -> (found: String, acknowledged: String?) {
    do {
      var lost: String?
      let store: RocksStore
      do {
        store = try openForMarking(directory)
      } catch OpenError.behind(let found, let acknowledged) {
        lost = "\(acknowledged)"
        try RocksStore.acceptHead(found, directory: directory, expecting: ExpectedIdentity()) {
          reader throws(StoreError) in
          try Engine.readHead(reader)
        }
        store = try openForMarking(directory)
      }
      defer { store.close() }
      let mark = isolated ? StandingMark.isolated : .recovering
      try mark.write(to: store)
      try store.forgetAccepted()
      return ("\(store.report.head)", lost)
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  /// Brings to an end what ``recover(at:isolated:)`` began when it died between accepting a short log and marking the
  /// store: without the mark the node would commit at positions that its parent holds already.
  static func finishRecover(_ store: RocksStore) throws {
    guard store.report.isAccepted else { return }
    if try StandingMark.read(store) == nil { try StandingMark.recovering.write(to: store) }
    try store.forgetAccepted()
  }

  private static func openForMarking(_ directory: String) throws -> RocksStore {
    try RocksStore.open(directory: directory, expecting: ExpectedIdentity()) { reader throws(StoreError) in
      try Engine.readHead(reader)
    }
  }

  /// Who an empty store is to become.
  public struct Lost: Sendable {
    /// The node's id; nil draws a new one.
    public var node: UInt64?
    /// The id of the domain's rows; nil for a node that created its domain itself.
    public var partition: UInt64?
    /// The epoch of the assignment to this node.
    public var epoch: UInt32 = 1
    /// The node's `KEY`, kept elsewhere; nil makes a new pair, whose public half the parent must be told.
    public var keyFile: String?
    /// A new node with a new key; what is known of the lost one is set afterwards.
    public init() {}
  }

  /// Creates an empty store that is read-only until its parent has handed the domain's history back: for a lost disk
  /// whose key was kept, or for a new machine that takes a lost node's place.
  ///
  /// - Throws: `XYL-STO-0009` when the directory is not empty; `XYL-API-0006` when it is not said whose domain it is;
  ///   storage failures.
  public static func recover(
    at directory: String, network: String, code: String, name: String, parentCode: String, as lost: Lost
  ) throws(Failure) -> NodeIdentity {
    do {
      let secret =
        try lost.keyFile.map { try KeyFile.read(at: $0) }
        ?? (0..<KeyFile.secretByteCount).map { _ in
          UInt8.random(in: 0...255)
        }
      let key = try signingKey(secret)
      let node = lost.node.flatMap { NodeID(exactly: $0) } ?? NodeID(UInt64.random(in: 1..<(1 << 48)))
      guard
        let partition = lost.partition.map({ PartitionID(exactly: $0) })
          ?? (lost.node == nil ? nil : PartitionID(exactly: LogID(node: node, incarnation: 1).value)),
        !parentCode.isEmpty
      else {
        throw Failure(
          .apiBadParameter,
          ["parameter": "partition", "expected": "the id that xylemctl domain list shows", "found": "-"])
      }
      let identity = NodeIdentity(
        network: Text(network), node: node, partition: partition, epoch: Epoch(lost.epoch), key: key.publicKey,
        rootOrgCode: Text(code), rootOrgName: Text(name), parentOrgCode: Text(parentCode))
      let store = try RocksStore.initialise(
        directory: directory,
        identity: StoreIdentity(
          node: node, network: network, rootOrgCode: code, created: ISO8601DateFormatter().string(from: Date()))
      ) { store in
        try KeyFile.create(secret, in: directory)
        try Engine.initialiseEmpty(store, identity: identity)
      }
      store.close()
      return identity
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  /// One change that lies in a store's own logs.
  public struct Evidence: Sendable {
    /// Node in hexadecimal and incarnation.
    public let log: String
    public let sequence: UInt64
    /// Milliseconds since 1970 by the writer's clock.
    public let time: UInt64
    public let actor: String
    public let reason: String
    public let entity: String
    public let record: String
    /// `+` for an insert, `~` for a change, `-` for a deletion; then items with their values.
    public let change: String
  }

  /// Tells every change of the node's own logs after a position, oldest first: what a fenced node wrote that nobody
  /// above has, to be entered again by hand where it counts. Reads only; the store may be open elsewhere.
  ///
  /// - Parameter sequence: as the incident names it; 0 for everything.
  public static func evidence(
    at directory: String, after sequence: UInt64, tell: (Evidence) throws -> Void
  ) throws(Failure) {
    do {
      let store = try RocksStore.openReadOnly(directory: directory) { reader throws(StoreError) in
        try Engine.readHead(reader)
      }
      defer { store.close() }
      let codec = FrameCodec()
      let node = store.identity.node
      var frames: [Bytes] = []
      try store.scan(
        .log, from: Keys.log(LogID(node: node, incarnation: 1)), to: Keys.log(LogID(node: node, incarnation: .max))
      ) { _, value in
        frames.append(Bytes(value.dropFirst(8)))
        return true
      }
      for bytes in frames {
        let frame = try codec.parse(bytes)
        guard frame.header.last.value > sequence else { continue }
        let body = try codec.open(frame)
        var all: [Evidence] = []
        body.forEachOperation { group, row in
          let commit = body.commits[group.commit(row)]
          let number = frame.header.first.value + UInt64(group.commit(row))
          guard number > sequence, group.entity.value < 200 else { return }
          let entity = Catalog.bundled.entity(group.entity)
          all.append(
            Evidence(
              log: "\(String(frame.header.log.node.value, radix: 16)).\(frame.header.log.incarnation)",
              sequence: number, time: commit.time.milliseconds, actor: commit.actor.string,
              reason: commit.reason.string, entity: entity?.name ?? "\(group.entity.value)",
              record: group.key(row).text, change: describe(group.operation(row), entity)))
        }
        for evidence in all.sorted(by: { $0.sequence < $1.sequence }) { try tell(evidence) }
      }
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  private static func describe(_ operation: Formats.Operation, _ entity: Entity?) -> String {
    func name(_ item: ItemID) -> String { entity?.item(item)?.name ?? "\(item.value)" }
    switch operation.change {
    case .insert(let fields): return "+ " + fields.map { "\(name($0.item))=\(plain($0.value))" }.joined(separator: "; ")
    case .update(let changes):
      return "~ " + changes.map { "\(name($0.item))=\(plain($0.old))→\(plain($0.new))" }.joined(separator: "; ")
    case .delete: return "-"
    }
  }

  private static func plain(_ value: Value) -> String {
    switch value {
    case .null: ""
    case .bool(let flag): "\(flag)"
    case .int(let number), .decimal(let number): "\(number)"
    case .date(let date): date.description
    case .minute(let minute): minute.description
    case .text(let text): text.string
    case .reference(let record): "\(String(record.mint, radix: 16))-\(record.counter)"
    case .references(let records): records.map { "\(String($0.mint, radix: 16))-\($0.counter)" }.joined(separator: "|")
    }
  }
}
