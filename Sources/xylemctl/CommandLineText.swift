import AdminProtocol
import Glibc
import Messages

/// The options that every command takes and that may also stand before the command's name.
private let optionsWithValue = ["--socket", "-o", "--output", "--columns", "--lang", "--color", "--timeout"]
/// Commands that hold commands.
private let groups = ["bundle", "node", "notice", "handover", "report", "user", "access", "audit"]
private let optionsWithoutValue = ["-q", "--quiet", "--no-headers"]

/// The command line as the parser takes it: common options behind the command's name, `help exit-codes` as a command.
///
/// - Throws: `clientUnknownCommand` with the command that was probably meant: the parser says only “unexpected
///   argument”.
func prepare(_ arguments: [String], commands: [String]) throws(Failure) -> [String] {
  var leading: [String] = []
  var rest = arguments[...]
  while let first = rest.first, first.hasPrefix("-") {
    if optionsWithValue.contains(first), rest.count > 1 {
      leading += rest.prefix(2)
      rest = rest.dropFirst(2)
    } else if optionsWithoutValue.contains(first) || optionsWithValue.contains(where: { first.hasPrefix($0 + "=") }) {
      leading.append(first)
      rest = rest.dropFirst()
    } else {
      return arguments
    }
  }
  guard let command = rest.first else { return arguments }
  if command == "help" { return Array(rest) == ["help", "exit-codes"] ? ["exit-codes"] : Array(rest) }
  guard commands.contains(command) else {
    var fields = [Failure.Field(name: "command", value: command)]
    if let meant = suggestion(for: command, among: commands) { fields.append(.init(name: "suggestion", value: meant)) }
    throw Failure(.clientUnknownCommand, fields: fields)
  }
  // A group has no options of its own: they go behind the command in it.
  let words = groups.contains(command) && rest.count > 1 && !rest[rest.startIndex + 1].hasPrefix("-") ? 2 : 1
  return rest.prefix(words) + leading + rest.dropFirst(words)
}

/// The language named on the command line, known before it is parsed because help is already in it.
func askedLanguage(_ arguments: [String]) -> Language? {
  value(of: ["--lang"], in: arguments).flatMap { Language(rawValue: $0) }
}

/// Whether a program reads the failures.
func asksForJSON(_ arguments: [String]) -> Bool {
  value(of: ["-o", "--output"], in: arguments).map { $0 == "json" || $0 == "jsonl" } ?? false
}

private func value(of names: [String], in arguments: [String]) -> String? {
  for (position, argument) in arguments.enumerated() {
    for name in names {
      if argument == name, position + 1 < arguments.count { return arguments[position + 1] }
      if argument.hasPrefix(name + "=") { return String(argument.dropFirst(name.count + 1)) }
    }
  }
  return nil
}

/// A text in the language of this invocation.
func phrase(_ zh: String, _ en: String) -> String { Phrase(zh, en)[Invocation.current.language] }

/// Help leads with these.
func examples(_ lines: [String]) -> String {
  phrase("示例：", "EXAMPLES:") + "\n" + lines.map { "  " + $0 }.joined(separator: "\n")
}

func exitProcess(_ status: Int32) -> Never { exit(status) }
