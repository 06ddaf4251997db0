import Glibc
import Primitives

/// The secret that a node signs with, in a file of its own beside the store: whoever copies the database has not copied
/// it. Text, one `key: value` a line, closed by its checksum; mode 0600.
public enum KeyFile {
  /// Bytes of a secret.
  public static let secretByteCount = 32
  private static let firstLine = "xylem key"
  private static let byteCountMax = 1024

  /// The file's path in a store's directory.
  public static func path(in directory: String) -> String { "\(directory)/KEY" }

  /// Writes the secret of a new node; durable on return.
  ///
  /// - Requires: 32 bytes.
  /// - Throws: `.notEmpty` when there is a key already: a key is never replaced; `.unavailable`.
  public static func create(_ secret: Bytes, in directory: String) throws(OpenError) {
    require(secret.count == secretByteCount, "a secret has \(secretByteCount) bytes")
    let path = path(in: directory)
    let known = try opening { () throws(FileFailure) in try PosixFile.byteCount(at: path) }
    guard known == nil else { throw .notEmpty(directory: path) }
    try opening { () throws(FileFailure) in try PosixFile.place(encode(secret), at: path, in: directory) }
  }

  /// Reads the secret.
  ///
  /// - Throws: `.missing`, `.damaged`, `.exposed` when others than the owner may read it; nothing is written.
  public static func read(in directory: String) throws(OpenError) -> Bytes { try read(at: path(in: directory)) }

  /// Reads the secret in a file that was kept elsewhere: beside a backup there is none.
  ///
  /// - Throws: as ``read(in:)`` does.
  public static func read(at path: String) throws(OpenError) -> Bytes {
    let (bytes, mode) = try opening { () throws(FileFailure) -> (Bytes, mode_t) in
      let file = try PosixFile(path, O_RDONLY)
      return (try file.read(at: 0, count: byteCountMax), try file.mode)
    }
    guard mode & 0o077 == 0 else { throw .exposed(file: path, mode: "0\(String(mode, radix: 8))") }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.count == 3, lines[1].hasPrefix("secret: "), let secret = Bytes(hex: lines[1].dropFirst(8)),
      secret.count == secretByteCount, encode(secret) == bytes
    else { throw .damaged(file: path, detail: "it is not a key file, or its checksum differs") }
    return secret
  }

  private static func encode(_ secret: Bytes) -> Bytes {
    let body = "\(firstLine)\nsecret: \(secret.hex)\n"
    return Bytes((body + "checksum: \(hexadecimal(UInt64(Checksum.crc32c(body.utf8)), digits: 8))\n").utf8)
  }
}
