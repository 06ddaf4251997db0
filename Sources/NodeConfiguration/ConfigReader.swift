import Messages
import Primitives

/// Reads a daemon's configuration. Everything that is wrong is told with file, line, column and what to do, before
/// anything is touched.
public enum ConfigReader {
  /// Reads `path`, then the environment (`XYLEM_NODE_DIRECTORY` for `node.directory`; an empty variable counts as not
  /// set), then flags by key; later ones win. A value that is wrong is told even when a later one overrides it.
  ///
  /// - Parameters:
  ///   - path: nil for a daemon that is told everything by flags.
  ///   - flags: values by key of `NodeConfig.keys`; lists with commas.
  ///   - isPlaintextForTests: whether a flag asked for links without encryption.
  /// - Returns: the configuration and all that is wrong with it; use it only when nothing is.
  public static func read(
    path: String?, environment: [String: String], flags: [String: String], isPlaintextForTests: Bool = false
  ) -> (config: NodeConfig, failures: [Failure]) {
    require(flags.keys.allSatisfy(NodeConfig.keys.contains), "a flag names a key")
    var config = NodeConfig()
    config.isPlaintextForTests = isPlaintextForTests
    var failures: [Failure] = []
    let isWhole = path.map { readFile($0, &config, &failures) } ?? true
    for key in NodeConfig.keys {
      let name = variable(key)
      if let value = environment[name], !value.isEmpty {
        let entry = ConfigEntry(key: key, value: .text(value), place: ConfigPlace(file: name))
        if let failure = config.set(entry, origin: "environment \(name)") { failures.append(failure) }
      }
      if let value = flags[key] {
        let entry = ConfigEntry(key: key, value: .text(value), place: ConfigPlace(file: "command line"))
        if let failure = config.set(entry, origin: "flag") { failures.append(failure) }
      }
    }
    if config.socket.isEmpty, config.origins["admin.socket"] == nil {
      config.socket = besideDirectory(config.directory)
    }
    // Where to write what is missing.
    if let path, config.places["node.directory"] == nil { config.places["node.directory"] = ConfigPlace(file: path) }
    failures += config.validate().filter { isWhole || $0.code != .configKeyMissing }
    return (config, failures)
  }

  /// The environment variable of a key: `XYLEM_LINK_PARENT` for `link.parent`.
  public static func variable(_ key: String) -> String {
    "XYLEM_" + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
  }

  /// `xylem.sock` in the folder that holds the node's directory: where `xylemctl` looks when it is started there.
  private static func besideDirectory(_ directory: String) -> String {
    var path = directory[...]
    while path.count > 1, path.last == "/" { path = path.dropLast() }
    guard let slash = path.lastIndex(of: "/") else { return "xylem.sock" }
    return path[...slash] + "xylem.sock"
  }

  /// Returns whether the file was read to its end.
  private static func readFile(_ path: String, _ config: inout NodeConfig, _ failures: inout [Failure]) -> Bool {
    let text: String
    do throws(Failure) { text = try ConfigFile.read(path) } catch {
      failures.append(error)
      return false
    }
    let document = ConfigDocument(text, file: path)
    failures += document.failures
    for entry in document.entries {
      if let failure = config.set(entry, origin: "\(path):\(entry.place.line)") { failures.append(failure) }
    }
    return document.isWhole
  }
}
