import Primitives

/// Rows of one stretch of a partition's key range, sorted, as a snapshot carries them: one zstd frame of
///
///     version u8 = 1 · rows: (shared u8 · rest of the key · length varint · row) …
///
/// `shared` bytes of a key are those of the key before; keys are without the partition, which the manifest names.
public enum SnapshotChunk {
  /// A row's key without its partition.
  public static let keyByteCount = Keys.rowByteCount - 8
  static let version: UInt8 = 1
  /// Rows compress well enough at zstd's fastest setting that is not negative, and a first sync waits for it.
  public static let compressionLevel: Int32 = 1

  /// Unpacks a chunk and lends its rows one after the other.
  ///
  /// - Parameters:
  ///   - next: the first key of the chunk after it; nil for the last one.
  ///   - body: gets the whole key, partition included, and the row; lent for the call.
  /// - Throws: `MalformedBytes` for anything but exactly the rows that the manifest names, in order and inside the
  ///   chunk's range; what was lent before it was noticed is to be thrown away.
  public static func forEachRow(
    _ packed: Bytes, _ facts: SnapshotManifest.Chunk, before next: Bytes?, of partition: PartitionID,
    with compression: Compression, _ body: (_ key: UnsafeRawBufferPointer, _ row: UnsafeRawBufferPointer) -> Void
  ) throws(MalformedBytes) {
    let bytes: Bytes
    do {
      bytes = try compression.decompress(packed, from: 0, to: packed.count, size: Int(facts.byteCountUnpacked))
    } catch { throw MalformedBytes("a zstd frame of \(facts.byteCountUnpacked) bytes", at: 0) }
    var failure: MalformedBytes?
    bytes.withUnsafeBytes { raw in
      withUnsafeTemporaryAllocation(byteCount: Keys.rowByteCount * 2, alignment: 1) { keys in
        failure = walk(raw, UnsafeMutableRawBufferPointer(rebasing: keys[...]), facts, next, partition, body)
      }
    }
    if let failure { throw failure }
  }

  private static func walk(
    _ bytes: UnsafeRawBufferPointer, _ keys: UnsafeMutableRawBufferPointer, _ facts: SnapshotManifest.Chunk,
    _ next: Bytes?, _ partition: PartitionID,
    _ body: (_ key: UnsafeRawBufferPointer, _ row: UnsafeRawBufferPointer) -> Void
  ) -> MalformedBytes? {
    guard bytes.count > 0, bytes[0] == version else { return MalformedBytes("chunk version 1", at: 0) }
    // Two keys in turn: the one that is lent and the one before it.
    var places = (current: 0, previous: Keys.rowByteCount)
    for start in [0, Keys.rowByteCount] {
      keys.storeBytes(of: partition.value.bigEndian, toByteOffset: start, as: UInt64.self)
    }
    var offset = 1
    var rows: UInt32 = 0
    while offset < bytes.count {
      let at = offset
      let shared = Int(bytes[offset])
      offset += 1
      guard shared <= keyByteCount, rows > 0 || shared == 0, bytes.count - offset >= keyByteCount - shared else {
        return MalformedBytes("a key", at: at)
      }
      for position in 0..<shared { keys[places.current + 8 + position] = keys[places.previous + 8 + position] }
      for position in shared..<keyByteCount {
        keys[places.current + 8 + position] = bytes[offset + position - shared]
      }
      offset += keyByteCount - shared
      guard let length = count(bytes, &offset), length > 0, length <= bytes.count - offset else {
        return MalformedBytes("a row's length", at: offset)
      }
      let key = UnsafeRawBufferPointer(rebasing: keys[places.current..<places.current + Keys.rowByteCount])
      if rows > 0 {
        let previous = UnsafeRawBufferPointer(rebasing: keys[places.previous..<places.previous + Keys.rowByteCount])
        guard previous.lexicographicallyPrecedes(key) else { return MalformedBytes("keys that ascend", at: at) }
      } else {
        guard key[8...].elementsEqual(facts.first) else { return MalformedBytes("the chunk's first key", at: at) }
      }
      body(key, UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
      offset += length
      rows += 1
      guard rows <= facts.rows else { return MalformedBytes("\(facts.rows) rows", at: at) }
      swap(&places.current, &places.previous)
    }
    guard rows == facts.rows else { return MalformedBytes("\(facts.rows) rows", at: offset) }
    // The key that was lent last stands at `previous` now.
    let last = keys[(places.previous + 8)..<(places.previous + Keys.rowByteCount)]
    guard next.map({ last.lexicographicallyPrecedes($0) }) ?? true else {
      return MalformedBytes("keys before the next chunk's", at: offset)
    }
    return nil
  }

  /// A varint of at most 28 bits.
  private static func count(_ bytes: UnsafeRawBufferPointer, _ offset: inout Int) -> Int? {
    var value = 0
    for shift in stride(from: 0, through: 21, by: 7) {
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= Int(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return byte == 0 && shift != 0 ? nil : value }
    }
    return nil
  }
}

/// Cuts a partition's rows, which come in the order of their keys, into chunks.
public struct SnapshotChunker {
  private let bytesAim: Int
  private let compression: Compression
  private let hashing: Hashing
  private var writer = ByteWriter()
  private var first: Bytes = []
  private var previous: Bytes = []
  private var rows: UInt32 = 0
  private var counts: [SnapshotManifest.Count] = []
  /// What was cut so far.
  public private(set) var chunks: [SnapshotManifest.Chunk] = []

  /// - Parameter bytesAim: a chunk is cut when it is so large, unpacked.
  public init(bytesAim: Int, compression: Compression, hashing: Hashing) {
    self.bytesAim = Swift.min(bytesAim, SnapshotManifest.Limits.chunkBytes / 2)
    self.compression = compression
    self.hashing = hashing
  }

  /// Adds the next row; returns a packed chunk when one is full.
  ///
  /// - Requires: keys of one partition, ascending; a row of at most 4 MiB, as every commit makes them.
  public mutating func add(_ key: UnsafeRawBufferPointer, _ row: UnsafeRawBufferPointer) -> Bytes? {
    var full: Bytes?
    if rows > 0, writer.bytes.count + row.count > bytesAim || rows == SnapshotManifest.Limits.chunkRows {
      full = cut()
    }
    let own = Bytes(key[8...])
    if rows == 0 {
      first = own
      writer.u8(SnapshotChunk.version)
    }
    let shared = rows == 0 ? 0 : zip(previous, own).prefix { $0 == $1 }.count
    writer.u8(UInt8(shared))
    writer.bytes.append(contentsOf: own[shared...])
    writer.count(row.count)
    writer.bytes.append(contentsOf: row)
    previous = own
    rows += 1
    let entity = EntityID(own[0])
    if let last = counts.last, last.entity == entity {
      counts[counts.count - 1] = .init(entity: entity, rows: last.rows + 1)
    } else {
      counts.append(.init(entity: entity, rows: 1))
    }
    return full
  }

  /// Packs what is left; nil when nothing is. Then ``chunks`` and the counts are complete.
  public mutating func finish() -> (last: Bytes?, counts: [SnapshotManifest.Count]) {
    (rows > 0 ? cut() : nil, counts)
  }

  private mutating func cut() -> Bytes {
    let packed = compression.compress(writer.bytes)
    chunks.append(
      .init(
        first: first, rows: rows, byteCount: UInt32(packed.count), byteCountUnpacked: UInt32(writer.bytes.count),
        digest: hashing.digest(packed)))
    writer.bytes.removeAll(keepingCapacity: true)
    rows = 0
    return packed
  }
}
