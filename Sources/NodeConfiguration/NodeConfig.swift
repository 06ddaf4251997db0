import Messages
import Primitives

/// What a daemon is told: one file, overridden by the environment, overridden by flags.
///
/// Each property names its key, unit, default and range. What a key does not say stays as the node's store has it.
public struct NodeConfig: Sendable {
  /// `network`: the network's name; default: the store's. 1…128 bytes.
  public var network: String?
  /// `node.directory`: path of the node's store; required.
  public var directory = ""
  /// `node.code`: code of the domain's root org; default: the store's. 1…64 bytes without spaces.
  public var code: String?
  /// `node.name`: name of the domain's root org; default: the store's. 1…256 bytes.
  public var name: String?
  /// `node.parent_code`: code of the org above; default: none, the top of a network. 1…64 bytes without spaces.
  public var parentCode: String?
  /// `node.id`: 1…12 hexadecimal digits, not zero; default: drawn at random when the store is created.
  public var id: NodeID?
  /// `admin.socket`: path of the Unix socket; default `xylem.sock` beside the node's directory.
  /// 1…100 bytes, for the system allows 107.
  public var socket = ""
  /// `admin.open`: `true` lets every user of the machine open the socket, who then needs a login; default `false`, only
  /// the owner of the process.
  public var isSocketOpenToAll = false
  /// `link.listen`: ADDRESS:PORT for children; default: none, no children. Port 1…65535. Needs the `tls` keys.
  public var listen: String?
  /// `link.parent`: HOST:PORT of the parent; default: none, the top or alone. Port 1…65535. Needs the `tls` keys.
  public var parent: String?
  /// `link.parent_node`: the only node that may be the parent, 1…12 hexadecimal digits; default: any whose certificate
  /// is good.
  public var parentNode: NodeID?
  /// `link.children`: org codes of the children that may link, each alone or as `CODE=KEY`, the line that its
  /// `xylemd init` printed; default: any. At most 4,096.
  public var children: [String]?
  /// `link.snapshot_rows`: rows of the own domain from which on it goes to a parent that has nothing of it as a
  /// snapshot and not by its log; default 10,000. 1…1,000,000,000.
  public var snapshotRows = 10_000
  /// `tls.certificate`: PEM file of the node's certificate and the authorities between it and one of `tls.authorities`;
  /// default: none, and no links.
  public var tlsCertificate: String?
  /// `tls.key`: PEM file of the certificate's private key, mode 0600; default: none.
  public var tlsKey: String?
  /// `tls.authorities`: PEM file of the authorities whose nodes are believed; default: none.
  public var tlsAuthorities: String?
  /// `tls.revoked`: file of the deny lists; written when the parent sends a newer one; default `revoked.txt` beside
  /// `tls.certificate`.
  public var tlsRevoked: String?
  /// `tls.issuer`: folder of the authority that renews certificates of children, those that it issued; default: none.
  /// Its key is on this machine then.
  public var tlsIssuer: String?
  /// Whether links may go without encryption, on the loopback device only. No key and no variable sets it, only a flag
  /// that says what it is.
  public var isPlaintextForTests = false
  /// `log.level`: one of ``levels``; default `info`.
  public var logLevel = "info"
  /// `log.format`: one of ``formats``; default `text`.
  public var logFormat = "text"
  /// `storage.cache`: block cache, a number with B, KiB, MiB or GiB; default 16 MiB. 1 MiB…64 GiB.
  public var cache: ByteCount = .mebibytes(16)
  /// `storage.write_buffer`: all write buffers together, a number with B, KiB, MiB or GiB; default 32 MiB. 1 MiB…1 GiB.
  public var writeBuffer: ByteCount = .mebibytes(32)
  /// `import.max_rejects`: rows that an import may reject before it stops; default 1,000. 0…1,000,000.
  public var importRejectsMax = 1000
  /// `calendar.today`: YYYY-MM-DD; default: the clock's day in UTC+8. For demonstrations and tests.
  public var today: String?
  /// Where each key's value came from: `FILE:LINE`, `environment NAME`, `flag`; absent for defaults.
  public var origins: [String: String] = [:]
  /// Where to send a reader who must mend a key.
  var places: [String: ConfigPlace] = [:]

  /// The defaults; not yet valid, for the directory is required.
  public init() {}

  /// Every key, in the order in which they are shown.
  public static let keys = [
    "network", "node.directory", "node.code", "node.name", "node.parent_code", "node.id", "admin.socket", "admin.open",
    "link.listen", "link.parent", "link.parent_node", "link.children", "link.snapshot_rows", "tls.certificate",
    "tls.key", "tls.authorities", "tls.revoked",
    "tls.issuer",
    "log.level", "log.format", "storage.cache", "storage.write_buffer",
    "import.max_rejects", "calendar.today",
  ]

  /// Levels of `log.level`.
  public static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
  /// Formats of `log.format`.
  public static let formats = ["text", "json"]

  /// A key's effective value as text, or nil when it has none; for showing.
  ///
  /// - Requires: a key of ``keys``.
  public func text(of key: String) -> String? {
    switch key {
    case "network": network
    case "node.directory": directory
    case "node.code": code
    case "node.name": name
    case "node.parent_code": parentCode
    case "node.id": id.map { String($0.value, radix: 16) }
    case "admin.socket": socket
    case "admin.open": String(isSocketOpenToAll)
    case "link.listen": listen
    case "link.parent": parent
    case "link.parent_node": parentNode.map { String($0.value, radix: 16) }
    case "tls.certificate": tlsCertificate
    case "tls.key": tlsKey
    case "tls.authorities": tlsAuthorities
    case "tls.revoked": tlsRevoked
    case "tls.issuer": tlsIssuer
    case "link.children": children?.joined(separator: ",")
    case "link.snapshot_rows": String(snapshotRows)
    case "log.level": logLevel
    case "log.format": logFormat
    case "storage.cache": ByteSize.text(cache)
    case "storage.write_buffer": ByteSize.text(writeBuffer)
    case "import.max_rejects": String(importRejectsMax)
    case "calendar.today": today
    default: requirementFailed("\(key) is no key")
    }
  }
}
