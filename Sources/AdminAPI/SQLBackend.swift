import AdminProtocol
import Messages

/// What the HTTP interface asks of a node besides ``AdminBackend``: SQL, and exports made of it.
public protocol SQLBackend: Sendable {
  /// `POST /v1/sql`: what is refused is refused here; a limit that is reached later comes out of the rows.
  func sql(_ request: SQLRequest) async throws -> SQLRowStream
  /// `GET /v1/export`: every table of one moment, one after the other.
  func export() async throws -> SQLExportStream
}

/// An answer whose rows come when they are asked for.
public struct SQLRowStream: Sendable {
  public let head: SQLHeadResponse
  /// The next rows, nil after the last; throws the limit that was reached.
  public let next: @Sendable () async throws -> [[SQLCell]]?

  /// An answer with these rows.
  public init(head: SQLHeadResponse, next: @escaping @Sendable () async throws -> [[SQLCell]]?) {
    self.head = head
    self.next = next
  }
}

/// Tables whose rows come when they are asked for.
public struct SQLExportStream: Sendable {
  /// A piece of an export: a table's head, then its rows.
  public enum Piece: Sendable {
    case head(SQLHeadResponse)
    case rows([[SQLCell]])
  }
  /// The next piece, nil after the last.
  public let next: @Sendable () async throws -> Piece?

  /// An export of these pieces.
  public init(next: @escaping @Sendable () async throws -> Piece?) { self.next = next }
}
