import Access
import Engine
import Formats
import Foundation
import Messages
import Primitives
import Synchronization

/// One change as a feed tells it.
public struct Change: Sendable {
  /// Where to go on after this change: give it to ``Node/changes(since:scope:)``.
  public let cursor: UInt64
  /// The domain whose record it is.
  public let partition: PartitionID
  /// Sequence of its commit in the owner's log.
  public let sequence: UInt64
  public let actor: Text
  /// Milliseconds since 1970 by its owner's clock: a label, never an order.
  public let time: UInt64
  /// The catalog with which it was made: the first 4 bytes of its hash.
  public let catalog: UInt32
  public let reason: Text
  public let entity: String
  public let operation: Formats.Operation
}

extension Change {
  /// The change as somebody may see it: without fields of masked classes; nil when nothing of it is left, or the entity
  /// is none of the scope's.
  func shown(to scope: Scope) -> Change? {
    if operation.key.entity.value >= 200 {
      guard scope.isWhole else { return nil }
    } else {
      guard scope.reads(entity: entity) else { return nil }
    }
    func isClear(_ section: Section) -> Bool {
      switch section {
      case .general: true
      case .personal: scope.clear.contains(.c)
      case .restricted: scope.clear.contains(.d)
      }
    }
    let shown: Formats.Operation.Change
    switch operation.change {
    case .delete: return self
    case .insert(let fields): shown = .insert(fields.filter { isClear($0.section) })
    case .update(let changes):
      let clear = changes.filter { isClear($0.section) }
      if clear.isEmpty { return nil }
      shown = .update(clear)
    }
    return Change(
      cursor: cursor, partition: partition, sequence: sequence, actor: actor, time: time, catalog: catalog,
      reason: reason, entity: entity, operation: Formats.Operation(operation.key, shown))
  }
}

/// Wakes feeds when something became durable.
final class FeedHub: Sendable {
  private struct State {
    var applied: ApplySequence
    var waiters: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    var nextWaiter: UInt64 = 0
    var isFinished = false
  }
  private let state: Mutex<State>

  init(_ applied: ApplySequence) { state = Mutex(State(applied: applied)) }

  var applied: ApplySequence { state.withLock { $0.applied } }

  func advance(to applied: ApplySequence) {
    let waiters = state.withLock { state in
      state.applied = applied
      defer { state.waiters = [:] }
      return state.waiters
    }
    for (_, waiter) in waiters { waiter.resume(returning: true) }
  }

  func finish() {
    let waiters = state.withLock { state in
      state.isFinished = true
      defer { state.waiters = [:] }
      return state.waiters
    }
    for (_, waiter) in waiters { waiter.resume(returning: false) }
  }

  /// True when something after `sequence` is durable; false when the node closes or the task is cancelled.
  func wait(after sequence: ApplySequence) async -> Bool {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.isFinished || Task.isCancelled { return false }
          if state.applied > sequence { return true }
          state.waiters[number] = continuation
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: false)
    }
  }
}

extension Node {
  /// Every change after `cursor` that is durable here, own and replicated, in the order in which it was applied; then
  /// waits for more. A whole frame's changes come one after the other; the reader is waited for, nothing is buffered
  /// without bound.
  ///
  /// - Parameters:
  ///   - cursor: of the last change seen; 0 from the beginning of what the log keeps.
  ///   - scope: whose changes may be seen: those of the domains whose root org lies in it at the time of reading.
  public func changes(since cursor: UInt64 = 0, scope: Scope) -> AsyncThrowingStream<Change, any Error> {
    let frames = FrameReader(self, cursor, scope)
    return AsyncThrowingStream { try await frames.next() }
  }
}

/// Reads frames one after the other and hands out their changes.
private actor FrameReader {
  private let node: Node
  private let scope: Scope
  private var next: ApplySequence
  private var skip: Int
  private var pending: [Change] = []
  private var position = 0

  /// A cursor is (apply sequence << 24 | number of the change in its frame).
  init(_ node: Node, _ cursor: UInt64, _ scope: Scope) {
    self.node = node
    self.scope = scope
    next = ApplySequence(max(1, cursor >> 24))
    skip = cursor >> 24 == 0 ? 0 : Int(cursor & 0xFF_FFFF)
  }

  func next() async throws -> Change? {
    while position == pending.count {
      let sequence = next
      guard await node.feed.wait(after: ApplySequence(sequence.value - 1)) else { return nil }
      let (node, scope) = (node, scope)
      let visible = try await node.thread.perform { $0.partitions(visibleIn: scope) }
      let changes = try await node.readers.perform { try node.readChanges(at: sequence) }
      pending = changes.dropFirst(skip).filter { visible?.contains($0.partition) ?? true }.compactMap {
        $0.shown(to: scope)
      }
      skip = 0
      position = 0
      next = next.next
    }
    defer { position += 1 }
    return pending[position]
  }
}

extension Node {
  func readChanges(at sequence: ApplySequence) throws -> [Change] {
    guard let key = try store.get(.order, Keys.order(sequence)), let value = try store.get(.log, key), value.count > 8
    else { throw Failure(.querySnapshotGone, ["point": "\(sequence.value)"]) }
    let codec = FrameCodec()
    let frame = try codec.parse(Bytes(value[8...]))
    let body = try codec.open(frame)
    var changes: [Change] = []
    body.forEachOperation { group, row in
      let commit = body.commits[group.commit(row)]
      changes.append(
        Change(
          cursor: sequence.value << 24 | UInt64(changes.count + 1), partition: frame.header.partition,
          sequence: frame.header.first.value + UInt64(group.commit(row)), actor: commit.actor,
          time: commit.time.milliseconds, catalog: frame.header.catalog, reason: commit.reason,
          entity: catalog.entity(group.entity)?.name ?? "entity \(group.entity.value)", operation: group.operation(row))
      )
    }
    return changes
  }
}
