import Access
import Catalog
import Engine
import Formats
import Foundation
import Logging
import Messages
import Ports
import Query
import Replication
import RocksStorage
import Synchronization

@_exported import Primitives

/// One node in this process: a store on disk, its engine on a thread of its own, and, with a carrier, its links.
///
/// Open it once, use it from any task, close it. A node left open at process death recovers without help.
public final class Node: Sendable {
  /// What can be set when a node is opened.
  public struct Options: Sendable {
    /// Children that may link, each as `CODE`, the code of its root org, or as `CODE=KEY` with the public key that its
    /// creation printed; nil allows any. Without a key the first node that says the code is believed, for good.
    public var children: [String]?
    /// Whose store it must be; what is nil is not asked.
    public var expected = Expectation()
    /// How many rows an import may reject before it stops.
    public var importRejectsMax = 1000
    /// Rows of the own domain from which on it goes up as a snapshot when the parent has nothing of it.
    public var firstSyncRowsMin = FirstSync.rowsMin
    /// Fixes the calendar day that rules see; nil takes the clock's, in UTC+8. For demonstrations and tests.
    public var today: CivilDate?
    /// How many reads run at the same time.
    public var readersMax = 2
    /// How many long reads (SQL) run at the same time, beside the others.
    public var longReadersMax = 2
    /// The schema; every node of a network has the same. Another than the bundled one is for programs that bring their
    /// own, and for tests.
    public var catalog = Catalog.bundled
    /// How the store is read for rot in the background.
    public var scrub = ScrubOptions()
    /// Store options: memory, files.
    public var store = StoreOptions()
    public init() {}

    /// Bounds what the store keeps in memory: blocks read, and rows not yet in files, all write buffers together.
    public mutating func setMemory(cache: ByteCount, writeBuffers: ByteCount) {
      store.setCache(cache)
      store.writeBuffersTotal = writeBuffers
    }
  }

  /// What a caller knows about the store it means to open.
  public struct Expectation: Sendable {
    /// The network's name.
    public var network: String?
    /// The code of the domain's root org.
    public var rootOrgCode: String?
    /// The node.
    public var node: NodeID?
    public init() {}
  }

  /// Where a commit landed.
  public struct Position: Hashable, Sendable {
    /// Counts the commits of this node's log.
    public let sequence: UInt64

    /// Of a commit that this node's log has.
    public init(sequence: UInt64) { self.sequence = sequence }
  }

  /// How far a commit must have got.
  public enum Level: Sendable {
    /// Survives `kill -9` and power loss here.
    case local
    /// Survives the total loss of this node: the parent has it synced.
    case parent
    /// Synced at the top of the network.
    case root
  }

  public let identity: NodeIdentity
  public let catalog: Catalog
  let options: Options
  let store: RocksStore
  let thread: NodeThread
  let readers: ReaderPool
  let longReads: LongReads
  let carrier: (any LinkCarrier)?
  let log: Logger
  let started = Date()
  let feed: FeedHub
  let hub: VerificationHub
  let scrubber: Scrubber
  let columns: ColumnKeeper
  let auditLog: AuditLog
  let access: AccessDesk
  private let ending = NodeEnding()
  let batches = Mutex<UInt64>(NodeClock.milliseconds << 12)

  // MARK: Life

  /// Creates a node's store and its key pair in a missing or empty directory.
  ///
  /// - Parameters:
  ///   - code: code of the domain's root org, `033001` for instance; empty parent code makes the top of a network.
  ///   - catalog: the schema, which every later opening must be given too when it is not the bundled one.
  /// - Returns: what the node is called in its network, its public key among it: the parent's operator registers that.
  /// - Throws: `XYL-STO-0009` when the directory is not empty; storage failures.
  @discardableResult
  public static func create(
    at directory: String, network: String, code: String, name: String, parentCode: String, id: UInt64? = nil,
    catalog: Catalog = .bundled
  ) throws(Failure) -> NodeIdentity {
    // getrandom(2), which blocks until the kernel has gathered enough.
    let secret = (0..<KeyFile.secretByteCount).map { _ in UInt8.random(in: 0...255) }
    let key = try signingKey(secret)
    let node = id.flatMap { NodeID(exactly: $0) } ?? NodeID(UInt64.random(in: 1..<(1 << 48)))
    let identity = NodeIdentity(
      network: Text(network), node: node, key: key.publicKey, rootOrgCode: Text(code), rootOrgName: Text(name),
      parentOrgCode: Text(parentCode))
    do {
      let store = try RocksStore.initialise(
        directory: directory,
        identity: StoreIdentity(
          node: node, network: network, rootOrgCode: code, created: ISO8601DateFormatter().string(from: Date()))
      ) { store in
        try KeyFile.create(secret, in: directory)
        try Engine.initialise(store, identity: identity, catalog: catalog, key: key, clock: NodeClock.milliseconds)
      }
      store.close()
    } catch { throw Failure(anyError: error, directory: directory) }
    return identity
  }

  static func signingKey(_ secret: Bytes) throws(Failure) -> SigningKey {
    guard let key = SigningKey(seed: secret) else {
      throw Failure(.storageCorrupt, ["file": "KEY", "reason": "a seed of \(secret.count) bytes"])
    }
    return key
  }

  /// Whose store a directory holds, read without opening it.
  ///
  /// - Throws: `XYL-STO-0008` when there is none.
  public static func facts(at directory: String) throws(Failure) -> (network: String, node: NodeID, code: String) {
    do throws(OpenError) {
      let identity = try StoreIdentity.read(in: directory)
      return (identity.network, identity.node, identity.rootOrgCode)
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  /// What a carrier must know before the store is opened: a few bytes of two files.
  private static func linkIdentity(_ directory: String) throws -> LinkIdentity {
    let identity = try StoreIdentity.read(in: directory)
    let key = try signingKey(KeyFile.read(in: directory))
    return LinkIdentity(network: identity.network, node: identity.node, key: key.publicKey.bytes) { key.sign($0) }
  }

  private static func permits(_ children: [String]?) throws(Failure) -> [ChildPermit]? {
    guard let children else { return nil }
    var permits: [ChildPermit] = []
    for child in children {
      guard let permit = ChildPermit(child) else {
        throw Failure(.configWrongType, ["key": "link.children", "expected": "CODE or CODE=KEY", "found": child])
      }
      permits.append(permit)
    }
    return permits
  }

  /// Opens a node's store and starts its thread; with a carrier, links come up afterwards by themselves.
  ///
  /// - Throws: when the store is missing, damaged, locked, another node's, or shorter than what was acknowledged.
  ///   Nothing was written then.
  public static func open(
    at directory: String, options: Options = Options(), carrier: (any LinkCarrier)? = nil,
    log: Logger = Logger(label: "xylem")
  ) async throws(Failure) -> Node {
    do {
      let permits = try permits(options.children)
      // Listening comes first: a port in use is found out before the store is touched.
      let early = carrier.map { _ in EarlyEvents() }
      if let carrier, let early { try await carrier.start(as: linkIdentity(directory)) { early.take($0) } }
      do { return try open(directory, options, permits, carrier, early, log) } catch {
        await carrier?.stop()
        throw error
      }
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  private static func open(
    _ directory: String, _ options: Options, _ permits: [ChildPermit]?, _ carrier: (any LinkCarrier)?,
    _ early: EarlyEvents?, _ log: Logger
  ) throws -> Node {
    let store = try RocksStore.open(
      directory: directory,
      expecting: ExpectedIdentity(
        node: options.expected.node, network: options.expected.network, rootOrgCode: options.expected.rootOrgCode),
      options: options.store,
      readHead: { reader throws(StoreError) in
        try Engine.readHead(reader)
      })
    let engine: Engine
    let auditLog: AuditLog
    do {
      try finishRecover(store)
      let key = try signingKey(KeyFile.read(in: directory))
      engine = try Engine(store: store, catalog: options.catalog, key: key, childrenAllowed: permits)
      engine.firstSyncRowsMin = options.firstSyncRowsMin
      auditLog = try AuditLog(store, key: key, incarnation: engine.identity.log.incarnation)
    } catch {
      store.close()
      throw error
    }
    let node = Node(engine, store, options, carrier, log, auditLog)
    node.thread.start()
    node.scrubber.start(node)
    early?.hand(to: node.thread)
    return node
  }

  private init(
    _ engine: sending Engine, _ store: RocksStore, _ options: Options, _ carrier: (any LinkCarrier)?, _ log: Logger,
    _ auditLog: AuditLog
  ) {
    identity = engine.identity
    catalog = engine.catalog
    self.options = options
    self.store = store
    self.carrier = carrier
    self.log = log
    self.auditLog = auditLog
    access = AccessDesk(key: auditLog.key)
    let feed = FeedHub(engine.durableApplied)
    self.feed = feed
    readers = ReaderPool(count: options.readersMax)
    longReads = LongReads(threads: options.longReadersMax)
    let ending = ending
    let hub = VerificationHub()
    self.hub = hub
    scrubber = Scrubber(options.scrub, log)
    let (answering, readers) = (Answering(), readers)
    let rowFeed = RowFeed()
    let columns = ColumnKeeper(catalog: engine.catalog, feed: rowFeed)
    self.columns = columns
    let thread = NodeThread(
      engine: engine, store: store, carrier: carrier, log: log, hub: hub, rowFeed: rowFeed,
      onRows: { readers.post { columns.drain() } }
    ) { question in
      answering.answer(question, hub, readers)
    } onDurable: {
      feed.advance(to: $0)
    } onEnd: { failure in
      feed.finish()
      ending.end(failure)
      // Links to a node that takes nothing would only look alive: its neighbours must see them end.
      if failure != nil, let carrier { Task { await carrier.stop() } }
    }
    answering.thread.withLock { $0 = thread }
    self.thread = thread
  }

  /// Stops links, finishes what was begun, closes the store. Later calls fail with `XYL-NOD-0003`.
  public func close() async {
    await scrubber.stop()
    await carrier?.stop()
    try? await auditWaiting()
    await thread.stop()
    feed.finish()
    hub.close()
    // Long reads hold snapshots, and a store must not close under one.
    await longReads.stop()
    await readers.stop()
    store.close()
  }

  /// Returns when the node has stopped, or the task is cancelled: the failure that ended it (a store that could not be
  /// written), or nil after ``close()``. A node that ended so answers nothing any more: close it and open it again.
  public func untilStopped() async -> Failure? { await ending.wait() }

  /// Returns when a commit got as far as `level`.
  ///
  /// - Throws: `XYL-NOD-0016` after `seconds` without that; the commit itself stays.
  public func wait(for position: Position, level: Level, seconds: Int = 30) async throws(Failure) {
    let number: UInt8
    switch level {
    case .local: return
    case .parent: number = 1
    case .root: number = 255
    }
    let thread = thread
    let reached: Bool
    do {
      reached = try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          try await thread.waitFor(Sequence64(position.sequence), level: number)
          return true
        }
        group.addTask {
          try await Task.sleep(for: .seconds(seconds))
          return false
        }
        defer { group.cancelAll() }
        return try await group.next() ?? false
      }
    } catch { throw Failure(anyError: error) }
    if !reached {
      throw Failure(
        .nodeNotAcknowledged, ["level": level == .root ? "root" : "parent", "seconds": "\(seconds)"])
    }
  }

  /// The day rules see.
  public var today: CivilDate { options.today ?? NodeClock.today }

  /// A number that groups the commits of one larger piece of work.
  func nextBatch() -> UInt64 {
    batches.withLock {
      $0 += 1
      return $0
    }
  }
}
