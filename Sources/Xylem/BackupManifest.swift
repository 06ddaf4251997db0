import Foundation
import Formats
import Messages
import Primitives

/// What a backup says about itself, in its file `BACKUP`: lines a person can read, signed by the node that made it.
public struct BackupManifest: Hashable, Sendable {
  /// One file with what it must be.
  public struct File: Hashable, Sendable {
    /// Below the backup's directory.
    public let name: String
    public let byteCount: Int
    /// SHA-256, in hexadecimal.
    public let digest: String
  }

  static let fileName = "BACKUP"
  private static let firstLine = "xylem backup"

  public let node: NodeID
  public let network: String
  public let rootOrgCode: String
  /// When it was made, ISO 8601 in UTC.
  public let created: String
  /// Where the node's own log stood, and how many frames were applied in all.
  public let log: LogID
  public let sequence: UInt64
  public let applied: UInt64
  public let files: [File]
  /// Whose signature it is.
  public let key: PublicKey

  /// Bytes of all files together.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  private var body: String {
    var lines = [
      BackupManifest.firstLine, "format: 1", "node: \(String(node.value, radix: 16))", "network: \(network)",
      "root-org: \(rootOrgCode)", "created: \(created)", "log: \(String(log.value, radix: 16))",
      "sequence: \(sequence)", "applied: \(applied)", "key: \(key.bytes.hex)",
    ]
    for file in files { lines.append("file: \(file.digest) \(file.byteCount) \(file.name)") }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The file's text, signed.
  func encoded(by signer: SigningKey) -> Bytes {
    let body = body
    return Bytes((body + "signature: \(signer.sign(Bytes(body.utf8)).hex)\n").utf8)
  }

  init(
    node: NodeID, network: String, rootOrgCode: String, created: String, log: LogID, sequence: UInt64, applied: UInt64,
    files: [File], key: PublicKey
  ) {
    self.node = node
    self.network = network
    self.rootOrgCode = rootOrgCode
    self.created = created
    self.log = log
    self.sequence = sequence
    self.applied = applied
    self.files = files
    self.key = key
  }

  /// Reads the manifest of the backup in `directory` and checks its signature against the key it names; whoever
  /// restores compares that key with the node's own.
  ///
  /// - Throws: `XYL-STO-0012` for anything that was not written by ``encoded(by:)``.
  init(in directory: String) throws(Failure) {
    let path = "\(directory)/\(BackupManifest.fileName)"
    func damaged(_ reason: String) -> Failure { Failure(.storageBackupDamaged, ["file": path, "reason": reason]) }
    guard let data = FileManager.default.contents(atPath: path), data.count < 64 << 20 else {
      throw damaged("it is missing or cannot be read")
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines.count > 11, lines[0] == BackupManifest.firstLine, lines[1] == "format: 1" else {
      throw damaged("it is not a manifest of format 1")
    }
    func value(_ number: Int, _ name: String) throws(Failure) -> String {
      guard lines[number].hasPrefix(name + ": ") else { throw damaged("line \(number + 1) is not \(name)") }
      return String(lines[number].dropFirst(name.utf8.count + 2))
    }
    var files: [File] = []
    for line in lines[10..<(lines.count - 1)] {
      let parts = line.split(separator: " ", maxSplits: 3).map(String.init)
      guard parts.count == 4, parts[0] == "file:", let byteCount = Int(parts[2]), byteCount >= 0,
        parts[1].utf8.count == 64, BackupManifest.isPlain(parts[3])
      else { throw damaged("a line about a file is malformed") }
      files.append(File(name: parts[3], byteCount: byteCount, digest: parts[1]))
    }
    guard let nodeNumber = UInt64(try value(2, "node"), radix: 16), let node = NodeID(exactly: nodeNumber),
      let logNumber = UInt64(try value(6, "log"), radix: 16), let log = LogID(exactly: logNumber),
      let sequence = UInt64(try value(7, "sequence")), let applied = UInt64(try value(8, "applied")),
      let keyBytes = Bytes(hex: try value(9, "key")), let key = PublicKey(exactly: keyBytes),
      let signature = Bytes(hex: try value(lines.count - 1, "signature"))
    else { throw damaged("a number in it is malformed") }
    self.init(
      node: node, network: try value(3, "network"), rootOrgCode: try value(4, "root-org"),
      created: try value(5, "created"), log: log, sequence: sequence, applied: applied, files: files, key: key)
    guard key.isValid(signature, over: Bytes(body.utf8)) else { throw damaged("its signature does not fit") }
  }

  /// A name that stays below the backup's directory.
  private static func isPlain(_ name: String) -> Bool {
    !name.hasPrefix("/")
      && !name.split(separator: "/", omittingEmptySubsequences: false).contains { $0 == ".." || $0.isEmpty }
  }
}
