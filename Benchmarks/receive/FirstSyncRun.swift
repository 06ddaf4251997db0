import Engine
import Formats
import Ports
import Primitives
import RocksStorage

/// First sync of a domain by snapshot: an owner's engine on one real store, a parent's on another, messages handed over
/// in memory. What each side costs is told apart; nothing travels and nothing is encrypted.
struct FirstSyncRun {
  let rows: Int
  let chunks: Int
  let byteCount: UInt64
  /// The owner's scan, compression and signature; its reading of chunks; the parent's checks, syncs, rows and entries.
  private(set) var making = Spent()
  private(set) var sending = Spent()
  private(set) var receiving = Spent()
  private(set) var installing = Spent()

  /// Seconds by the clock and of processors.
  struct Spent {
    var seconds = 0.0
    var processor = 0.0

    fileprivate mutating func add(_ body: () throws -> Void) rethrows {
      let cost = try Cost(body)
      seconds += cost.seconds
      processor += cost.processor
    }

    func line(_ title: String, _ rows: Int) -> String {
      let rate = seconds > 0 ? Int(Double(rows) / seconds) : 0
      let each = processor * 1e6 / Double(rows)
      let name = title.padding(toLength: 48, withPad: " ", startingAt: 0)
      return "\(name) \(rate) rows/s, \((each * 100).rounded() / 100) µs processor a row"
    }
  }

  /// Runs a first sync of the rows in `city`.
  ///
  /// - Parameter directory: an empty one; two stores are made in it.
  init(_ city: City, directory: String, child: NodeIdentity, key: SigningKey) throws {
    let owner = try FirstSyncRun.owner(city, "\(directory)/owner", child, key)
    let parent = try Parent("\(directory)/parent")
    defer {
      owner.store.close()
      parent.store.close()
    }
    rows = owner.engine.rowCounts(child.partition).reduce(0) { $0 + $1.rows }
    parent.engine.childConnected(LinkID(1))
    owner.engine.parentConnected(LinkID(1))
    var isQuiet = false
    while !isQuiet {
      let before = owner.engine.snapshotFigures.made
      var made = Spent()
      try made.add { try FirstSyncRun.turn(owner.engine, owner.store) }
      let ownerSends = owner.engine.takeSends()
      if owner.engine.snapshotFigures.made > before {
        making = made
      } else {
        sending.seconds += made.seconds
        sending.processor += made.processor
      }
      try receiving.add {
        for (_, bytes) in ownerSends { try parent.engine.received(Bytes(bytes[4...]), on: LinkID(1), clock: 1) }
      }
      let isInstalling = parent.engine.snapshotFigures.taken > 0
      var turned = Spent()
      try turned.add { try FirstSyncRun.turn(parent.engine, parent.store) }
      if isInstalling {
        installing.seconds += turned.seconds
        installing.processor += turned.processor
      } else {
        receiving.seconds += turned.seconds
        receiving.processor += turned.processor
      }
      let parentSends = parent.engine.takeSends()
      for (_, bytes) in parentSends {
        if case .refusal(let refusal) = try LinkMessage(Bytes(bytes[4...])) { throw MeterError("refused: \(refusal)") }
        try owner.engine.received(Bytes(bytes[4...]), on: LinkID(1), clock: 1)
      }
      let isDone = parent.engine.rowCounts(child.partition).reduce(0) { $0 + $1.rows } == rows
      isQuiet = ownerSends.isEmpty && parentSends.isEmpty && isDone && !parent.engine.hasWaitingFrames
    }
    try installing.add {
      while let batch = try parent.engine.takeDerivedWrites(all: true) { try parent.store.write(batch, .rebuildable) }
    }
    chunks = parent.engine.snapshotFigures.chunksReceived
    byteCount = parent.engine.snapshotBytesReceived
  }

  /// One round of the daemon's thread.
  private static func turn(_ engine: Engine, _ store: RocksStore) throws {
    if let batch = engine.takeWrites() {
      try store.write(batch, .synced)
      engine.written()
      try store.acknowledge(engine.durableHead)
    }
    while let batch = try engine.takeDerivedWrites(all: false) { try store.write(batch, .rebuildable) }
    try engine.pump(clock: 1)
  }

  /// A store whose own domain has every row of the city.
  private static func owner(
    _ city: City, _ directory: String, _ identity: NodeIdentity, _ key: SigningKey
  ) throws -> (engine: Engine, store: RocksStore) {
    let store = try RocksStore.initialise(
      directory: directory,
      identity: StoreIdentity(
        node: identity.node, network: "meter", rootOrgCode: identity.rootOrgCode.string, created: "2026-01-01 00:00"))
    try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
    let engine = try Engine(store: store, catalog: .bundled, key: key)
    let codec = FrameCodec()
    for bytes in city.frames {
      let body = try codec.open(try codec.parse(bytes))
      _ = try engine.commit([], inserts: body.groups, actor: "meter", reason: "", clock: 1)
      try turn(engine, store)
    }
    while let batch = try engine.takeDerivedWrites(all: true) { try store.write(batch, .rebuildable) }
    return (engine, store)
  }

  /// What was measured, a line each.
  var lines: [String] {
    var all = Spent()
    for part in [receiving, installing] {
      all.seconds += part.seconds
      all.processor += part.processor
    }
    return [
      "\(rows) rows, \(chunks) chunks, \(byteCount) bytes: \(byteCount / UInt64(max(1, rows))) bytes a row",
      making.line("snapshot: owner makes it", rows), sending.line("snapshot: owner sends it", rows),
      receiving.line("snapshot: parent checks and stores chunks", rows),
      installing.line("snapshot: parent writes rows and indexes", rows), all.line("snapshot: parent in all", rows),
    ]
  }
}
