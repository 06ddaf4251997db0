import Foundation
import Messages
import Primitives
import Yams

/// Reads a daemon's configuration. Everything that is wrong is told with file, line and what to do, before anything is
/// touched.
public enum ConfigReader {
  /// A configuration has a few lines; what is larger is not one.
  public static let bytesMax = 1 << 20

  /// Reads `path`, then the environment (`XYLEM_NODE_DIRECTORY` for `node.directory`), then flags by key.
  ///
  /// - Parameters:
  ///   - path: nil for a daemon that is told everything by flags.
  ///   - flags: values by key; they win.
  /// - Returns: the configuration and all that is wrong with it; use it only when nothing is.
  public static func read(
    path: String?, environment: [String: String], flags: [String: String]
  ) -> (config: NodeConfig, failures: [Failure]) {
    var config = NodeConfig()
    var failures: [Failure] = []
    if let path {
      do throws(Failure) { try readFile(path, &config, &failures) } catch { failures.append(error) }
    }
    for key in NodeConfig.keys {
      let name = "XYLEM_" + key.uppercased().replacingOccurrences(of: ".", with: "_")
      if let value = environment[name] { set(key, [value], "environment", path ?? "-", 0, &config, &failures) }
      if let value = flags[key] { set(key, [value], "flag", path ?? "-", 0, &config, &failures) }
    }
    failures += validate(config, path ?? "-")
    return (config, failures)
  }

  private static func readFile(_ path: String, _ config: inout NodeConfig, _ failures: inout [Failure]) throws(Failure)
  {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw Failure(.configFileMissing, ["file": path])
    }
    guard !isDirectory.boolValue, let data = FileManager.default.contents(atPath: path), data.count <= bytesMax else {
      throw Failure(
        .configFileUnreadable,
        ["file": path, "reason": isDirectory.boolValue ? "a directory" : "unreadable or over 1 MiB"])
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Failure(.configNotUTF8, ["file": path, "offset": "0"])
    }
    // Aliases would let a few lines grow without bound, and nothing here needs them.
    if text.contains("&") || text.contains("*") && text.contains(": *") {
      throw Failure(
        .configSyntax, ["file": path, "line": "1", "column": "1", "reason": "anchors and aliases are not allowed"])
    }
    let root: Yams.Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw syntax(error, path)
    } catch { throw Failure(.configSyntax, ["file": path, "line": "1", "column": "1", "reason": "\(error)"]) }
    guard let root else { return }
    guard case .mapping(let mapping) = root else {
      throw Failure(
        .configWrongType, ["file": path, "line": "1", "key": "-", "expected": "a mapping", "found": "-", "column": "1"])
    }
    var seen: [String: Int] = [:]
    walk(mapping, "", path, &seen, &config, &failures)
  }

  private static func syntax(_ error: YamlError, _ path: String) -> Failure {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      Failure(.configSyntax, ["file": path, "line": "\(mark.line)", "column": "\(mark.column)", "reason": problem])
    case .duplicatedKeysInMapping(let duplicates, _):
      Failure(.configDuplicateKey, ["file": path, "line": "?", "key": duplicates.first ?? "?", "firstLine": "?"])
    default: Failure(.configSyntax, ["file": path, "line": "1", "column": "1", "reason": "\(error)"])
    }
  }

  private static func walk(
    _ mapping: Yams.Node.Mapping, _ prefix: String, _ path: String, _ seen: inout [String: Int],
    _ config: inout NodeConfig, _ failures: inout [Failure]
  ) {
    for (keyNode, valueNode) in mapping {
      let key = prefix + (keyNode.string ?? "?")
      let line = keyNode.mark?.line ?? 0
      if let first = seen[key] {
        failures.append(
          Failure(.configDuplicateKey, ["file": path, "line": "\(line)", "key": key, "firstLine": "\(first)"]))
        continue
      }
      seen[key] = line
      if case .mapping(let inner) = valueNode, NodeConfig.keys.contains(where: { $0.hasPrefix(key + ".") }) {
        walk(inner, key + ".", path, &seen, &config, &failures)
        continue
      }
      guard NodeConfig.keys.contains(key) else {
        let near = nearest(key)
        failures.append(
          Failure(.configUnknownKey, ["file": path, "line": "\(line)", "key": key, "suggestion": near, "column": "1"]))
        continue
      }
      switch valueNode {
      // The text as written: an unquoted 011000 is a code here, never a number in octal.
      case .scalar(let scalar): set(key, [scalar.string], "file:\(line)", path, line, &config, &failures)
      case .sequence(let sequence) where key == "link.children":
        set(key, sequence.map { $0.string ?? "" }, "file:\(line)", path, line, &config, &failures)
      default: failures.append(wrongType(key, "one value", "a structure", path, line))
      }
    }
  }

  private static func wrongType(_ key: String, _ expected: String, _ found: String, _ path: String, _ line: Int)
    -> Failure
  {
    Failure(
      .configWrongType,
      ["file": path, "line": "\(line)", "column": "1", "key": key, "expected": expected, "found": found])
  }

  private static func set(
    _ key: String, _ values: [String], _ origin: String, _ path: String, _ line: Int, _ config: inout NodeConfig,
    _ failures: inout [Failure]
  ) {
    let value = values.first ?? ""
    config.origins[key] = origin
    switch key {
    case "node.directory": config.directory = value
    case "admin.socket": config.socket = value
    case "link.listen": config.listen = value
    case "link.parent": config.parent = value
    case "link.children":
      config.children =
        origin.hasPrefix("file") ? values : value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    case "log.level":
      if NodeConfig.levels.contains(value) {
        config.logLevel = value
      } else {
        failures.append(wrongType(key, NodeConfig.levels.joined(separator: ", "), value, path, line))
      }
    case "log.format":
      if ["text", "json"].contains(value) {
        config.logFormat = value
      } else {
        failures.append(wrongType(key, "text, json", value, path, line))
      }
    case "calendar.today":
      if CivilDate(iso: value) != nil {
        config.today = value
      } else {
        failures.append(wrongType(key, "YYYY-MM-DD", value, path, line))
      }
    default: requirementFailed("every key is read")
    }
  }

  private static func validate(_ config: NodeConfig, _ path: String) -> [Failure] {
    var failures: [Failure] = []
    if config.directory.isEmpty {
      failures.append(
        Failure(.configKeyMissing, ["file": path, "key": "node.directory", "example": "node:\n  directory: data"]))
    }
    if let listen = config.listen, listen == config.parent {
      failures.append(
        Failure(
          .configConflict,
          [
            "file": path, "first": "link.parent", "second": "link.listen", "line": "0",
            "reason": "a node is not its own parent",
          ]))
    }
    if config.socket.utf8.count > 100 {
      failures.append(
        Failure(
          .configOutOfRange,
          [
            "file": path, "line": "0", "key": "admin.socket", "minimum": "1", "maximum": "100",
            "found": config.socket,
          ]))
    }
    return failures
  }

  /// The known key that differs least.
  static func nearest(_ key: String) -> String {
    func distance(_ left: [Character], _ right: [Character]) -> Int {
      var row = Array(0...right.count)
      for (i, character) in left.enumerated() {
        var previous = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
          let cost = previous + (character == other ? 0 : 1)
          previous = row[j + 1]
          row[j + 1] = min(cost, row[j] + 1, previous + 1)
        }
      }
      return row[right.count]
    }
    return NodeConfig.keys.min { distance(Array(key), Array($0)) < distance(Array(key), Array($1)) } ?? ""
  }
}
