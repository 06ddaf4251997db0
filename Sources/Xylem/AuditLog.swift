import Access
import Engine
import Formats
import Foundation
import Ports
import Primitives
import Synchronization

/// The end of a node's audit chain, in memory; the chain itself lies in the store.
///
/// 1. Entries are appended on the node's thread only, into the batch that is open there: an entry about a change is
///    durable with the change, never without it, and never the change without it.
/// 2. Who is answered something that is audited is answered after the entry is durable; but for reading a record as
///    everybody with the role sees it, whose entry follows within ``waitingMilliseconds``: a sync a read would cost more
///    than the read.
/// 3. Every ``entriesPerHead`` entries, and with the first entry five minutes after the last head, the node signs where
///    the chain stands.
final class AuditLog: Sendable {
  private struct State {
    var number: UInt64
    var hash: Digest256
    var headNumber: UInt64
    var headTime: UInt64
    var watch: ClockWatch
    /// How this opening began; goes in front of its first entry, so that opening a store writes nothing.
    var begun: AuditEntry.Draft?
  }

  private static let entriesPerHead: UInt64 = 1000
  private static let headMilliseconds: UInt64 = 300_000

  /// How long an entry about plain reading waits for others, and how many wait at most.
  static let waitingMilliseconds = 50
  private static let waitingMax = 1000

  let key: SigningKey
  private let state: Mutex<State>
  private let waiting = Mutex<[AuditEntry.Draft]>([])

  /// Reads where the chain stands.
  ///
  /// - Parameter incarnation: which life of the store this is; another than the last entry's was put back from
  ///   somewhere.
  /// - Throws: `.corrupt` when its last entry is none.
  init(_ store: any Store, key: SigningKey, incarnation: UInt16) throws(StoreError) {
    self.key = key
    var state = State(
      number: 0, hash: .zero, headNumber: 0, headTime: 0,
      watch: ClockWatch(wall: NodeClock.milliseconds, running: AuditLog.running), begun: nil)
    var last: UInt16?
    if let (_, value) = try store.last(.meta, from: MetaKey.auditEntries, to: MetaKey.auditEntries.prefixEnd()) {
      guard let entry = try? AuditEntry(value) else { throw .corrupt("the last audit entry") }
      state.number = entry.number
      state.hash = Hashing().digest(value)
      last = entry.incarnation
    }
    if let (_, value) = try store.last(.meta, from: MetaKey.auditHeads, to: MetaKey.auditHeads.prefixEnd()) {
      guard let head = try? AuditHead(value) else { throw .corrupt("the last audit head") }
      state.headNumber = head.number
      state.headTime = head.time
    }
    let isRestored = last.map { $0 != incarnation } ?? false
    state.begun = AuditEntry.Draft(
      isRestored ? .restore : .start, actor: "system",
      detail: last.map { isRestored ? "incarnation \($0) before" : "" } ?? "a new chain")
    self.state = Mutex(state)
  }

  /// Milliseconds of a clock that nobody sets.
  private static var running: UInt64 { UInt64(max(0, ProcessInfo.processInfo.systemUptime * 1000)) }

  /// Whether entries wait.
  var hasWaiting: Bool { waiting.withLock { !$0.isEmpty } }

  /// Keeps entries for the next ``append(_:to:sealing:)``.
  ///
  /// - Returns: whether they are the first that wait: then the caller sees to it that one follows. Nil when so many wait
  ///   already that these must be appended at once.
  func wait(_ drafts: [AuditEntry.Draft]) -> Bool? {
    waiting.withLock { waiting in
      guard waiting.count + drafts.count <= AuditLog.waitingMax else { return nil }
      defer { waiting += drafts }
      return waiting.isEmpty
    }
  }

  /// Appends entries to the open batch, those that wait before them; on the node's thread.
  func append(_ drafts: [AuditEntry.Draft], to engine: Engine, sealing: Bool = false) {
    let now = NodeClock.milliseconds
    let hashing = Hashing()
    state.withLock { state in
      var all = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting + drafts
      }
      guard !all.isEmpty || sealing else { return }
      if let jump = state.watch.look(wall: now, running: AuditLog.running) {
        all.insert(AuditEntry.Draft(.clockJump, actor: "system", detail: "\(jump) ms"), at: 0)
      }
      if let begun = state.begun {
        all.insert(begun, at: 0)
        state.begun = nil
      }
      for draft in all {
        state.number += 1
        let entry = AuditEntry(
          draft, number: state.number, time: now, incarnation: engine.identity.log.incarnation, previous: state.hash)
        let bytes = entry.encoded
        state.hash = hashing.digest(bytes)
        engine.keep(MetaKey.auditEntry(state.number), bytes)
        let isDue = state.number - state.headNumber >= AuditLog.entriesPerHead
        if isDue { sign(&state, engine, now) }
      }
      let isOld = now >= state.headTime + AuditLog.headMilliseconds || now < state.headTime
      if state.number > state.headNumber, sealing || isOld { sign(&state, engine, now) }
    }
  }

  private func sign(_ state: inout State, _ engine: Engine, _ now: UInt64) {
    let head = AuditHead(
      network: engine.network, node: engine.identity.node, number: state.number, hash: state.hash, time: now,
      signer: key)
    engine.keep(MetaKey.auditHead(state.number), head.encoded)
    state.headNumber = state.number
    state.headTime = now
  }
}
