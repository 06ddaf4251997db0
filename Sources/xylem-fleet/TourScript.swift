import Messages

/// A tour: a text file of commands with the output they must have, on a small network of its own.
///
///     # Words for the reader.
///     node city 033 中共宁波市委员会
///     node haishu 033001 中共宁波市海曙区委员会 under city
///     node nanmen 033001001 中共海曙区南门街道委员会 offline haishu
///     $ xylemctl tree
///     NODE …
///     [exit 2]
///
/// A node under another one is linked to it; an offline one has that parent and no network.
///
/// Commands find a node's socket in `$city`, the folder of its certificate in `$city_tls`, its log in `$city_log`, the
/// port its children dial in `$city_port`, and the network's authority in `$ca`.
///
/// A line that begins with `$ ` is a command for bash, lines with `> ` continue it; what follows up to an empty line, a
/// comment or the next command is the output of both streams. `…` in a line stands for anything within the line, a line
/// that is only `…` for any lines. `[exit N]` ends the output of a command that ends with N; else it must end with 0.
struct TourScript {
  struct Node {
    let name: String
    let code: String
    let displayName: String
    let parent: String?
    var isOffline = false
  }
  struct Step {
    /// From 1, for messages.
    let line: Int
    let command: String
    var expected: [String] = []
    var exit: Int32 = 0
    /// Lines of the file that hold the expected output, for accepting a new one.
    var range: Range<Int>
  }

  let lines: [String]
  private(set) var nodes: [Node] = []
  private(set) var steps: [Step] = []

  /// - Throws: `clientFileUnreadable` with the line that cannot be read.
  init(_ text: String, file: String) throws(Failure) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var index = 0
    while index < lines.count {
      let line = lines[index]
      if line.isEmpty || line.hasPrefix("#") {
        index += 1
      } else if line.hasPrefix("node ") {
        let words = line.split(separator: " ").map(String.init)
        let isRoot = words.count == 4
        guard isRoot || words.count == 6 && ["under", "offline"].contains(words[4]) else {
          throw TourScript.unreadable(file, index, "node NAME CODE LABEL [under NAME | offline NAME]")
        }
        let parent = isRoot ? nil : words[5]
        guard parent.map({ name in nodes.contains { $0.name == name } }) ?? nodes.isEmpty else {
          throw TourScript.unreadable(file, index, "one root, and every parent before its children")
        }
        nodes.append(
          Node(
            name: words[1], code: words[2], displayName: words[3], parent: parent,
            isOffline: !isRoot && words[4] == "offline"))
        index += 1
      } else if line.hasPrefix("$ ") {
        index = readStep(index)
      } else {
        throw TourScript.unreadable(file, index, "output without a command")
      }
    }
  }

  private mutating func readStep(_ start: Int) -> Int {
    var command = String(lines[start].dropFirst(2))
    var index = start + 1
    while index < lines.count, lines[index] == ">" || lines[index].hasPrefix("> ") {
      command += "\n" + lines[index].dropFirst(2)
      index += 1
    }
    var step = Step(line: start + 1, command: command, range: index..<index)
    while index < lines.count, !lines[index].isEmpty, !lines[index].hasPrefix("$ "), !lines[index].hasPrefix("#") {
      if let exit = TourScript.exitStatus(lines[index]) { step.exit = exit } else { step.expected.append(lines[index]) }
      index += 1
    }
    step.range = step.range.lowerBound..<index
    steps.append(step)
    return index
  }

  private static func exitStatus(_ line: String) -> Int32? {
    guard line.hasPrefix("[exit "), line.hasSuffix("]") else { return nil }
    return Int32(line.dropFirst(6).dropLast())
  }

  private static func unreadable(_ file: String, _ index: Int, _ reason: String) -> Failure {
    Failure(.clientFileUnreadable, ["file": "\(file):\(index + 1)", "reason": reason, "action": "read"])
  }

  /// Whether the output is what was expected.
  static func fits(_ found: [String], _ expected: [String]) -> Bool {
    guard let first = expected.first else { return found.isEmpty }
    let rest = Array(expected.dropFirst())
    if first == "…" {
      return (0...found.count).contains { fits(Array(found.dropFirst($0)), rest) }
    }
    guard let line = found.first, fits(line: line, first) else { return false }
    return fits(Array(found.dropFirst()), rest)
  }

  /// Whether a line fits a pattern in which `…` is anything. Blanks at the end do not count.
  static func fits(line: String, _ pattern: String) -> Bool {
    let parts = trimmed(pattern).split(separator: "…", omittingEmptySubsequences: false)
    var rest = Substring(trimmed(line))
    guard parts.count > 1 else { return rest == parts[0] }
    guard rest.hasPrefix(parts[0]) else { return false }
    rest = rest.dropFirst(parts[0].count)
    for part in parts[1..<(parts.count - 1)] where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return rest.hasSuffix(parts[parts.count - 1])
  }

  private static func trimmed(_ line: String) -> String {
    var line = Substring(line)
    while line.last == " " { line = line.dropLast() }
    return String(line)
  }
}
