import Foundation
import Messages
import Primitives

/// One statement with the values of its `?`.
public struct SQLStatement: Sendable {
  public var text: String
  public var parameters: [SQLValue]

  /// - Parameter text: one statement of SQLite's dialect.
  public init(_ text: String, _ parameters: [SQLValue] = []) {
    self.text = text
    self.parameters = parameters
  }
}

/// What is known of an answer before its first row.
public struct SQLHead: Sendable {
  /// A column: its name, and the type of the table's column behind it, if it is one (`TEXT`, `INTEGER`, `REAL`).
  public struct Column: Hashable, Sendable {
    public let name: String
    public let type: String?
  }
  public let columns: [Column]
  /// Everything the node had applied at the moment that the answer is read from; nil when it reads no moment.
  public let applied: UInt64?
  /// How each table is read, a line a table, as `explain query plan` says it.
  public let plan: [String]
}

/// An answer whose rows come as they are found. The statement ends when this and its rows are let go.
public struct SQLAnswer: Sendable {
  public let head: SQLHead
  public let rows: SQLRows

  /// All rows at once, for answers that are known to be small.
  ///
  /// - Throws: the limit that was reached, or what else ended the statement.
  public func all() async throws(Failure) -> [[SQLValue]] {
    var all: [[SQLValue]] = []
    do { for try await piece in rows { all += piece } } catch { throw failure(of: error) }
    return all
  }
}

/// The rows of an answer, some at a time, in order. Read them once: the statement waits for its reader, and holds its
/// moment of the store meanwhile.
public struct SQLRows: AsyncSequence, Sendable {
  let lease: Lease

  public func makeAsyncIterator() -> Iterator { Iterator(rows: self) }

  /// The next rows, at least one; nil after the last. One caller at a time.
  ///
  /// - Throws: the limit that was reached, or what else ended the statement.
  public func next() async throws -> [[SQLValue]]? {
    while true {
      switch try await lease.pipe.next() {
      case .rows(let rows): return rows
      case .head: continue
      case nil: return nil
      }
    }
  }

  /// Hands the rows out.
  public struct Iterator: AsyncIteratorProtocol {
    let rows: SQLRows
    /// As ``SQLRows/next()``.
    public mutating func next() async throws -> [[SQLValue]]? { try await rows.next() }
  }
}

/// The answers to several statements that read one moment, one after the other. Read it once.
public struct SQLAnswers: AsyncSequence, Sendable {
  let lease: Lease

  public func makeAsyncIterator() -> Iterator { Iterator(answers: self) }

  /// The next piece; nil after the last. One caller at a time.
  ///
  /// - Throws: what ended a statement; those behind it were not run.
  public func next() async throws -> SQLPiece? { try await lease.pipe.next() }

  /// Hands heads and rows out: each head, then its rows.
  public struct Iterator: AsyncIteratorProtocol {
    let answers: SQLAnswers
    /// As ``SQLAnswers/next()``.
    public mutating func next() async throws -> SQLPiece? { try await answers.next() }
  }
}

/// A piece of an answer.
public enum SQLPiece: Sendable {
  case head(SQLHead)
  case rows([[SQLValue]])
}

/// Ends the statement when nobody holds its answer any more.
final class Lease: Sendable {
  let pipe: RowPipe
  private let budget: Budget

  init(_ pipe: RowPipe, _ budget: Budget) {
    self.pipe = pipe
    self.budget = budget
  }

  deinit { budget.cancel() }
}

func failure(of error: any Error) -> Failure { error as? Failure ?? Failure(.sqlCancelled) }

/// From the thread of a statement to whoever reads its rows: some pieces lie between, then the thread waits.
final class RowPipe: @unchecked Sendable {
  // SAFETY: everything mutable is guarded by `condition`.
  private static let piecesMax = 4
  private let condition = NSCondition()
  private var pieces: [SQLPiece] = []
  private var end: Result<Void, any Error>?
  private var reader: CheckedContinuation<SQLPiece?, any Error>?

  /// Blocks while the reader lags.
  ///
  /// - Throws: when the budget ends meanwhile.
  func push(_ piece: SQLPiece, _ budget: Budget) throws(Failure) {
    condition.lock()
    defer { condition.unlock() }
    if let waiting = reader {
      reader = nil
      return waiting.resume(returning: piece)
    }
    while pieces.count >= RowPipe.piecesMax {
      try budget.check()
      _ = condition.wait(until: Date(timeIntervalSinceNow: 0.05))
    }
    // Meanwhile the reader may have taken everything and wait.
    if let waiting = reader {
      reader = nil
      return waiting.resume(returning: piece)
    }
    pieces.append(piece)
  }

  func finish(_ result: Result<Void, any Error>) {
    condition.lock()
    defer { condition.unlock() }
    guard end == nil else { return }
    end = result
    guard let waiting = reader else { return }
    reader = nil
    waiting.resume(with: result.map { nil })
  }

  /// The next piece; nil after the last.
  func next() async throws -> SQLPiece? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in take(continuation) }
    } onCancel: {
      finish(.failure(Failure(.sqlCancelled)))
    }
  }

  private func take(_ continuation: CheckedContinuation<SQLPiece?, any Error>) {
    condition.lock()
    defer { condition.unlock() }
    if !pieces.isEmpty {
      let piece = pieces.removeFirst()
      condition.signal()
      return continuation.resume(returning: piece)
    }
    if let end { return continuation.resume(with: end.map { nil }) }
    require(reader == nil, "one reader reads an answer")
    reader = continuation
  }
}
