import Primitives

extension VerificationQuestion {
  func write(to writer: inout ByteWriter) {
    writer.u64(id)
    writer.u32(number)
    writer.u64(partition.value)
    switch kind {
    case .begin: writer.u8(1)
    case .entities: writer.u8(2)
    case .split(let ranges, let rowsEach):
      writer.u8(3)
      writer.u32(rowsEach)
      writer.count(ranges.count)
      for range in ranges { range.write(to: &writer) }
    case .hashes(let ranges):
      writer.u8(4)
      writer.count(ranges.count)
      for range in ranges { range.write(to: &writer) }
    case .rows(let keys):
      writer.u8(5)
      writer.count(keys.count)
      for key in keys { writer.block(key) }
    case .end: writer.u8(6)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    id = try reader.u64()
    number = try reader.u32()
    partition = try reader.partition()
    let at = reader.offset
    switch try reader.u8() {
    case 1: kind = .begin
    case 2: kind = .entities
    case 3:
      let rowsEach = try reader.u32()
      guard rowsEach > 0 else { throw MalformedBytes("at least one row each", at: at + 1) }
      kind = .split(try VerificationQuestion.ranges(&reader), rowsEach: rowsEach)
    case 4: kind = .hashes(try VerificationQuestion.ranges(&reader))
    case 5:
      var keys: [Bytes] = []
      for _ in 0..<(try VerificationQuestion.count(&reader)) { keys.append(try reader.key()) }
      kind = .rows(keys)
    case 6: kind = .end
    default: throw MalformedBytes("a question", at: at)
    }
  }

  private static func count(_ reader: inout ByteReader) throws(MalformedBytes) -> Int {
    let at = reader.offset
    let count = try reader.count()
    guard count <= rangesMax else { throw MalformedBytes("at most \(rangesMax) ranges", at: at) }
    return count
  }

  private static func ranges(_ reader: inout ByteReader) throws(MalformedBytes) -> [RowRange] {
    var ranges: [RowRange] = []
    for _ in 0..<(try count(&reader)) { ranges.append(try RowRange(&reader)) }
    return ranges
  }
}

extension VerificationAnswer {
  func write(to writer: inout ByteWriter) {
    writer.u64(id)
    writer.u32(number)
    writer.u64(partition.value)
    switch kind {
    case .position(let position):
      writer.u8(1)
      writer.u64(position.log.value)
      writer.u64(position.last.value)
      writer.raw(position.hash.bytes)
    case .digests(let digests):
      writer.u8(2)
      writer.count(digests.count)
      for digest in digests {
        digest.range.write(to: &writer)
        writer.varint(digest.digest.rows)
        writer.u64(digest.digest.high)
        writer.u64(digest.digest.low)
      }
    case .hashes(let hashes):
      writer.u8(3)
      writer.count(hashes.count)
      for hash in hashes {
        writer.block(hash.key)
        writer.u64(hash.high)
        writer.u64(hash.low)
      }
    case .rows(let rows):
      writer.u8(4)
      writer.count(rows.count)
      for row in rows {
        writer.block(row.key)
        writer.block(row.value)
      }
    case .failed(let failure):
      writer.u8(5)
      writer.u8(failure.rawValue)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    id = try reader.u64()
    number = try reader.u32()
    partition = try reader.partition()
    let at = reader.offset
    switch try reader.u8() {
    case 1:
      kind = .position(
        LinkMessage.Position(
          log: try reader.logID(), last: Sequence64(try reader.u64()),
          hash: Digest256(try reader.raw(Digest256.byteCount))))
    case 2:
      var digests: [RangeDigest] = []
      for _ in 0..<(try reader.count(bytesEach: 19)) {
        let range = try RowRange(&reader)
        digests.append(
          RangeDigest(
            range, RowDigest(rows: try reader.varint(), high: try reader.u64(), low: try reader.u64())))
      }
      kind = .digests(digests)
    case 3:
      var hashes: [RowHash] = []
      for _ in 0..<(try reader.count(bytesEach: 17)) {
        hashes.append(RowHash(key: try reader.key(), high: try reader.u64(), low: try reader.u64()))
      }
      kind = .hashes(hashes)
    case 4:
      var rows: [StoredRow] = []
      for _ in 0..<(try reader.count(bytesEach: 2)) {
        rows.append(StoredRow(key: try reader.key(), value: try reader.block()))
      }
      kind = .rows(rows)
    case 5:
      guard let failure = Failure(rawValue: try reader.u8()) else { throw MalformedBytes("a failure", at: at + 1) }
      kind = .failed(failure)
    default: throw MalformedBytes("an answer", at: at)
    }
  }
}

extension RowRange {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.block(from)
    writer.block(to)
  }

  fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
    from = try reader.key()
    to = try reader.key()
  }
}

extension ReportedTicket {
  func write(to writer: inout ByteWriter) {
    writer.u8(level)
    Keys.appendRow(ticket.partition, ticket.key, to: &writer)
    ticket.write(to: &writer)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    level = try reader.u8()
    let at = reader.offset
    let rowKey = try reader.raw(Keys.rowByteCount)
    guard let (partition, key) = rowKey.withUnsafeBytes({ Keys.parseRow($0) }) else {
      throw MalformedBytes("a row key", at: at)
    }
    ticket = try QuarantineTicket(&reader, partition, key)
  }
}

extension ByteReader {
  /// A key behind its partition, or the beginning of one.
  fileprivate mutating func key() throws(MalformedBytes) -> Bytes {
    let at = offset
    let key = try block()
    guard key.count <= RowRange.keyByteCount else { throw MalformedBytes("a row key", at: at) }
    return key
  }
}
