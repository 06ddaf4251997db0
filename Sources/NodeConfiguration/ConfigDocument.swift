import Messages
import Yams

/// One key of a file with what was written for it.
struct ConfigEntry {
  enum Value {
    /// The text as written: an unquoted 011000 is a code here, never a number in octal.
    case text(String)
    case list([String])
  }
  let key: String
  let value: Value
  let place: ConfigPlace
}

/// Reads YAML into keys and texts. Values are not judged here, only the form: keys known and given once, no anchors.
struct ConfigDocument {
  private(set) var entries: [ConfigEntry] = []
  private(set) var failures: [Failure] = []
  /// Whether the file was read to its end; if not, it does not tell what it lacks.
  private(set) var isWhole = true
  private let file: String

  /// More than these help nobody to mend a file.
  private static let failuresMax = 100

  init(_ text: String, file: String) {
    self.file = file
    do throws(Failure) { try read(text) } catch {
      isWhole = false
      failures.append(error)
    }
  }

  private mutating func read(_ text: String) throws(Failure) {
    // Yams hashes the keys of each mapping, and a key that is an alias of an alias … would take for ever to hash.
    if let alias = AliasScan.firstAlias(in: text) {
      throw syntax(
        ConfigPlace(file: file, line: alias.line, column: alias.column), "a word may not begin with *: no aliases")
    }
    let root: Yams.Node
    do {
      let parser = try Yams.Parser(yaml: text, encoding: .utf8)
      guard let node = try parser.singleRoot() else { return }
      // A node holds its anchor weakly; the parser is who owns it.
      let anchored = withExtendedLifetime(parser) { firstAnchored(node) }
      if let anchored { throw syntax(place(anchored), "no anchors (&)") }
      root = node
    } catch let failure as Failure { throw failure } catch let error as YamlError {
      throw failure(error, text)
    } catch { throw syntax(ConfigPlace(file: file), "\(error)") }
    switch root {
    case .mapping(let mapping): walk(mapping, "")
    // A file with nothing but comments says nothing, and that is allowed.
    case .scalar(let scalar) where scalar.isNothing: break
    default: failures.append(place(root).wrongType("-", "keys with values", "something else"))
    }
  }

  /// An anchor comes before its aliases, so the first one is met before anything that it could unfold to.
  private func firstAnchored(_ node: Yams.Node) -> Yams.Node? {
    if node.anchor != nil { return node }
    switch node {
    case .scalar, .alias: return nil
    case .sequence(let sequence):
      for inner in sequence { if let found = firstAnchored(inner) { return found } }
    case .mapping(let mapping):
      for (key, value) in mapping { if let found = firstAnchored(key) ?? firstAnchored(value) { return found } }
    }
    return nil
  }

  private func failure(_ error: YamlError, _ text: String) -> Failure {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return syntax(lastPlace(mark, in: text), problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let second = secondPlace(of: duplicates.first ?? "", after: context.mark, in: text)
      return second.failure(
        .configDuplicateKey, ["key": duplicates.first ?? "?", "firstLine": "\(context.mark.line)"])
    case .reader(let problem, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let line = before.count { $0.isNewline } + 1
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      return syntax(ConfigPlace(file: file, line: line, column: column), problem)
    case .memory: return syntax(ConfigPlace(file: file), "nested too deeply")
    default: return syntax(ConfigPlace(file: file), "\(error)")
    }
  }

  /// libYAML gives what is missing at the end a line of its own; an editor knows no such line.
  private func lastPlace(_ mark: Mark, in text: String) -> ConfigPlace {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    guard mark.line > lines.count else { return ConfigPlace(file: file, line: mark.line, column: mark.column) }
    return ConfigPlace(file: file, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
  }

  private func syntax(_ place: ConfigPlace, _ reason: String) -> Failure {
    place.failure(.configSyntax, ["reason": reason])
  }

  /// Yams tells the first place of a doubled key. In block style the second stands in the same column further down;
  /// for any other style the first place is the best there is.
  private func secondPlace(of key: String, after first: Mark, in text: String) -> ConfigPlace {
    let indent = max(0, first.column - 1)
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated().dropFirst(first.line) {
      guard line.prefix(indent).allSatisfy({ $0 == " " }) else { continue }
      let rest = line.dropFirst(indent)
      for written in [key, "\"\(key)\"", "'\(key)'"]
      where rest.hasPrefix(written) && rest.dropFirst(written.count).drop(while: { $0 == " " }).first == ":" {
        return ConfigPlace(file: file, line: index + 1, column: first.column)
      }
    }
    return ConfigPlace(file: file, line: first.line, column: first.column)
  }

  private func place(_ node: Yams.Node) -> ConfigPlace {
    ConfigPlace(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  /// Reads a mapping; its keys are known with `prefix` before them. Two levels deep at most, as the keys are.
  private mutating func walk(_ mapping: Yams.Node.Mapping, _ prefix: String) {
    for (keyNode, valueNode) in mapping {
      guard failures.count < ConfigDocument.failuresMax else {
        isWhole = false
        return
      }
      let at = place(keyNode)
      guard case .scalar(let scalar) = keyNode else {
        failures.append(at.wrongType(prefix + "-", "a word as key", "a structure"))
        continue
      }
      let key = prefix + scalar.string
      if prefix.isEmpty, NodeConfig.keys.contains(where: { $0.hasPrefix(key + ".") }) {
        switch valueNode {
        case .mapping(let inner): walk(inner, key + ".")
        // `link:` with all its keys commented out.
        case .scalar(let scalar) where scalar.isNothing: break
        default: failures.append(place(valueNode).wrongType(key, "keys below it", "a value"))
        }
      } else if !NodeConfig.keys.contains(key) {
        let fields: KeyValuePairs = ["key": key]
        let failure = at.failure(.configUnknownKey, fields)
        failures.append(Suggestion.nearest(key).map { failure.adding("suggestion", $0) } ?? failure)
      } else if let first = entries.first(where: { $0.key == key }) {
        // `node.directory:` beside `node:` / `directory:`, which YAML itself takes for two keys.
        failures.append(at.failure(.configDuplicateKey, ["key": key, "firstLine": "\(first.place.line)"]))
      } else {
        read(key, valueNode)
      }
    }
  }

  private mutating func read(_ key: String, _ node: Yams.Node) {
    switch node {
    case .scalar(let scalar) where scalar.isNothing:
      failures.append(place(node).wrongType(key, "a value; leave the key out for its default", scalar.string))
    case .scalar(let scalar): entries.append(ConfigEntry(key: key, value: .text(scalar.string), place: place(node)))
    case .sequence(let sequence):
      var texts: [String] = []
      for inner in sequence {
        guard case .scalar(let scalar) = inner, !scalar.isNothing else {
          failures.append(place(inner).wrongType(key, "a list of words", "something else"))
          return
        }
        texts.append(scalar.string)
      }
      entries.append(ConfigEntry(key: key, value: .list(texts), place: place(node)))
    case .mapping, .alias: failures.append(place(node).wrongType(key, "one value", "keys with values"))
    }
  }
}

extension Yams.Node.Scalar {
  /// What YAML writes for null; in quotes it is a word.
  fileprivate var isNothing: Bool { style == .plain && ["", "~", "null", "Null", "NULL"].contains(string) }
}
