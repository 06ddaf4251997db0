import Glibc
import Primitives

/// RocksDB's list of its own files, seen from outside.
///
/// RocksDB takes a manifest that ends early for one whose last change was never written. When that change made a table
/// file part of the database and the write-ahead log behind it is gone, data disappears without an error. So we
/// remember how long the manifest was (``SidecarRecord``), and here find how far its records are whole.
struct ManifestFile {
  /// The number in the name, as CURRENT gives it.
  let number: UInt64
  let path: String

  private static let blockByteCount = 32_768
  private static let headerByteCount = 7

  /// Reads CURRENT, which holds one name and a line feed.
  static func current(in rocks: String) throws(OpenError) -> ManifestFile {
    let pointer = "\(rocks)/CURRENT"
    let bytes = try opening { () throws(FileFailure) in try PosixFile.content(pointer, byteCountMax: 256) }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("MANIFEST-"), text.hasSuffix("\n"),
      let number = UInt64(text.dropFirst("MANIFEST-".count).dropLast()), text == "MANIFEST-\(padded(number))\n"
    else { throw .damaged(file: pointer, detail: "it does not name a manifest") }
    return ManifestFile(number: number, path: "\(rocks)/MANIFEST-\(padded(number))")
  }

  /// Where the last whole record ends that follows, without a gap, on `start`, itself such an end.
  ///
  /// The framing is the one of write-ahead logs: blocks of 32 KiB; a record is one or more fragments, each a masked
  /// CRC-32C, a little-endian length and a type (1 whole, 2 first, 3 middle, 4 last), none crossing a block.
  func intactEnd(from start: Int) throws(FileFailure) -> Int {
    let file = try PosixFile(path, O_RDONLY)
    let bytes = try file.read(at: start, count: max(try file.byteCount - start, 0))
    var offset = 0
    var intact = 0
    while true {
      let left = ManifestFile.blockByteCount - (start + offset) % ManifestFile.blockByteCount
      if left < ManifestFile.headerByteCount {
        offset += left
        continue
      }
      guard offset + ManifestFile.headerByteCount <= bytes.count else { return start + intact }
      let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << UInt32($1 * 8) }
      let length = Int(bytes[offset + 4]) | Int(bytes[offset + 5]) << 8
      let type = bytes[offset + 6]
      let end = offset + ManifestFile.headerByteCount + length
      guard (1...4).contains(type), ManifestFile.headerByteCount + length <= left, end <= bytes.count,
        Checksum.masked(Checksum.crc32c(bytes[offset + 6..<end])) == stored
      else { return start + intact }
      offset = end
      if type == 1 || type == 4 { intact = offset }
    }
  }

  static func padded(_ number: UInt64) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(6 - text.count, 0)) + text
  }
}
