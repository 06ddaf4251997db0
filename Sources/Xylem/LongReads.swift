import Access
import Catalog
import Engine
import Foundation
import Messages
import Primitives
import Query
import Statistics
import Synchronization

/// Reads that may take seconds and are paced by whoever takes the answer (SQL): they have threads of their own, so that
/// short questions never wait behind them, and they are told when the node closes.
final class LongReads: Sendable {
  /// How many wait at most; further ones are refused.
  static let waitingMax = 32
  /// How long row counts serve as estimates before they are asked for again.
  private static let countsSeconds = 10.0

  let pool: ReaderPool
  private let ending = Mutex(false)
  private let waiting = Mutex(0)
  private let counts = Mutex<(counts: [Int], taken: TimeInterval)>(([], 0))

  init(threads: Int) { pool = ReaderPool(count: threads) }

  var isEnding: Bool { ending.withLock { $0 } }

  /// Tells the reads that run to stop, and returns when they did.
  func stop() async {
    ending.withLock { $0 = true }
    await pool.stop()
  }

  func enter() throws(Failure) {
    let isFull = waiting.withLock { waiting in
      if waiting >= LongReads.waitingMax { return true }
      waiting += 1
      return false
    }
    if isFull { throw Failure(.nodeBusy, ["queue": "sql", "limit": "\(LongReads.waitingMax)"]) }
  }

  func leave() { waiting.withLock { $0 -= 1 } }

  /// Rows of each entity over all partitions, by entity number; at most some seconds old.
  func rowCounts(_ thread: NodeThread) async throws(Failure) -> [Int] {
    let now = Date().timeIntervalSinceReferenceDate
    let known = counts.withLock { $0 }
    if !known.counts.isEmpty, abs(now - known.taken) < LongReads.countsSeconds { return known.counts }
    let fresh = try await thread.perform { $0.rowTotals }
    counts.withLock { $0 = (fresh, now) }
    return fresh
  }
}

/// One moment for a long read: a snapshot with the org tree of the same moment, and the columns that were asked for.
package final class TableMoment {
  /// What may be seen of the snapshot.
  package let view: QueryView
  package let directory: OrgDirectory
  package let scope: Scope
  /// Everything this node had applied.
  package let applied: UInt64
  /// By entity; absent where columns cannot say everything, so that rows must.
  package let columns: [EntityID: TableColumns]
  private let moment: ReadMoment
  private var isReleased = false

  fileprivate init(
    _ moment: ReadMoment, _ columns: [EntityID: TableColumns], _ scope: Scope, _ catalog: Catalog, _ today: CivilDate
  ) {
    self.moment = moment
    self.columns = columns
    self.scope = scope
    directory = moment.directory
    applied = moment.applied.value
    view = QueryView(
      reader: moment.snapshot.reader, catalog: catalog, directory: moment.directory, partitions: moment.partitions,
      scope: scope, today: today, setAside: moment.setAside)
  }

  /// Gives the snapshot back; the moment may not be read any more.
  fileprivate func release() {
    guard !isReleased else { return }
    isReleased = true
    moment.snapshot.release()
  }
}

/// The thread of a long read, from which moments are taken.
package final class LongReader {
  package let catalog: Catalog
  /// The day that rules see.
  package let today: CivilDate
  /// Rows of each entity, by entity number: an estimate.
  package let rowCounts: [Int]
  private let node: Node
  private var moments: [TableMoment] = []

  fileprivate init(_ node: Node, _ rowCounts: [Int]) {
    self.node = node
    self.rowCounts = rowCounts
    catalog = node.catalog
    today = node.today
  }

  /// A moment of everything durable; it is released when the read ends.
  ///
  /// Blocks until the node's thread comes round, and while columns are loaded that were not here yet.
  ///
  /// - Parameter columns: entities whose columns are wanted, and whether it matters where their records stand in the
  ///   tree.
  package func moment(
    _ scope: Scope, columns wanted: [(entity: EntityID, withPlaces: Bool)]
  ) throws(Failure) -> TableMoment {
    do {
      let (moment, columns) = try node.columns.hold(node.thread, wanted)
      let taken = TableMoment(moment, columns, scope, catalog, today)
      moments.append(taken)
      return taken
    } catch { throw Failure(anyError: error) }
  }

  fileprivate func finish() { for moment in moments { moment.release() } }
}

extension Node {
  /// Runs `body` on a thread for long reads.
  ///
  /// - Throws: `XYL-NOD-0004` when too many wait already; what `body` throws.
  package func readLong<Result: Sendable>(
    _ body: @escaping @Sendable (LongReader) throws -> Result
  ) async throws(Failure) -> Result {
    try longReads.enter()
    defer { longReads.leave() }
    let counts = try await longReads.rowCounts(thread)
    do {
      return try await longReads.pool.perform { [self] in
        let reader = LongReader(self, counts)
        defer { reader.finish() }
        return try body(reader)
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Whether the node is closing: long reads end.
  package var isClosing: Bool { longReads.isEnding }

  /// What a caller is told of an error from below.
  package static func failure(of error: any Error) -> Failure { Failure(anyError: error) }
}
