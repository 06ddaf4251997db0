import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

/// One engine over a simulated store, driven by hand.
final class Bench {
  let store: SimulatedStore
  var engine: Engine
  let identity: NodeIdentity
  let key: SigningKey
  static let member = EntityID(3)
  static let organisation = EntityID(1)
  static let network: Text = "bench"

  /// A new node; its root org is the one commit in its log.
  init(_ number: UInt64, _ code: Text, under parent: Text = "", childrenAllowed: [ChildPermit]? = nil) throws {
    store = SimulatedStore()
    key = try Bench.key(number)
    identity = NodeIdentity(
      network: Bench.network, node: NodeID(number), key: key.publicKey, rootOrgCode: code, rootOrgName: "党组织",
      parentOrgCode: parent)
    try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
    engine = try Engine(store: store, catalog: .bundled, key: key, childrenAllowed: childrenAllowed)
  }

  /// Another machine over a disk, with the identity and key of `other`.
  init(over store: SimulatedStore, of other: Bench, identity: NodeIdentity? = nil) throws {
    self.store = store
    key = other.key
    self.identity = identity ?? other.identity
    engine = try Engine(store: store, catalog: .bundled, key: key)
  }

  var log: LogID { identity.log }

  /// The key of the bench with this number, the same every time.
  static func key(_ number: UInt64) throws -> SigningKey {
    try #require(SigningKey(seed: Bytes(repeating: UInt8(number), count: SigningKey.seedByteCount)))
  }

  /// Writes and syncs what waits, as a driver does.
  func write() throws {
    guard let batch = engine.takeWrites() else { return }
    try store.write(batch, .synced)
    engine.written()
  }

  /// Writes what follows from durable frames and is not in the store yet.
  func flushDerived() throws {
    while let batch = try engine.takeDerivedWrites(all: true) { try store.write(batch, .rebuildable) }
  }

  /// Writes and syncs what waits, and what follows from it.
  func sync() throws {
    try write()
    try flushDerived()
  }

  /// Brings everything to disk, rows and indexes too: what a crash finds from here on.
  func checkpoint() throws {
    try write()
    try flushDerived()
    try crash(losing: .nothing)
  }

  /// Dies and comes back.
  ///
  /// - Parameter loss: of what was flushed since the last open.
  func crash(losing loss: Loss = .both) throws {
    store.crash(
      keepingRows: loss == .nothing || loss == .index ? store.unsyncedCount(.rows) : 0,
      keepingIndex: loss == .nothing || loss == .rows ? store.unsyncedCount(.index) : 0)
    engine = try Engine(store: store, catalog: .bundled, key: key)
  }

  /// What a crash took of derived data.
  enum Loss: CaseIterable, Sendable {
    case nothing, rows, index, both
  }

  /// Makes records anew from the log, as a driver does.
  func remake(_ keys: [RecordKey], of partition: PartitionID) throws -> RepairOutcome {
    let rowKeys = keys.map { Keys.row(partition, $0) }
    let id = try #require(engine.beginMending(rowKeys))
    try sync()
    let made = try LogReplay(store).made(rowKeys, logs: engine.logs(of: partition))
    let outcome = try engine.mend(id, made, actor: "operator", clock: 20)
    try sync()
    store.flushAll()
    try engine.mendedIsStored(id)
    try sync()
    return outcome
  }

  // MARK: Members

  func item(_ name: String) throws -> Item { try Bench.item(name) }

  static func item(_ name: String) throws -> Item {
    guard let item = Catalog.bundled.entity(named: "member")?.item(named: name) else { throw BenchError.noItem(name) }
    return item
  }

  func insertion(_ card: Text, name: Text = "张伟", key: RecordKey? = nil) throws -> Formats.Operation {
    let key = key ?? RecordKey(entity: Bench.member, record: engine.mint())
    let values: [(ItemID, Value)] = [(try item("id_card").id, .text(card)), (try item("name").id, .text(name))]
    return Operation(key, .insert(engine.sorted(values, of: Bench.member)))
  }

  func change(_ key: RecordKey, _ name: String, _ old: Value, _ new: Value) throws -> Formats.Operation {
    let item = try item(name)
    return Operation(key, .update([FieldChange(Engine.section(item.fieldClass), item.id, old: old, new: new)]))
  }

  @discardableResult
  func commit(_ operations: [Formats.Operation], clock: UInt64 = 2) throws -> Sequence64 {
    try engine.commit(operations, actor: "clerk", reason: "test", clock: clock)
  }

  /// The row as of everything durable.
  func row(_ key: RecordKey) throws -> Bytes? {
    try flushDerived()
    return try store.get(.rows, Keys.row(identity.partition, key))
  }

  /// Keys of the index entries of members, natural keys and others.
  func entries() throws -> [Bytes] {
    var keys: [Bytes] = []
    try store.scan(.index, from: [1, 3], to: [1, 4]) { key, _ in
      keys.append(Bytes(key))
      return true
    }
    return keys
  }

  /// The record that a citizen id leads to.
  func lookup(_ card: Text) throws -> RecordKey? {
    var writer = ByteWriter()
    writer.raw(IndexKey.prefix(Bench.member, 0))
    writer.u8(0)
    IndexKey.append(.text(card), to: &writer)
    writer.u64(identity.partition.value)
    return try store.get(.index, writer.bytes)?.withUnsafeBytes { Keys.parseRow($0)?.key }
  }

  /// Printable and as good as incompressible.
  static func noise(_ count: Int, seed: UInt64) -> String {
    var random = SeededRandom(seed: seed)
    return String(decoding: (0..<count).map { _ in UInt8(33 + random.below(90)) }, as: UTF8.self)
  }

  // MARK: Links

  func receive(_ message: LinkMessage, on link: UInt64 = 1) throws {
    try engine.received(Bytes(message.encoded()[4...]), on: LinkID(link), clock: 5)
  }

  /// What the engine wants sent on a link, read back.
  func sent(on link: UInt64 = 1) throws -> [LinkMessage] {
    try engine.takeSends().filter { $0.link == LinkID(link) }.map { try LinkMessage(Bytes($0.bytes[4...])) }
  }

  /// The reason with which the engine ended a link, if it did.
  func refusal(on link: UInt64 = 1) throws -> LinkMessage.Refusal.Reason? {
    for message in try sent(on: link) { if case .refusal(let refusal) = message { return refusal.reason } }
    return nil
  }

  func hello(
    network: Text = Bench.network, log: LogID? = nil, partition: PartitionID? = nil, epoch: UInt32 = 1,
    key: PublicKey? = nil, code: Text? = nil, logs: [LogID]? = nil
  ) -> LinkMessage {
    .hello(
      .init(
        network: Engine.networkHash(network), log: log ?? self.log, partition: partition ?? identity.partition,
        epoch: Epoch(epoch), key: key ?? identity.key, rootOrgCode: code ?? identity.rootOrgCode,
        parentOrgCode: identity.parentOrgCode,
        logs: logs ?? [log ?? self.log]))
  }

  /// Every frame of our own log, in order.
  func frames() throws -> [Bytes] {
    var frames: [Bytes] = []
    try store.scan(.log, from: Keys.log(log), to: Keys.log(log).prefixEnd()) { _, value in
      frames.append(Bytes(value[8...]))
      return true
    }
    return frames
  }

  /// An assignment below our own partition, signed with our key.
  func assignment(of partition: PartitionID, to owner: Bench, epoch: UInt32 = 1) -> Assignment {
    Assignment(
      partition: partition, owner: owner.identity.node, epoch: Epoch(epoch), key: owner.identity.key,
      mount: identity.rootOrg, rootOrgCode: owner.identity.rootOrgCode, network: Engine.networkHash(Bench.network),
      holder: identity.partition, signer: key)
  }

  /// A frame as a node with this identity could make it.
  func seal(
    _ operations: [Formats.Operation], log: LogID? = nil, first: UInt64 = 1, previous: Digest256 = .zero,
    network: Text = Bench.network, partition: PartitionID? = nil, epoch: UInt32 = 1, key: SigningKey? = nil
  ) -> Frame {
    let commit = Commit(
      actor: "x", reason: "", batch: 0, time: HybridTime(milliseconds: first), operations: operations)
    return FrameCodec().seal(
      [commit], network: Engine.networkHash(network), log: log ?? self.log, partition: partition ?? identity.partition,
      epoch: Epoch(epoch), catalog: Engine.catalogID(.bundled), first: Sequence64(first), previous: previous,
      key: key ?? self.key)
  }
}

enum BenchError: Error { case noItem(String) }

/// A line between a child and its parent that carries everything at once.
struct Wire {
  let child: Bench
  let parent: Bench
  let link: UInt64

  init(_ child: Bench, _ parent: Bench, link: UInt64) {
    self.child = child
    self.parent = parent
    self.link = link
  }

  func connect() {
    parent.engine.childConnected(LinkID(link))
    child.engine.parentConnected(LinkID(link))
  }

  func cut() {
    parent.engine.disconnected(LinkID(link))
    child.engine.disconnected(LinkID(link))
  }
}

/// Writes and carries until nothing moves any more; wires of one network have different links.
func settle(_ wires: [Wire], clock: UInt64 = 10) throws {
  var moved = true
  while moved {
    moved = false
    for wire in wires {
      for bench in [wire.child, wire.parent] {
        try bench.write()
        while let batch = try bench.engine.takeDerivedWrites(all: false) { try bench.store.write(batch, .rebuildable) }
        moved = moved || bench.engine.hasWaitingFrames
        try bench.engine.pump(clock: clock)
        for (link, bytes) in bench.engine.takeSends() {
          moved = true
          guard let target = wires.first(where: { $0.link == link.value }) else { continue }
          let other = target.child === bench ? target.parent : target.child
          try other.engine.received(Bytes(bytes[4...]), on: link, clock: clock)
        }
        for link in bench.engine.takeClosings() { wires.first { $0.link == link.value }?.cut() }
      }
    }
  }
}
