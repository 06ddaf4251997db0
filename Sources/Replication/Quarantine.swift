import Formats
import Primitives

/// The open tickets of a store, by row key.
///
/// Bounded: a child of whose subtree more than ``ticketsMax`` records would be set aside is no replica's source any
/// more, and its link ends as diverged. One child fills its share and no other's; all together have
/// ``ticketsMaxInAll``.
public struct QuarantineTable: Sendable {
  /// Most records set aside of one child's subtree.
  public static let ticketsMax = 10_000
  /// Most records set aside in one store: four children may be broken whole.
  public static let ticketsMaxInAll = 4 * ticketsMax

  private var tickets: [Bytes: QuarantineTicket] = [:]
  private var counts: [PartitionID: Int] = [:]

  public init() {}

  /// Whether nothing is set aside.
  public var isEmpty: Bool { tickets.isEmpty }
  /// How many records are set aside.
  public var count: Int { tickets.count }
  /// How many records of each partition that has any, sorted.
  public var countsByPartition: [(partition: PartitionID, count: Int)] {
    counts.keys.sorted().map { ($0, counts[$0] ?? 0) }
  }
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
    set(stands)
    return stands
  }

  /// Puts a ticket in the place of the one that is there.
  public mutating func set(_ ticket: QuarantineTicket) {
    if tickets.updateValue(ticket, forKey: Keys.row(ticket.partition, ticket.key)) == nil {
      counts[ticket.partition, default: 0] += 1
    }
  }

  /// Closes the ticket of a record, if there is one.
  @discardableResult
  public mutating func remove(_ rowKey: Bytes) -> QuarantineTicket? {
    guard let ticket = tickets.removeValue(forKey: rowKey) else { return nil }
    let left = (counts[ticket.partition] ?? 1) - 1
    counts[ticket.partition] = left == 0 ? nil : left
    return ticket
  }
}

/// What becomes of a ticket when an operation is applied, in the order of the operations.
public enum QuarantineChange: Hashable, Sendable {
  /// An operation was set aside.
  case open(QuarantineTicket)
  /// The owner made the record whole again, or deleted it.
  case close(Bytes)

  /// The record it is about, by the key of its row.
  public var rowKey: Bytes {
    switch self {
    case .open(let ticket): Keys.row(ticket.partition, ticket.key)
    case .close(let rowKey): rowKey
    }
  }

  /// Whether the record is set aside after it.
  public var isOpen: Bool { if case .open = self { true } else { false } }
}
