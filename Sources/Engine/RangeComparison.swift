import Formats
import Ports
import Primitives

/// Narrows the difference between two copies of a partition: questions out, the owner's answers in.
///
/// Each round asks for the differing ranges in ``fanOut`` parts and drops the equal ones, until a range has few rows;
/// then row hashes tell the records. So the cost over the line grows with the differences and the logarithm of the
/// rows, while each side scans what still differs.
///
/// entities → splitting ⇄ hashing → done.
public struct RangeComparison: Sendable {
  /// One record that is not the same on both sides.
  public struct Finding: Hashable, Sendable {
    /// What is not the same.
    public enum Kind: String, Hashable, Sendable {
      /// Both have it, with other bytes.
      case different
      /// The owner has it, we do not.
      case missing
      /// We have it, the owner does not.
      case extra
    }
    public let key: RecordKey
    public let kind: Kind

    public init(key: RecordKey, kind: Kind) {
      self.key = key
      self.kind = kind
    }
  }

  /// What became of one entity.
  public struct EntityResult: Hashable, Sendable {
    public let entity: EntityID
    public let rowsHere: UInt64
    public let rowsAtOwner: UInt64
    public let isEqual: Bool
    /// Smallest ranges that were found to differ.
    public internal(set) var ranges = 0
  }

  /// Parts a differing range is cut into.
  static let fanOut: UInt64 = 32
  /// A range with at most so many rows at its owner is compared row by row.
  static let leafRows: UInt64 = 64
  /// Differences that one comparison lists; the rest is counted as ranges only.
  public static let findingsMax = 20_000
  /// Answers that one comparison takes; what is open then is counted as differing ranges only. Enough for a hundred
  /// thousand ranges that differ; an owner who answers without end does not keep other domains from being compared.
  public static let answersMax = 4_096
  /// Ranges that wait to be looked at more closely; beyond them differences are left out.
  static let rangesOpenMax = 65_536

  private enum Stage {
    case entities
    case splitting
    case hashing([RowRange])
    case done
  }

  private let partition: PartitionID
  private var stage = Stage.entities
  private var toSplit: [RangeDigest] = []
  private var toHash: [RowRange] = []
  private var answers = 0
  public private(set) var entities: [EntityResult] = []
  public private(set) var findings: [Finding] = []
  /// Differences were left out: ``findingsMax`` or ``answersMax`` was reached.
  public private(set) var isCut = false
  /// Digests and hashes that the owner sent: what the comparison cost the line.
  public private(set) var received = 0

  public init(_ partition: PartitionID) { self.partition = partition }

  /// The first question.
  public var first: VerificationQuestion.Kind { .entities }
  /// Whether every row is the same.
  public var isEqual: Bool { entities.allSatisfy(\.isEqual) }

  /// Takes the owner's answer to the last question.
  ///
  /// - Parameter reader: our own moment, at the same position of the owner's log.
  /// - Returns: the next question, or nil when the result is complete.
  /// - Throws: `.corrupt` when a block of ours cannot be read.
  public mutating func received(
    _ answer: VerificationAnswer.Kind, _ reader: any StoreReader
  ) throws(StoreError) -> VerificationQuestion.Kind? {
    let here = RangeDigests(reader, partition)
    answers += 1
    switch (stage, answer) {
    case (.entities, .digests(let digests)):
      received += digests.count
      try compareEntities(digests, here)
    case (.splitting, .digests(let digests)):
      received += digests.count
      for part in digests where try here.digest(part.range) != part.digest { sort(part) }
    case (.hashing(let ranges), .hashes(let hashes)):
      received += hashes.count
      try compareHashes(hashes, ranges, here)
    default:
      stage = .done
      return nil
    }
    return nextQuestion()
  }

  private mutating func compareEntities(_ there: [RangeDigest], _ here: RangeDigests) throws(StoreError) {
    let own = try here.entities()
    var numbers = (own + there).map { $0.range.from.first ?? 0 }.sorted()
    numbers = numbers.enumerated().filter { $0.offset == 0 || numbers[$0.offset - 1] != $0.element }.map(\.element)
    for number in numbers {
      let mine = own.first { $0.range.from == [number] }?.digest ?? RowDigest()
      let theirs = there.first { $0.range.from == [number] }?.digest ?? RowDigest()
      entities.append(
        EntityResult(
          entity: EntityID(number), rowsHere: mine.rows, rowsAtOwner: theirs.rows, isEqual: mine == theirs))
      if mine != theirs { sort(RangeDigest(RangeDigests.range(number), theirs)) }
    }
  }

  /// A differing range is split further, or compared row by row.
  private mutating func sort(_ part: RangeDigest) {
    guard toSplit.count + toHash.count < RangeComparison.rangesOpenMax else {
      isCut = true
      return
    }
    if part.digest.rows > RangeComparison.leafRows {
      toSplit.append(part)
    } else {
      toHash.append(part.range)
      if let entity = part.range.from.first, let place = entities.firstIndex(where: { $0.entity.value == entity }) {
        entities[place].ranges += 1
      }
    }
  }

  private mutating func nextQuestion() -> VerificationQuestion.Kind? {
    if answers >= RangeComparison.answersMax, !toSplit.isEmpty || !toHash.isEmpty {
      isCut = true
      stage = .done
      return nil
    }
    if !toSplit.isEmpty {
      // Ranges of one size together: they share the number of rows after which they are cut.
      toSplit.sort { ($0.digest.rows, $1.range.from.hex) > ($1.digest.rows, $0.range.from.hex) }
      let rowsEach = Swift.max(RangeComparison.leafRows, toSplit[0].digest.rows / RangeComparison.fanOut)
      let count = Swift.min(toSplit.count, Int(RangeComparison.fanOut))
      let ranges = toSplit.prefix(count).map(\.range)
      toSplit.removeFirst(count)
      stage = .splitting
      return .split(Array(ranges), rowsEach: UInt32(clamping: rowsEach))
    }
    if !toHash.isEmpty {
      let count = Swift.min(toHash.count, VerificationQuestion.rangesMax)
      let ranges = Array(toHash.prefix(count))
      toHash.removeFirst(count)
      stage = .hashing(ranges)
      return .hashes(ranges)
    }
    stage = .done
    return nil
  }

  private mutating func compareHashes(
    _ there: [VerificationAnswer.RowHash], _ ranges: [RowRange], _ here: RangeDigests
  ) throws(StoreError) {
    let own = try here.hashes(ranges)
    let theirs = there.sorted { $0.key.precedes($1.key) }
    let mine = own.sorted { $0.key.precedes($1.key) }
    var (left, right) = (0, 0)
    while left < mine.count || right < theirs.count {
      if left < mine.count, right < theirs.count, mine[left].key == theirs[right].key {
        if mine[left] != theirs[right] { find(mine[left].key, .different) }
        left += 1
        right += 1
      } else if right == theirs.count || left < mine.count && mine[left].key.precedes(theirs[right].key) {
        find(mine[left].key, .extra)
        left += 1
      } else {
        find(theirs[right].key, .missing)
        right += 1
      }
    }
  }

  private mutating func find(_ key: Bytes, _ kind: Finding.Kind) {
    guard findings.count < RangeComparison.findingsMax else {
      isCut = true
      return
    }
    let row = Keys.partition(partition) + key
    guard let (_, key) = row.withUnsafeBytes({ Keys.parseRow($0) }) else { return }
    findings.append(Finding(key: key, kind: kind))
  }
}
