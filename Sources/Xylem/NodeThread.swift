import Access
import Engine
import Formats
import Foundation
import Logging
import Ports
import Primitives
import Replication
import RocksStorage
import Synchronization

/// The one thread that drives a node's engine and writes its store.
///
/// Group commit: while one batch is being synced, callers queue; the next round takes them all. Per round: events, one
/// write, one sync, then everybody is told, then frames leave. RocksDB is never called on Swift's cooperative pool.
final class NodeThread: @unchecked Sendable {
  // SAFETY: `mailbox`, `isStopping`, `failure` are guarded by `condition`; `engine` and the waiter lists are touched by
  // the thread's own function only; `store` is Sendable by itself.
  private let condition = NSCondition()
  private var mailbox = EventQueue<Event>()
  private let linkMail = LinkMail()
  private var isStopping = false
  private var hasStopped = false
  private var failure: Failure?

  private let engine: Engine
  let store: RocksStore
  private let carrier: (any LinkCarrier)?
  private let log: Logger
  private let onDurable: @Sendable (ApplySequence) -> Void
  /// Called once, on the thread, when it ends; with why, when nobody asked it to.
  private let onEnd: @Sendable (Failure?) -> Void
  private var durableWaiters: [(sequence: Sequence64, done: (Failure?) -> Void)] = []
  private var levelWaiters: [(number: UInt64, level: UInt8, sequence: Sequence64, done: (Failure?) -> Void)] = []
  private let waiterNumbers = Mutex<UInt64>(0)
  var readDemands: [(Failure?) -> Void] = []
  /// Who waits until everything taken so far is written, whatever it was.
  var writtenWaiters: [(Failure?) -> Void] = []
  private let hub: VerificationHub
  /// Reads what an ancestor asks of a moment, off this thread.
  private let answerAside: @Sendable (VerificationQuestion) -> Void
  /// Who waits for a moment at which nothing is half taken in; rows and indexes in the store may lag behind it.
  private var momentDemands: [(Failure?) -> Void] = []
  private let rowFeed: RowFeed
  /// Called when the feed's readers should follow.
  private let onRows: @Sendable () -> Void

  private struct Event {
    /// Nobody waits for what it writes: it may share a write and a sync with the next events.
    let isPatient: Bool
    let body: (Engine) -> Void
  }

  /// When the first event was done whose write still waits for others.
  private var patientSince: Date?
  /// How long it may.
  private static let patience = 0.05

  /// How many events one round takes before it writes, and how many bytes.
  private static let eventsMax = 512
  private static let bytesMax = 8 << 20

  init(
    engine: Engine, store: RocksStore, carrier: (any LinkCarrier)?, log: Logger, hub: VerificationHub,
    rowFeed: RowFeed, onRows: @escaping @Sendable () -> Void,
    answerAside: @escaping @Sendable (VerificationQuestion) -> Void,
    onDurable: @escaping @Sendable (ApplySequence) -> Void, onEnd: @escaping @Sendable (Failure?) -> Void
  ) {
    self.engine = engine
    self.store = store
    self.carrier = carrier
    self.log = log
    self.hub = hub
    self.answerAside = answerAside
    self.rowFeed = rowFeed
    self.onRows = onRows
    self.onDurable = onDurable
    self.onEnd = onEnd
  }

  func start() {
    let thread = Thread { [self] in run() }
    thread.name = "xylem-node"
    thread.start()
  }

  /// Runs `body` on the node's thread.
  ///
  /// - Parameter patiently: what it commits may become durable up to 50 ms later, together with what follows: for
  ///   pieces of a work whose end somebody waits for.
  /// - Throws: why the node stopped, when it did.
  func perform<Result: Sendable>(
    patiently isPatient: Bool = false, _ body: @escaping @Sendable (Engine) throws -> Result
  ) async throws(Failure) -> Result {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        post(isPatient: isPatient) { engine in
          continuation.resume(with: Swift.Result { try body(engine) })
        } orElse: {
          continuation.resume(throwing: $0)
        }
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Runs `body`, and returns only when the commit whose sequence it gave (if any) is durable.
  func performDurably<Result: Sendable>(
    _ body: @escaping @Sendable (Engine) throws -> (Result, Sequence64?)
  ) async throws(Failure) -> Result {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        post { [self] engine in
          do {
            let (result, sequence) = try body(engine)
            guard let sequence, sequence > engine.durableSequence else { return continuation.resume(returning: result) }
            durableWaiters.append(
              (
                sequence,
                { failure in
                  if let failure {
                    continuation.resume(throwing: failure)
                  } else {
                    continuation.resume(returning: result)
                  }
                }
              ))
          } catch { continuation.resume(throwing: error) }
        } orElse: {
          continuation.resume(throwing: $0)
        }
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Runs `body`, then calls `done` when everything that the engine took up to then is written and synced, or why not.
  func perform(_ body: @escaping (Engine) -> Void, whenWritten done: @escaping @Sendable (Failure?) -> Void) {
    post { [self] engine in
      body(engine)
      writtenWaiters.append(done)
    } orElse: {
      done($0)
    }
  }

  /// Returns when our log is durable up to `sequence` at a level above (``LinkMessage.Watermark``), or when the task is
  /// cancelled.
  func waitFor(_ sequence: Sequence64, level: UInt8) async throws(Failure) {
    let number = waiterNumbers.withLock { number in
      number += 1
      return number
    }
    do {
      try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
          post { [self] engine in
            if engine.watermark(engine.identity.log, level: level) >= sequence {
              return continuation.resume()
            }
            levelWaiters.append(
              (
                number, level, sequence,
                { failure in
                  if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
                }
              ))
          } orElse: {
            continuation.resume(throwing: $0)
          }
        }
      } onCancel: {
        // Posted after the waiter: mail is in order, so the waiter is there by then or was answered.
        post { [self] _ in
          guard let place = levelWaiters.firstIndex(where: { $0.number == number }) else { return }
          levelWaiters.remove(at: place).done(nil)
        } orElse: { _ in
        }
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Returns when rows and indexes in the store are complete up to everything durable now, with the facts a reader
  /// needs of that moment.
  func momentForReading() async throws(Failure) -> ReadMoment {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        post { [self] engine in
          // The snapshot is taken here, where no batch can come between it and what is told of its moment.
          readDemands.append { [store] failure in
            if let failure { return continuation.resume(throwing: failure) }
            continuation.resume(
              with: Swift.Result {
                ReadMoment(
                  directory: engine.directory, partitions: engine.partitions, applied: engine.durableApplied,
                  freshness: engine.freshness(clock: NodeClock.milliseconds), codes: engine.rootOrgCodes,
                  setAside: engine.rowsSetAside, handedOver: engine.rowsHandedOver,
                  snapshot: try store.holdSnapshot())
              })
          }
        } orElse: {
          continuation.resume(throwing: $0)
        }
      }
    } catch { throw Failure(anyError: error) }
  }

  /// A moment of everything durable.
  ///
  /// Blocks until the node's thread comes round: for reader threads only.
  ///
  /// - Parameters:
  ///   - feed: opened at this moment: it will have every change after it.
  ///   - isStored: whether the snapshot must show the moment; costs a write when rows wait in memory. Else it may lag.
  func momentNow(opening feed: RowFeed? = nil, isStored: Bool = true) throws -> ReadMoment {
    let answer = Mutex<Swift.Result<ReadMoment, any Error>?>(nil)
    let semaphore = DispatchSemaphore(value: 0)
    let found: @Sendable (Swift.Result<ReadMoment, any Error>) -> Void = { result in
      answer.withLock { $0 = result }
      semaphore.signal()
    }
    post { [self] engine in
      if let feed {
        // Rows accepted from here on reach the feed; those before are durable when the demand runs.
        _ = feed.open()
        engine.keepsDurableRows = true
      }
      let demand: (Failure?) -> Void = { [store] failure in
        if let failure { return found(.failure(failure)) }
        found(
          Swift.Result {
            ReadMoment(
              directory: engine.directory, partitions: engine.partitions, applied: engine.durableApplied,
              freshness: engine.freshness(clock: NodeClock.milliseconds), codes: engine.rootOrgCodes,
              setAside: engine.rowsSetAside, handedOver: engine.rowsHandedOver, snapshot: try store.holdSnapshot())
          })
      }
      if isStored { readDemands.append(demand) } else { momentDemands.append(demand) }
    } orElse: {
      found(.failure($0))
    }
    semaphore.wait()
    guard let result = answer.withLock({ $0 }) else { throw Failure(.nodeStopping) }
    return try result.get()
  }

  func deliver(_ event: CarrierEvent) {
    if case .received(let link, let bytes) = event {
      switch linkMail.put(link, bytes.count) {
      case .taken: break
      case .closed: return
      case .overflows:
        log.warning("link dropped", metadata: ["link": "\(link)", "reason": "it sent more than this node takes in"])
        carrier?.close(link)
        return
      }
    }
    post { [log, linkMail] engine in
      do {
        switch event {
        case .parentConnected(let link, let peer): engine.parentConnected(LinkID(link), peer: peer)
        case .childConnected(let link, let peer): engine.childConnected(LinkID(link), peer: peer)
        case .received(let link, let bytes):
          linkMail.took(link, bytes.count)
          try engine.received(bytes, on: LinkID(link), clock: NodeClock.milliseconds)
        case .disconnected(let link):
          linkMail.forget(link)
          engine.disconnected(LinkID(link))
        }
      } catch {
        log.error("a message could not be taken", metadata: ["reason": "\(Failure(anyError: error).logText)"])
      }
    } orElse: { _ in
    }
  }

  /// Stops after everything that was posted is done and durable.
  func stop() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      condition.lock()
      if hasStopped {
        condition.unlock()
        continuation.resume()
        return
      }
      mailbox.append(Event(isPatient: false) { [self] _ in isStopping = true })
      stopContinuations.append { continuation.resume() }
      condition.signal()
      condition.unlock()
    }
  }
  private var stopContinuations: [() -> Void] = []

  func post(
    isPatient: Bool = false, _ body: @escaping (Engine) -> Void, orElse refuse: (Failure) -> Void
  ) {
    condition.lock()
    if hasStopped {
      let reason = failure ?? Failure(.nodeStopping)
      condition.unlock()
      return refuse(reason)
    }
    mailbox.append(Event(isPatient: isPatient, body: body))
    condition.signal()
    condition.unlock()
  }

  // MARK: The thread

  private func run() {
    while true {
      let events = nextEvents()
      for event in events { event.body(engine) }
      if mayGather(events) { continue }
      do { try writeAndSend() } catch {
        finish(Failure(anyError: error))
        return
      }
      if isStopping, isIdle {
        // Spares the next opening the work; when it fails, the log still has everything.
        do { try writeDerived(all: true) } catch {
          log.warning("rows are left to the next opening", metadata: ["reason": "\(Failure(anyError: error).logText)"])
        }
        finish(nil)
        return
      }
    }
  }

  /// Whether the write of these events may wait for more: nobody else's are among them, they are few, and they did
  /// not wait for long.
  private func mayGather(_ events: [Event]) -> Bool {
    let now = Date()
    guard !events.isEmpty, events.allSatisfy(\.isPatient), durableWaiters.isEmpty, writtenWaiters.isEmpty,
      readDemands.isEmpty, momentDemands.isEmpty,
      engine.openByteCount < NodeThread.bytesMax, now.timeIntervalSince(patientSince ?? now) < NodeThread.patience
    else {
      patientSince = nil
      return false
    }
    patientSince = patientSince ?? now
    return true
  }

  private var isIdle: Bool {
    condition.lock()
    defer { condition.unlock() }
    return mailbox.isEmpty
  }

  /// Takes what waits, or sleeps until something does or the next tick is due.
  private func nextEvents() -> [Event] {
    condition.lock()
    defer { condition.unlock() }
    // What the last turn left to be written by itself (a step of a hand-over) need not wait for anybody.
    let isWriteDue = engine.wantsWrite && patientSince == nil
    if mailbox.isEmpty && !isStopping && !engine.hasWaitingFrames && !isWriteDue {
      let limit = patientSince?.addingTimeInterval(NodeThread.patience) ?? Date(timeIntervalSinceNow: 0.1)
      _ = condition.wait(until: limit)
    }
    return mailbox.take(NodeThread.eventsMax)
  }

  private func writeAndSend() throws {
    for event in engine.takeVerificationEvents() { handle(event) }
    if let batch = engine.takeWrites() {
      try store.write(batch, .synced)
      engine.written()
      try store.acknowledge(engine.durableHead)
      handOverRows()
      completeDurable()
      onDurable(engine.durableApplied)
    }
    noteSnapshots()
    // Nothing waits for a write any more: one batch takes all that is open.
    if !engine.wantsWrite { completeWritten(nil) }
    let mustStore = engine.wantsStoring
    try writeDerived(all: !readDemands.isEmpty || mustStore)
    if mustStore {
      try store.storeDerived()
      engine.derivedIsStored()
    }
    let demands = readDemands
    readDemands.removeAll(keepingCapacity: true)
    for demand in demands { demand(nil) }
    for demand in momentDemands { demand(nil) }
    momentDemands.removeAll(keepingCapacity: true)
    completeLevels(nil)
    try engine.pump(clock: NodeClock.milliseconds)
    guard let carrier else { return }
    for (link, bytes) in engine.takeSends() { carrier.send(bytes, on: link.value) }
    for link in engine.takeClosings() { carrier.close(link.value) }
  }

  /// Writes what follows from durable frames: what is due, or all of it.
  private func writeDerived(all: Bool) throws {
    while let batch = try engine.takeDerivedWrites(all: all) { try store.write(batch, .rebuildable) }
    guard engine.takeRowsWereReplaced() else { return }
    // Columns follow rows by their changes, and these came without: they are loaded anew.
    rowFeed.lose()
    engine.keepsDurableRows = false
  }

  private func noteSnapshots() {
    for note in engine.takeSnapshotNotes() { SnapshotLog.write(note, of: engine, to: log) }
  }

  /// Moments are taken where everything applied is durable and no batch can come between.
  private func handle(_ event: VerificationEvent) {
    switch event {
    case .hold(let question):
      readDemands.append { [self] failure in
        guard failure == nil else { return }
        do {
          let isHeld = try hub.hold(question.id) { () throws(StoreError) in try store.holdSnapshot() }
          if isHeld { engine.holds(question) } else { engine.answer(.init(to: question, .failed(.busy))) }
        } catch { engine.answer(.init(to: question, .failed(.damaged))) }
      }
    case .asked(let question):
      if question.kind == .end { hub.release(question.id) } else { answerAside(question) }
    case .reached(let id): takeMoment(id)
    case .answered(let answer): hub.tell(answer.id, .answered(answer))
    case .failed(let id, let failure): hub.tell(id, .failed(failure))
    }
  }

  private func takeMoment(_ id: UInt64) {
    readDemands.append { [self] failure in
      guard failure == nil else { return hub.tell(id, .failed(.gone)) }
      guard let position = engine.position(of: id) else { return }
      // Applied and not yet durable: the next round has it.
      guard engine.isAtPosition(id) else { return takeMoment(id) }
      do { hub.tell(id, .moment(try store.holdSnapshot(), position)) } catch { hub.tell(id, .failed(.gone)) }
      engine.momentTaken(id)
    }
  }

  private func handOverRows() {
    guard let rows = engine.takeDurableRows() else { return }
    switch rowFeed.add(rows, engine.durableApplied) {
    case .taken: break
    case .drain: onRows()
    case .closed: engine.keepsDurableRows = false
    }
  }

  private func completeDurable() {
    let durable = engine.durableSequence
    let ready = durableWaiters.prefix { $0.sequence <= durable }.count
    for waiter in durableWaiters[..<ready] { waiter.done(nil) }
    durableWaiters.removeFirst(ready)
  }

  private func completeWritten(_ failure: Failure?) {
    let waiters = writtenWaiters
    writtenWaiters.removeAll(keepingCapacity: true)
    for waiter in waiters { waiter(failure) }
  }

  private func completeLevels(_ failure: Failure?) {
    levelWaiters.removeAll { waiter in
      if let failure {
        waiter.done(failure)
        return true
      }
      guard engine.watermark(engine.identity.log, level: waiter.level) >= waiter.sequence else { return false }
      waiter.done(nil)
      return true
    }
  }

  private func finish(_ reason: Failure?) {
    if let reason { log.critical("the node stops", metadata: ["reason": "\(reason.logText)"]) }
    condition.lock()
    hasStopped = true
    failure = reason
    let late = mailbox.take(mailbox.count)
    let continuations = stopContinuations
    stopContinuations = []
    condition.unlock()
    let stopping = reason ?? Failure(.nodeStopping)
    for waiter in durableWaiters { waiter.done(reason ?? Failure(.storageOutcomeUnknown)) }
    durableWaiters = []
    completeWritten(reason ?? Failure(.storageOutcomeUnknown))
    completeLevels(stopping)
    // Posted closures own continuations that must be resumed: they run against the engine, which only answers from
    // memory and store now; whatever they commit waits for a sync that does not come, and is told so here.
    for event in late { event.body(engine) }
    for waiter in durableWaiters { waiter.done(stopping) }
    durableWaiters = []
    completeWritten(stopping)
    completeLevels(stopping)
    // Nothing brings the store up to what is durable any more: a moment read now would lack rows without saying so.
    for demand in readDemands { demand(stopping) }
    readDemands = []
    for demand in momentDemands { demand(stopping) }
    momentDemands = []
    for continuation in continuations { continuation() }
    onEnd(reason)
  }
}
