import Primitives

/// What a frame carries: whole commits of one log, their operations turned into typed columns.
///
///     version u8 = 1 · commits · texts · columns of the commits' times, actors, reasons, batches, operations · groups
///
/// Operations of the same entity, kind and set of fields are one group of columns; each row knows its commit, so the
/// order of commits survives. Unknown entities and items pass: nothing here asks the catalog.
public struct FrameBody {
  static let version: UInt8 = 1
  /// A decoder refuses more before it allocates for them.
  public static let commitsMax = 65_536
  public static let operationsMax = 1 << 16

  /// A commit without its operations.
  public struct CommitHead: Hashable, Sendable {
    public let actor: Text
    public let reason: Text
    public let batch: UInt64
    public let time: HybridTime
    public let operationCount: Int
  }

  /// In order; the first has the frame's first sequence.
  public let commits: [CommitHead]
  public let groups: [OperationGroup]

  // MARK: Encoding

  /// The body as bytes without compression.
  ///
  /// - Parameter dictionary: whose characters may be named by number; the decoder must have the same.
  public static func encode(_ commits: [Commit], dictionary: FrameDictionary? = nil) -> Bytes {
    columns(commits.map(CommitDraft.init), dictionary).bytes
  }

  /// The body with the places where a compressor should begin new blocks.
  static func columns(_ commits: [CommitDraft], _ dictionary: FrameDictionary?) -> ColumnWriter {
    var writer = ColumnWriter(capacity: 65_536)
    writer.u8(version)
    writer.count(commits.count)
    writeHeads(commits, to: &writer)
    var collector = GroupCollector()
    for (number, commit) in commits.enumerated() { collector.add(commit, commit: number) }
    writer.count(collector.groups.count)
    for var group in collector.groups {
      group.encode(commitCount: commits.count, dictionary: dictionary, to: &writer)
    }
    return writer
  }

  private static func writeHeads(_ commits: [CommitDraft], to writer: inout ColumnWriter) {
    var numbers: [Text: Int64] = [:]
    var texts: [Text] = []
    func number(_ text: Text) -> Int64 {
      if let known = numbers[text] { return known }
      numbers[text] = Int64(texts.count)
      texts.append(text)
      return Int64(texts.count - 1)
    }
    let actors = commits.map { number($0.actor) }
    let reasons = commits.map { number($0.reason) }
    writer.count(texts.count)
    for text in texts { writer.text(text.string) }
    IntegerColumn.encode(commits.map { Int64(bitPattern: $0.time.value) }, to: &writer)
    IntegerColumn.encode(actors, to: &writer)
    IntegerColumn.encode(reasons, to: &writer)
    IntegerColumn.encode(commits.map { Int64(bitPattern: $0.batch) }, to: &writer)
    IntegerColumn.encode(commits.map { Int64($0.operationCount) }, to: &writer)
  }

  // MARK: Decoding

  /// Reads an unpacked body.
  ///
  /// - Throws: for anything ``encode(_:)`` does not write; nothing traps and nothing large is allocated for a lie.
  public init(_ bytes: Bytes, dictionary: FrameDictionary? = nil) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == FrameBody.version else { throw MalformedBytes("body version 1", at: 0) }
    let commitCount = Int(clamping: try reader.varint())
    guard commitCount >= 1, commitCount <= FrameBody.commitsMax else {
      throw MalformedBytes("1 to \(FrameBody.commitsMax) commits", at: 1)
    }
    let (heads, total) = try FrameBody.readHeads(commitCount, &reader)
    var groups: [OperationGroup] = []
    var budget = DecodingBudget()
    var seen = 0
    for _ in 0..<(try reader.count(bytesEach: 4)) {
      let group = try OperationGroup(
        &reader, commitCount: commitCount, rowsMax: total - seen, dictionary: dictionary, &budget)
      seen += group.rows
      groups.append(group)
    }
    guard seen == total else { throw MalformedBytes("\(total) operations, not \(seen)", at: reader.offset) }
    try FrameBody.checkValueBytes(groups, commits: commitCount, at: reader.offset)
    try reader.finish()
    self.commits = heads
    self.groups = groups
  }

  private static func readHeads(
    _ count: Int, _ reader: inout ByteReader
  ) throws(MalformedBytes) -> (heads: [CommitHead], operations: Int) {
    var texts: [Text] = []
    for _ in 0..<(try reader.count()) { texts.append(Text(try reader.text())) }
    let at = reader.offset
    let times = try IntegerColumn.decode(count: count, from: &reader)
    let actors = try IntegerColumn.decode(count: count, from: &reader)
    let reasons = try IntegerColumn.decode(count: count, from: &reader)
    let batches = try IntegerColumn.decode(count: count, from: &reader)
    let operations = try IntegerColumn.decode(count: count, from: &reader)
    var heads: [CommitHead] = []
    heads.reserveCapacity(count)
    var total = 0
    for number in 0..<count {
      guard let actor = Int(exactly: actors[number]), texts.indices.contains(actor),
        let reason = Int(exactly: reasons[number]), texts.indices.contains(reason)
      else { throw MalformedBytes("a known text", at: at) }
      guard operations[number] >= 0, operations[number] <= operationsMax - total else {
        throw MalformedBytes("fewer operations", at: at)
      }
      total += Int(operations[number])
      heads.append(
        CommitHead(
          actor: texts[actor], reason: texts[reason], batch: UInt64(bitPattern: batches[number]),
          time: HybridTime(value: UInt64(bitPattern: times[number])), operationCount: Int(operations[number])))
    }
    return (heads, total)
  }

  /// Calls `body` for every operation in commit order.
  public func forEachOperation<E: Error>(_ body: (_ group: OperationGroup, _ row: Int) throws(E) -> Void) throws(E) {
    if commits.count == 1 {
      for group in groups { for row in 0..<group.rows { try body(group, row) } }
      return
    }
    var byCommit = [[(group: Int, row: Int)]](repeating: [], count: commits.count)
    for (number, group) in groups.enumerated() {
      for row in 0..<group.rows { byCommit[group.commit(row)].append((number, row)) }
    }
    for operations in byCommit { for (group, row) in operations { try body(groups[group], row) } }
  }
}

/// What decoding one body may still take: columns of equal values are a few bytes, whatever their length.
struct DecodingBudget {
  /// A frame of 8,192 operations with 300 items each needs half of it.
  static let cellsMax = 1 << 22

  private var cells = cellsMax
  /// Bytes of texts that are put together out of others.
  private var bytes = Compression.Limits.bodyBytes

  mutating func takeCells(_ count: Int, at offset: Int) throws(MalformedBytes) {
    guard count <= cells else { throw MalformedBytes("at most \(DecodingBudget.cellsMax) cells", at: offset) }
    cells -= count
  }

  mutating func takeBytes(_ count: Int, at offset: Int) throws(MalformedBytes) {
    guard count <= bytes else { throw MalformedBytes("shorter texts", at: offset) }
    bytes -= count
  }
}
