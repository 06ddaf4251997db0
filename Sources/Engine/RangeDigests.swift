import Formats
import Ports
import Primitives

/// Digests of stored rows by scan of one moment: the owner's half of a verification, and what the asker holds
/// against it.
public struct RangeDigests {
  private let reader: any StoreReader
  private let partition: PartitionID
  private let hashing = Hashing()

  /// Most bytes of rows in one answer; who asked asks again for the rest.
  static let answerBytesMax = 8 << 20
  /// Most digests or hashes in one answer.
  static let partsMax = 65_536

  /// - Parameter reader: one moment, held while the conversation lasts.
  public init(_ reader: any StoreReader, _ partition: PartitionID) {
    self.reader = reader
    self.partition = partition
  }

  /// Answers a question from the moment.
  ///
  /// - Throws: `.corrupt` when a block cannot be read: no digest is better than one of half the rows.
  /// - Complexity: a scan of the ranges asked for.
  public func answer(_ kind: VerificationQuestion.Kind) throws(StoreError) -> VerificationAnswer.Kind {
    switch kind {
    case .entities: return .digests(try entities())
    case .split(let ranges, let rowsEach): return .digests(try split(ranges, rowsEach: Int(rowsEach)))
    case .hashes(let ranges): return .hashes(try hashes(ranges))
    case .rows(let keys): return .rows(try rows(keys))
    case .begin, .end: return .failed(.gone)
    }
  }

  /// One digest an entity, for those that have rows.
  func entities() throws(StoreError) -> [RangeDigest] {
    var all: [RangeDigest] = []
    try scan(RowRange(from: [], to: [])) { key, whole, value in
      let entity = key[0]
      if all.last?.range.from != [entity] {
        all.append(RangeDigest(RangeDigests.range(entity), RowDigest()))
      }
      var digest = all[all.count - 1].digest
      digest.add(key: whole, value: value, with: hashing)
      all[all.count - 1] = RangeDigest(all[all.count - 1].range, digest)
      return true
    }
    return all
  }

  /// Every row of one entity.
  static func range(_ entity: UInt8) -> RowRange {
    RowRange(from: [entity], to: entity == .max ? [] : [entity + 1])
  }

  /// The ranges cut after every `rowsEach` rows; the parts of a range leave no key of it out.
  func split(_ ranges: [RowRange], rowsEach: Int) throws(StoreError) -> [RangeDigest] {
    var all: [RangeDigest] = []
    for range in ranges {
      var from = range.from
      var digest = RowDigest()
      try scan(range) { key, whole, value in
        if digest.rows >= UInt64(rowsEach), all.count < RangeDigests.partsMax {
          let cut = Bytes(key)
          all.append(RangeDigest(RowRange(from: from, to: cut), digest))
          from = cut
          digest = RowDigest()
        }
        digest.add(key: whole, value: value, with: hashing)
        return true
      }
      all.append(RangeDigest(RowRange(from: from, to: range.to), digest))
    }
    return all
  }

  /// The digest of one range.
  func digest(_ range: RowRange) throws(StoreError) -> RowDigest {
    var digest = RowDigest()
    try scan(range) { _, whole, value in
      digest.add(key: whole, value: value, with: hashing)
      return true
    }
    return digest
  }

  func hashes(_ ranges: [RowRange]) throws(StoreError) -> [VerificationAnswer.RowHash] {
    var all: [VerificationAnswer.RowHash] = []
    for range in ranges {
      try scan(range) { key, whole, value in
        let (high, low) = hashing.halves(whole, value)
        all.append(.init(key: Bytes(key), high: high, low: low))
        return all.count < RangeDigests.partsMax
      }
    }
    return all
  }

  /// The rows with these keys that exist and are intact; the first ones, when they are more than fit one answer.
  func rows(_ keys: [Bytes]) throws(StoreError) -> [VerificationAnswer.StoredRow] {
    var all: [VerificationAnswer.StoredRow] = []
    var bytes = 0
    let prefix = Keys.partition(partition)
    for key in keys {
      let whole = prefix + key
      guard let value = try reader.get(.rows, whole) else { continue }
      let isIntact = whole.withUnsafeBytes { whole in
        value.withUnsafeBytes { Row.isIntact(key: whole, value: $0, with: hashing) }
      }
      guard isIntact else { continue }
      all.append(.init(key: key, value: value))
      bytes += value.count
      if bytes >= RangeDigests.answerBytesMax { break }
    }
    return all
  }

  private func scan(
    _ range: RowRange,
    _ body: (_ key: UnsafeRawBufferPointer, _ whole: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    let (from, to) = range.keys(partition)
    try reader.scan(.rows, from: from, to: to) { whole, value in
      guard whole.count == Keys.rowByteCount else { return true }
      return body(UnsafeRawBufferPointer(rebasing: whole[8...]), whole, value)
    }
  }
}
