import Ports
import Primitives

/// What one slot of the sidecar says.
struct SidecarRecord: Hashable, Sendable {
  /// A file of RocksDB with the length that is known to be durable.
  struct KnownFile: Hashable, Sendable {
    let number: UInt64
    let byteCount: Int
  }

  /// Counts the slots written; the higher of two is the newer.
  var counter: UInt64 = 0
  /// Whose store it is.
  let node: NodeID
  /// What was acknowledged.
  var head = StoreHead(batches: 0, log: nil)
  /// The manifest as last seen; nil before the first look.
  var manifest: KnownFile?
  /// Write-ahead logs that grow no more, oldest first.
  var closedLogs: [KnownFile] = []
  /// An operator accepted that the database is shorter than what was acknowledged: nothing may be written to the log
  /// that it ends with before its parent was asked.
  var isAccepted = false

  static let byteCount = 4096
  static let closedLogsMax = 64
  private static let magic = Bytes("XYHEAD01".utf8)
  private static let checksumOffset = byteCount - 4

  /// Exactly one slot.
  var encoded: Bytes {
    var writer = ByteWriter(capacity: SidecarRecord.byteCount)
    writer.raw(SidecarRecord.magic)
    writer.u64(counter)
    writer.u64(node.value)
    writer.u64(head.batches)
    writer.u8(head.log == nil ? 0 : 1)
    if let log = head.log {
      writer.u64(log.log.value)
      writer.u64(log.sequence.value)
      writer.u64(log.applied.value)
      writer.raw(log.hash.bytes)
    }
    let files = closedLogs.suffix(SidecarRecord.closedLogsMax)
    writer.u64(manifest?.number ?? 0)
    writer.u64(UInt64(manifest?.byteCount ?? 0))
    writer.u8(UInt8(files.count))
    for file in files {
      writer.u64(file.number)
      writer.u64(UInt64(file.byteCount))
    }
    writer.u8(isAccepted ? 1 : 0)
    writer.raw(repeatElement(0, count: SidecarRecord.checksumOffset - writer.bytes.count))
    writer.u32(Checksum.crc32c(writer.bytes))
    return writer.bytes
  }

  /// The record in a slot, or nil for a slot that was not written whole.
  static func decode(_ slot: Bytes) -> SidecarRecord? {
    guard slot.count == byteCount else { return nil }
    var tail = ByteReader(slot, from: checksumOffset, to: byteCount)
    var reader = ByteReader(slot, from: 0, to: checksumOffset)
    do throws(MalformedBytes) {
      guard try tail.u32() == Checksum.crc32c(slot[..<checksumOffset]), try reader.raw(magic.count) == magic else {
        return nil
      }
      let counter = try reader.u64()
      guard let node = NodeID(exactly: try reader.u64()) else { return nil }
      let batches = try reader.u64()
      var record = SidecarRecord(counter: counter, node: node)
      if try reader.u8() == 1 {
        guard let log = LogID(exactly: try reader.u64()) else { return nil }
        let head = LogHead(
          log: log, sequence: Sequence64(try reader.u64()), applied: ApplySequence(try reader.u64()),
          hash: Digest256(try reader.raw(Digest256.byteCount)))
        record.head = StoreHead(batches: batches, log: head)
      } else {
        record.head = StoreHead(batches: batches, log: nil)
      }
      let manifest = KnownFile(number: try reader.u64(), byteCount: Int(clamping: try reader.u64()))
      record.manifest = manifest.number == 0 ? nil : manifest
      for _ in 0..<(try reader.u8()) {
        record.closedLogs.append(KnownFile(number: try reader.u64(), byteCount: Int(clamping: try reader.u64())))
      }
      record.isAccepted = try reader.u8() != 0
      return record
    } catch {
      return nil
    }
  }
}
