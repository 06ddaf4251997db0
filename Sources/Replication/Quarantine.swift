import Formats
import Primitives

/// The open tickets of a store, by row key.
///
/// Bounded: a replica that would have to set aside more than ``ticketsMax`` records is not one any more, and its link
/// ends as diverged.
public struct QuarantineTable: Sendable {
  /// Most records set aside in one store.
  public static let ticketsMax = 10_000

  private var tickets: [Bytes: QuarantineTicket] = [:]

  public init() {}

  /// Whether nothing is set aside.
  public var isEmpty: Bool { tickets.isEmpty }
  /// How many records are set aside.
  public var count: Int { tickets.count }
  /// The open ticket of a record, by the key of its row.
  public subscript(rowKey: Bytes) -> QuarantineTicket? { tickets[rowKey] }
  /// All, by row key.
  public var all: [QuarantineTicket] {
    tickets.keys.sorted { $0.precedes($1) }.compactMap { tickets[$0] }
  }
  /// The row keys of all, sorted.
  public var rowKeys: [Bytes] { tickets.keys.sorted { $0.precedes($1) } }

  /// Adds a ticket, or one more operation to the one that is open for the record.
  ///
  /// - Returns: the ticket as it stands now.
  @discardableResult
  public mutating func add(_ ticket: QuarantineTicket) -> QuarantineTicket {
    let rowKey = Keys.row(ticket.partition, ticket.key)
    let stands = tickets[rowKey]?.followed(by: ticket) ?? ticket
    tickets[rowKey] = stands
    return stands
  }

  /// Puts a ticket in the place of the one that is there.
  public mutating func set(_ ticket: QuarantineTicket) { tickets[Keys.row(ticket.partition, ticket.key)] = ticket }

  /// Closes the ticket of a record, if there is one.
  @discardableResult
  public mutating func remove(_ rowKey: Bytes) -> QuarantineTicket? { tickets.removeValue(forKey: rowKey) }
}

/// What becomes of a ticket when an operation is applied, in the order of the operations.
public enum QuarantineChange: Hashable, Sendable {
  /// An operation was set aside.
  case open(QuarantineTicket)
  /// The owner made the record whole again, or deleted it.
  case close(Bytes)
}
