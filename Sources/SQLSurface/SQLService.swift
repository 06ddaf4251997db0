import Access
import Foundation
import Messages
import Primitives
import Xylem

/// SQL over a node: SQLite's dialect, read-only, over the catalog's entities as tables (Docs/SQL.md).
///
/// A statement reads one moment of everything durable, of that what its scope allows, on a thread for long reads. It
/// ends when its rows were read, when a limit is reached, when nobody holds the answer any more, or when the node
/// closes.
public final class SQLService: Sendable {
  private let node: Node
  private let pool = ConnectionPool()

  /// SQL over `node`; to be let go before the node is.
  public init(_ node: Node) { self.node = node }

  /// Runs one statement.
  ///
  /// - Returns: when the first row is sought: a statement that is refused never gets there.
  /// - Throws: `XYL-QRY-0012`…`0021`, `0006`, `0009` for statements that cannot be run or reach a limit;
  ///   `XYL-NOD-0004` when too many wait.
  public func query(
    _ statement: SQLStatement, scope: Scope, limits: SQLLimits = SQLLimits()
  ) async throws(Failure) -> SQLAnswer {
    let lease = start([statement], scope, limits)
    do {
      guard case .head(let head)? = try await lease.pipe.next() else { throw Failure(.sqlCancelled) }
      return SQLAnswer(head: head, rows: SQLRows(lease: lease))
    } catch { throw failure(of: error) }
  }

  /// Runs several statements over one moment.
  ///
  /// - Parameter limits: for all together.
  public func queryAll(_ statements: [SQLStatement], scope: Scope, limits: SQLLimits = SQLLimits()) -> SQLAnswers {
    SQLAnswers(lease: start(statements, scope, limits))
  }

  private func start(_ statements: [SQLStatement], _ scope: Scope, _ limits: SQLLimits) -> Lease {
    let pipe = RowPipe()
    let longReads = node
    let budget = Budget(limits) { longReads.isClosing }
    let (node, pool) = (node, pool)
    Task {
      do throws(Failure) {
        try await node.readLong { reader in
          let connection = try pool.take(reader.catalog)
          // After a failure nothing of it is used again: SQLite's state is not worth a doubt.
          var moment: TableMoment?
          for statement in statements {
            let runner = StatementRunner(connection, reader, scope, budget, pipe)
            moment = try runner.run(statement, moment)
          }
          pool.put(connection)
        }
        pipe.finish(.success(()))
      } catch { pipe.finish(.failure(error)) }
    }
    return Lease(pipe, budget)
  }
}
