import Engine
import Formats
import Glibc
import Ports
import Primitives
import RocksStorage

/// A parent on a real store, driven as the daemon's thread drives it, with one child on its line.
final class Parent {
  static let network: Text = "meter"
  let store: RocksStore
  let engine: Engine
  /// What was written, in order, when asked for.
  private(set) var batches: [(batch: WriteBatch, durability: Durability)] = []

  init(_ directory: String) throws {
    guard let key = SigningKey(seed: Bytes(repeating: 1, count: SigningKey.seedByteCount)) else {
      throw MeterError("a key of 32 bytes")
    }
    let identity = NodeIdentity(
      network: Parent.network, node: NodeID(1), key: key.publicKey, rootOrgCode: "033", rootOrgName: "市委",
      parentOrgCode: "")
    store = try RocksStore.initialise(
      directory: directory,
      identity: StoreIdentity(node: identity.node, network: "meter", rootOrgCode: "033", created: "2026-01-01 00:00"))
    try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
    engine = try Engine(store: store, catalog: .bundled, key: key)
  }

  func greet(_ child: NodeIdentity) throws {
    let network = Engine.networkHash(child.network)
    engine.childConnected(LinkID(1))
    try receive(
      .hello(
        .init(
          network: network, log: child.log, partition: child.partition, epoch: child.epoch, key: child.key,
          rootOrgCode: child.rootOrgCode, parentOrgCode: child.parentOrgCode, logs: [child.log])))
    try write(indexes: .whenDue, keeps: false)
  }

  private func receive(_ message: LinkMessage) throws {
    try engine.received(Bytes(message.encoded()[4...]), on: LinkID(1), clock: 1)
  }

  enum Indexes {
    case never, whenDue, all
  }

  /// One round of the daemon's thread.
  func write(indexes: Indexes, keeps: Bool) throws {
    if let batch = engine.takeWrites() {
      try store.write(batch, .synced)
      engine.written()
      try store.acknowledge(engine.durableHead)
      if keeps { batches.append((batch, .synced)) }
    }
    while let batch = try engine.takeDerivedWrites(all: indexes == .all) {
      if indexes == .never && batch.isOfIndex { continue }
      try store.write(batch, .rebuildable)
      if keeps { batches.append((batch, .rebuildable)) }
    }
    for (_, bytes) in engine.takeSends() {
      if case .refusal(let refusal) = try LinkMessage(Bytes(bytes[4...])) { throw MeterError("refused: \(refusal)") }
    }
  }

  /// Takes every frame, `group` of them to a sync.
  func take(_ frames: [Bytes], group: Int, indexes: Indexes, keeps: Bool = false) throws {
    for start in stride(from: 0, to: frames.count, by: group) {
      for frame in frames[start..<min(start + group, frames.count)] { try receive(.frame(frame)) }
      try write(indexes: indexes, keeps: keeps)
    }
    try write(indexes: .all, keeps: keeps)
  }
}

extension WriteBatch {
  var isOfIndex: Bool { withChanges { $0(.start).space == .index } }
}

/// Wall and processor time of a piece of work, background threads included.
struct Cost {
  let seconds: Double
  let processor: Double

  init(_ body: () throws -> Void) rethrows {
    let clock = ContinuousClock.now
    let before = Cost.processorSeconds
    try body()
    processor = Cost.processorSeconds - before
    let elapsed = (ContinuousClock.now - clock).components
    seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
