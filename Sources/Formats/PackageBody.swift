import Primitives

/// What a package's sealed body holds, in order: `type u8 · length u32 · bytes`, one after the other.
public struct PackageBody: Hashable, Sendable {
  /// Frames in the apply order of the sender, byte for byte as their owners made them.
  public var frames: [Bytes] = []
  /// How far the recipient's logs are durable above it.
  public var watermarks: [LinkMessage.Watermark] = []
  /// Rows as they lie at the sender: the recipient's assignment.
  public var rows: [StoredRow] = []
  /// What goes down beside it, or comes back of that, as on a link: ancestry, dispatches, places, receipts.
  public var messages: [LinkMessage] = []

  /// A row with its key, which its checksum covers.
  public struct StoredRow: Hashable, Sendable {
    /// ``Keys/row(_:_:)``
    public let key: Bytes
    /// ``Row``
    public let row: Bytes

    /// The row at `key`.
    public init(key: Bytes, row: Bytes) {
      self.key = key
      self.row = row
    }
  }

  /// Nothing yet.
  public init() {}

  private enum Kind: UInt8 {
    case frame = 1
    case watermark = 2
    case row = 3
    case message = 4
  }

  var encoded: Bytes {
    var writer = ByteWriter(capacity: frames.reduce(1024) { $0 + $1.count + 5 })
    for mark in watermarks {
      writer.u8(Kind.watermark.rawValue)
      writer.u32(17)
      writer.u8(mark.level)
      writer.u64(mark.log.value)
      writer.u64(mark.last.value)
    }
    for row in rows {
      writer.u8(Kind.row.rawValue)
      writer.u32(UInt32(row.key.count + row.row.count))
      writer.raw(row.key)
      writer.raw(row.row)
    }
    for message in messages {
      let bytes = message.encoded()
      writer.u8(Kind.message.rawValue)
      // Type and payload; the length is the part's own.
      writer.u32(UInt32(bytes.count - 4))
      writer.raw(Bytes(bytes[4...]))
    }
    for frame in frames {
      writer.u8(Kind.frame.rawValue)
      writer.u32(UInt32(frame.count))
      writer.raw(frame)
    }
    return writer.bytes
  }

  init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      let at = reader.offset
      let kind = Kind(rawValue: try reader.u8())
      let length = Int(try reader.u32())
      guard length <= reader.remaining else { throw MalformedBytes("\(length) bytes", at: at) }
      let part = try reader.raw(length)
      var inner = ByteReader(part)
      switch kind {
      case .frame: frames.append(part)
      case .watermark:
        let level = try inner.u8()
        let log = try inner.log()
        watermarks.append(.init(level: level, log: log, last: Sequence64(try inner.u64())))
        try inner.finish()
      case .row: rows.append(.init(key: try inner.raw(Keys.rowByteCount), row: Bytes(part[Keys.rowByteCount...])))
      case .message: messages.append(try PackageBody.message(part))
      case nil: throw MalformedBytes("a part of version 1", at: at)
      }
    }
  }
}

extension PackageBody {
  /// Only what goes between outboxes: nothing else of a link means anything in a file.
  private static func message(_ bytes: Bytes) throws(MalformedBytes) -> LinkMessage {
    let message = try LinkMessage(bytes)
    switch message {
    case .ancestry, .dispatches, .outboxPosition, .receipts: return message
    default: throw MalformedBytes("a message that a file may hold", at: 0)
    }
  }

  /// ``messages`` as they are kept, so that a package can be made again: `length u32 · type and payload`, one after the
  /// other.
  public static func encode(_ messages: [LinkMessage]) -> Bytes { messages.reduce(into: []) { $0 += $1.encoded() } }

  /// Reads what ``encode(_:)`` wrote.
  public static func messages(_ bytes: Bytes) throws(MalformedBytes) -> [LinkMessage] {
    var reader = ByteReader(bytes)
    var list: [LinkMessage] = []
    while !reader.isAtEnd { list.append(try message(try reader.raw(Int(try reader.u32())))) }
    return list
  }
}

/// What the frames of a package hold, counted for people.
struct PackageContents {
  var frames: UInt64 = 0
  var commits: UInt64 = 0
  var firstTime: UInt64 = 0
  var lastTime: UInt64 = 0
  var counts: [PackageHeader.Count] = []

  /// Opens every frame: as dear as applying without the writing.
  init(_ frames: [Bytes], with codec: FrameCodec) throws(FrameError) {
    var byEntity: [EntityID: (inserted: Int, updated: Int, deleted: Int)] = [:]
    for bytes in frames {
      let frame = try codec.parse(bytes)
      let body = try codec.open(frame)
      self.frames += 1
      commits += UInt64(body.commits.count)
      for commit in body.commits {
        let time = commit.time.milliseconds
        firstTime = firstTime == 0 ? time : Swift.min(firstTime, time)
        lastTime = Swift.max(lastTime, time)
      }
      for group in body.groups {
        switch group.kind {
        case .insert: byEntity[group.entity, default: (0, 0, 0)].inserted += group.rows
        case .update: byEntity[group.entity, default: (0, 0, 0)].updated += group.rows
        case .delete: byEntity[group.entity, default: (0, 0, 0)].deleted += group.rows
        }
      }
    }
    counts = byEntity.keys.sorted().compactMap { entity in
      byEntity[entity].map {
        .init(
          entity: entity, inserted: UInt64($0.inserted), updated: UInt64($0.updated), deleted: UInt64($0.deleted))
      }
    }
  }
}
