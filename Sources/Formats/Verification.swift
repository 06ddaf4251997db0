import Primitives

/// Rows of one partition, `from ..< to`, as the parts of their keys behind the partition; an empty `to` is the
/// partition's end.
public struct RowRange: Hashable, Sendable {
  public let from: Bytes
  public let to: Bytes

  public init(from: Bytes, to: Bytes) {
    self.from = from
    self.to = to
  }

  /// Bytes of a row's key behind its partition.
  public static let keyByteCount = Keys.rowByteCount - 8

  /// The range as keys of the keyspace of rows.
  public func keys(_ partition: PartitionID) -> (from: Bytes, to: Bytes?) {
    let prefix = Keys.partition(partition)
    return (prefix + from, to.isEmpty ? prefix.prefixEnd() : prefix + to)
  }
}

/// The digest of the stored rows of one range.
public struct RangeDigest: Hashable, Sendable {
  public let range: RowRange
  public let digest: RowDigest

  public init(_ range: RowRange, _ digest: RowDigest) {
    self.range = range
    self.digest = digest
  }
}

/// What an ancestor asks the owner of a partition about the rows that it stores. Goes down link by link, is answered
/// from one moment that the owner holds for it, and comes back the same way.
public struct VerificationQuestion: Hashable, Sendable {
  /// What is asked.
  public enum Kind: Hashable, Sendable {
    /// Hold this moment and say which it is.
    case begin
    /// The digest of each entity.
    case entities
    /// Digests of parts of these ranges, cut after every so many rows.
    case split([RowRange], rowsEach: UInt32)
    /// Key and hash of every row in these ranges.
    case hashes([RowRange])
    /// The rows with these keys (behind the partition), as they are stored.
    case rows([Bytes])
    /// The moment is not needed any more.
    case end
  }

  /// Names the whole conversation; drawn by who asks.
  public let id: UInt64
  /// Counts its questions.
  public let number: UInt32
  public let partition: PartitionID
  public let kind: Kind

  public init(id: UInt64, number: UInt32, partition: PartitionID, _ kind: Kind) {
    self.id = id
    self.number = number
    self.partition = partition
    self.kind = kind
  }

  /// Most ranges or keys in one question.
  public static let rangesMax = 256
}

/// The owner's answer to one question.
public struct VerificationAnswer: Hashable, Sendable {
  /// Key (behind the partition) and 128-bit hash of one stored row.
  public struct RowHash: Hashable, Sendable {
    public let key: Bytes
    public let high: UInt64
    public let low: UInt64

    public init(key: Bytes, high: UInt64, low: UInt64) {
      self.key = key
      self.high = high
      self.low = low
    }
  }

  /// One stored row.
  public struct StoredRow: Hashable, Sendable {
    public let key: Bytes
    public let value: Bytes

    public init(key: Bytes, value: Bytes) {
      self.key = key
      self.value = value
    }
  }

  /// Why there is no answer.
  public enum Failure: UInt8, Hashable, Sendable {
    /// The way to the owner is not linked, or there is no such partition there.
    case unreachable = 1
    /// The owner holds as many moments as it may.
    case busy = 2
    /// The moment was given back: nothing was asked of it for too long.
    case gone = 3
    /// Stored bytes cannot be read there.
    case damaged = 4
  }

  public enum Kind: Hashable, Sendable {
    /// The moment held: everything up to the end of this frame of the owner's log.
    case position(LinkMessage.Position)
    /// In the order of the ranges asked for.
    case digests([RangeDigest])
    case hashes([RowHash])
    /// Those that exist.
    case rows([StoredRow])
    case failed(Failure)
  }

  public let id: UInt64
  public let number: UInt32
  public let partition: PartitionID
  public let kind: Kind

  public init(id: UInt64, number: UInt32, partition: PartitionID, _ kind: Kind) {
    self.id = id
    self.number = number
    self.partition = partition
    self.kind = kind
  }

  public init(to question: VerificationQuestion, _ kind: Kind) {
    self.init(id: question.id, number: question.number, partition: question.partition, kind)
  }
}

/// A ticket as an ancestor tells it to the nodes below: so its owner learns what it has to mend.
public struct ReportedTicket: Hashable, Sendable {
  /// How many levels above the receiver the record is set aside; 1 is its parent.
  public let level: UInt8
  public let ticket: QuarantineTicket

  public init(level: UInt8, ticket: QuarantineTicket) {
    self.level = level
    self.ticket = ticket
  }
}
