import Engine
import Formats
import Foundation
import Logging
import Messages
import Primitives
import Synchronization

/// How the store is read for rot in the background.
public struct ScrubOptions: Sendable {
  /// Whether it is done at all.
  public var isOn = true
  /// Most bytes read a second: a pass over a city's store takes a minute, over a nation's a few hours.
  public var bytesPerSecond = 4 << 20
  /// From the start of one pass to the start of the next: rot is found within this time and the time of a pass.
  public var interval: Duration = .seconds(86_400)
  /// When the first pass begins after the node is opened: not while it catches up.
  public var firstAfter: Duration = .seconds(600)
  public init() {}
}

/// What the scrub has done since the node was opened.
public struct ScrubReport: Sendable {
  /// `off`, `waiting`, or what is read now: `rows`, `index`, `log`.
  public internal(set) var stage = "waiting"
  /// Passes that came to their end.
  public internal(set) var passes = 0
  public internal(set) var lastStarted: Date?
  public internal(set) var lastFinished: Date?
  /// The pass under way, or the last one.
  public internal(set) var tally = Scrub().tally
  /// Damage of the last whole pass, or of the one under way when it has found some.
  public internal(set) var damaged = 0
  public internal(set) var places: [String] = []
}

/// Drives ``Scrub`` over the node's store, a small step at a time, and sets damaged rows aside.
final class Scrubber: Sendable {
  private static let secondsPerStep = 2.0
  /// Places that a report names.
  private static let placesMax = 100

  private struct State {
    var report = ScrubReport()
    var task: Task<Void, Never>?
    var isWanted = false
  }
  private let options: ScrubOptions
  private let log: Logger
  private let state = Mutex(State())
  private let opened = Date()

  init(_ options: ScrubOptions, _ log: Logger) {
    self.options = options
    self.log = log
  }

  var report: ScrubReport { state.withLock { $0.report } }

  func start(_ node: Node) {
    guard options.isOn else { return state.withLock { $0.report.stage = "off" } }
    let task = Task(priority: .background) { [weak node, weak self] in
      while !Task.isCancelled {
        guard let self, let node else { return }
        let isDone = await self.isDue() ? await self.pass(node) : true
        if !isDone { return }
        try? await Task.sleep(for: .seconds(1))
      }
    }
    state.withLock { $0.task = task }
  }

  /// Begins a pass as soon as the one under way is over.
  func request() { state.withLock { $0.isWanted = true } }

  func stop() async {
    let task = state.withLock { $0.task }
    task?.cancel()
    await task?.value
  }

  private func isDue() async -> Bool {
    state.withLock { state in
      if state.isWanted { return true }
      guard let last = state.report.lastStarted else {
        return Date().timeIntervalSince(opened) >= TimeInterval(options.firstAfter.components.seconds)
      }
      return Date().timeIntervalSince(last) >= TimeInterval(options.interval.components.seconds)
    }
  }

  /// One pass from the first row to the last frame; false when it was cut short.
  private func pass(_ node: Node) async -> Bool {
    let isUrgent = state.withLock { state in
      defer { state.isWanted = false }
      state.report.lastStarted = Date()
      return state.isWanted
    }
    var scrub = Scrub()
    do {
      let keys = try await node.thread.perform { $0.ownerKeys }
      while !scrub.isDone {
        if Task.isCancelled { return false }
        scrub = try await step(scrub, keys, node)
        // Who asked for a pass waits for it: it is only held back as far as the pause lets others read between steps.
        try await Task.sleep(for: .seconds(isUrgent ? 0.01 : Scrubber.secondsPerStep))
      }
    } catch {
      if Task.isCancelled { return false }
      log.error("the scrub could not read the store", metadata: ["reason": "\(Failure(anyError: error).logText)"])
      return true
    }
    state.withLock { state in
      state.report.passes += 1
      state.report.stage = "waiting"
      state.report.lastFinished = Date()
      state.report.damaged = scrub.tally.damaged
      state.report.places = scrub.tally.damage.prefix(Scrubber.placesMax).map { "\($0.kind) \($0.place)" }
    }
    log.info(
      "scrub done",
      metadata: [
        "rows": "\(scrub.tally.rows)", "frames": "\(scrub.tally.frames)", "damaged": "\(scrub.tally.damaged)",
      ])
    return true
  }

  private func step(_ scrub: Scrub, _ keys: [NodeID: PublicKey], _ node: Node) async throws -> Scrub {
    let bytes = max(1, Int(Double(options.bytesPerSecond) * Scrubber.secondsPerStep))
    let moment = try await node.thread.momentForReading()
    let catalog = node.catalog
    let (after, found) = try await node.readers.perform {
      defer { moment.snapshot.release() }
      var next = scrub
      let found = try next.step(moment.snapshot.reader, bytesMax: bytes, Scrub.Context(catalog, keys: keys))
      return (next, found)
    }
    state.withLock { state in
      state.report.stage = after.stageName
      state.report.tally = after.tally
      state.report.damaged = max(state.report.damaged, after.tally.damaged)
    }
    guard !found.isEmpty else { return after }
    for damage in found {
      log.error("damaged at rest", metadata: ["what": "\(damage.kind)", "place": "\(damage.place)"])
    }
    let rows = found.filter { $0.kind == .row }.map(\.key)
    // Written with the next batch; a crash before that costs nothing but the next pass finding it again.
    if !rows.isEmpty { try await node.thread.perform { engine in for row in rows { engine.setAsideDamaged(row) } } }
    return after
  }
}

extension Node {
  /// What the background reading of the store has found.
  public var scrubReport: ScrubReport { scrubber.report }

  /// Asks for a pass now; see ``scrubReport`` for its end.
  public func requestScrub() { scrubber.request() }
}
