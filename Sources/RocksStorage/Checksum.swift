/// CRC-32C, the checksum of RocksDB's manifest and of our two small files. Finds every error burst of up to 32 bits.
enum Checksum {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
  }

  /// The CRC-32C of `bytes`.
  static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      var state: UInt32 = .max
      for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8 }
      return ~state
    }
  }

  /// As RocksDB stores it: a checksum of data that itself holds checksums is weak, so it is rotated and shifted
  /// (rocksdb/util/crc32c.h, `Mask`).
  static func masked(_ value: UInt32) -> UInt32 { (value >> 15 | value << 17) &+ 0xA282_EAD8 }
}
