import Access
import Engine
import Formats
import Messages
import Primitives

/// Where a reader of changes goes on: what it has seen of one node's store, in the order in which that store applied
/// it.
///
/// It means nothing to another node, nor to this one in another life: a store that was restored may have applied
/// other things at the same place. Whoever has a cursor of another life begins anew.
public struct ChangeCursor: Hashable, Sendable {
  let log: LogID
  /// As ``Change/cursor``.
  let position: UInt64

  init(_ log: LogID, _ position: UInt64) {
    self.log = log
    self.position = position
  }

  /// The cursor that ``text`` wrote, or nil.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = UInt64(parts[0], radix: 16), let log = LogID(exactly: number),
      let position = UInt64(parts[1], radix: 16)
    else { return nil }
    self.init(log, position)
    guard self.text == text else { return nil }
  }

  /// The cursor as people and programs keep it.
  public var text: String { "\(String(log.value, radix: 16))-\(String(position, radix: 16))" }
}

/// Some changes, one after the other.
public struct ChangePage: Sendable {
  /// A change with where to go on after it.
  public struct Entry: Sendable {
    public let change: Change
    public let cursor: ChangeCursor
  }
  public let entries: [Entry]
  /// Where to go on; behind the last entry, and behind what the scope left out.
  public let cursor: ChangeCursor
  /// Whether everything that was durable when the page was asked for is told.
  public let isAtEnd: Bool
}

extension Node {
  /// The most changes of one page.
  public static let changePageMax = 10_000

  /// Changes after a cursor, own and replicated, in the order in which they were applied here; all of one commit come
  /// one after the other. Every change has one place: a reader that keeps the cursor of the last one it has made
  /// durable sees each exactly once.
  ///
  /// - Parameters:
  ///   - cursor: of an earlier page or entry; nil from the beginning of what the log keeps.
  ///   - limit: 1…10,000; a page may have less, also when there is more.
  ///   - scope: whose changes may be seen: those of the domains whose root org lies in it.
  /// - Throws: `XYL-QRY-0010` for a cursor of another node or another life of this one, and for a place that the log
  ///   does not keep any more: begin anew.
  public func changePage(
    since cursor: ChangeCursor?, limit: Int = 1000, scope: Scope
  ) async throws(Failure) -> ChangePage {
    let (visible, log) = try await thread.perform { ($0.partitions(visibleIn: scope), $0.identity.log) }
    if let cursor, cursor.log != log { throw Failure(.querySnapshotGone, ["point": cursor.text]) }
    let end = feed.applied
    let limit = min(max(limit, 1), Node.changePageMax)
    do {
      return try await readers.perform { [self] in
        var sequence = ApplySequence(max(1, (cursor?.position ?? 0) >> 24))
        var skip = (cursor?.position ?? 0) >> 24 == 0 ? 0 : Int((cursor?.position ?? 0) & 0xFF_FFFF)
        var entries: [ChangePage.Entry] = []
        while sequence <= end {
          let changes = try readChanges(at: sequence)
          for change in changes.dropFirst(skip) where visible?.contains(change.partition) ?? true {
            // The page ends inside a frame when it is full.
            if entries.count == limit, let last = entries.last {
              return ChangePage(entries: entries, cursor: last.cursor, isAtEnd: false)
            }
            guard let shown = change.shown(to: scope) else { continue }
            entries.append(.init(change: shown, cursor: ChangeCursor(log, change.cursor)))
          }
          skip = 0
          sequence = sequence.next
          if entries.count == limit { break }
        }
        let next = ChangeCursor(log, sequence.value << 24)
        return ChangePage(entries: entries, cursor: next, isAtEnd: sequence > end)
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Returns when there is something after a cursor, or after `seconds`; false when the node is closing.
  public func waitForChanges(after cursor: ChangeCursor, seconds: Int) async -> Bool {
    let seen = ApplySequence(max(1, cursor.position >> 24) - 1)
    return await withTaskGroup(of: Bool.self) { group in
      group.addTask { [feed] in await feed.wait(after: seen) }
      group.addTask {
        do { try await Task.sleep(for: .seconds(seconds)) } catch { return true }
        return true
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
  }
}
