import Primitives

/// What a frame carries: whole commits of one log, their operations turned into typed columns.
///
///     version u8 = 1 · commits · texts · per commit (time, actor, reason, batch, operations) · groups
///
/// Operations of the same entity, kind and set of fields are one group of columns; each row knows its commit, so the
/// order of commits survives. Unknown entities and items pass: nothing here asks the catalog.
public struct FrameBody {
  static let version: UInt8 = 1
  /// A decoder refuses more before it allocates for them.
  public static let commitsMax = 65_536
  public static let operationsMax = 1 << 20

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

  public static func encode(_ commits: [Commit]) -> Bytes {
    var writer = ByteWriter(capacity: 65_536)
    writer.u8(version)
    writer.count(commits.count)
    writeHeads(commits, to: &writer)
    var collector = GroupCollector()
    for (number, commit) in commits.enumerated() {
      for operation in commit.operations { collector.add(operation, commit: number) }
    }
    writer.count(collector.groups.count)
    for group in collector.groups { group.encode(commitCount: commits.count, to: &writer) }
    return writer.bytes
  }

  private static func writeHeads(_ commits: [Commit], to writer: inout ByteWriter) {
    var numbers: [Text: Int] = [:]
    var texts: [Text] = []
    func number(_ text: Text) -> Int {
      if let known = numbers[text] { return known }
      numbers[text] = texts.count
      texts.append(text)
      return texts.count - 1
    }
    var heads = ByteWriter()
    var previous: UInt64 = 0
    for commit in commits {
      heads.zigzag(Int64(bitPattern: commit.time.value &- previous))
      previous = commit.time.value
      heads.count(number(commit.actor))
      heads.count(number(commit.reason))
      heads.varint(commit.batch)
      heads.count(commit.operations.count)
    }
    writer.count(texts.count)
    for text in texts { writer.text(text.string) }
    writer.raw(heads.bytes)
  }

  // MARK: Decoding

  /// Reads an unpacked body.
  ///
  /// - Throws: for anything ``encode(_:)`` does not write; nothing traps and nothing large is allocated for a lie.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == FrameBody.version else { throw MalformedBytes("body version 1", at: 0) }
    let commitCount = try reader.count(bytesEach: 5)
    guard commitCount >= 1, commitCount <= FrameBody.commitsMax else {
      throw MalformedBytes("1 to \(FrameBody.commitsMax) commits", at: 1)
    }
    var texts: [Text] = []
    for _ in 0..<(try reader.count()) { texts.append(Text(try reader.text())) }
    var heads: [CommitHead] = []
    var time: UInt64 = 0
    var total = 0
    for _ in 0..<commitCount {
      time = time &+ UInt64(bitPattern: try reader.zigzag())
      let at = reader.offset
      let actor = Int(clamping: try reader.varint())
      let reason = Int(clamping: try reader.varint())
      guard actor < texts.count, reason < texts.count else { throw MalformedBytes("a known text", at: at) }
      let batch = try reader.varint()
      let operations = Int(clamping: try reader.varint())
      guard operations <= FrameBody.operationsMax - total else { throw MalformedBytes("fewer operations", at: at) }
      total += operations
      heads.append(
        CommitHead(
          actor: texts[actor], reason: texts[reason], batch: batch, time: HybridTime(value: time),
          operationCount: operations))
    }
    var groups: [OperationGroup] = []
    var seen = 0
    for _ in 0..<(try reader.count(bytesEach: 4)) {
      let group = try OperationGroup(&reader, commitCount: commitCount, rowsMax: total - seen)
      seen += group.rows
      groups.append(group)
    }
    guard seen == total else { throw MalformedBytes("\(total) operations, not \(seen)", at: reader.offset) }
    try reader.finish()
    self.commits = heads
    self.groups = groups
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
