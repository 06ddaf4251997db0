/// What a daemon is told: one file, overridden by the environment, overridden by flags.
///
/// | key | unit | default | range |
/// |---|---|---|---|
/// | `node.directory` | path | required | a node's store |
/// | `admin.socket` | path | `DIRECTORY.sock` | at most 100 bytes |
/// | `link.listen` | HOST:PORT | none: no children | loopback |
/// | `link.parent` | HOST:PORT | none: top or stand-alone | loopback |
/// | `link.children` | org codes | any child | |
/// | `log.level` | name | `info` | trace … critical |
/// | `log.format` | `text`, `json` | `text` | |
/// | `calendar.today` | date | the clock's day in UTC+8 | for demonstrations and tests |
public struct NodeConfig: Sendable {
  public var directory = ""
  public var socket = ""
  public var listen: String?
  public var parent: String?
  public var children: [String]?
  public var logLevel = "info"
  public var logFormat = "text"
  public var today: String?
  /// Where each key's value came from: `file:LINE`, `environment`, `flag`; absent for defaults.
  public var origins: [String: String] = [:]

  public init() {}

  /// Every key, in the order in which they are shown.
  public static let keys = [
    "node.directory", "admin.socket", "link.listen", "link.parent", "link.children", "log.level", "log.format",
    "calendar.today",
  ]

  /// Levels of `log.level`.
  public static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
}
