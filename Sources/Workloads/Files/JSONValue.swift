/// The JSON that `expected.json` needs: objects in order, whole numbers, texts.
public enum JSONValue: Sendable {
  case string(String)
  case number(Int)
  case array([JSONValue])
  case object([(String, JSONValue)])

  /// Where reading stopped, and why.
  public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// UTF-8 offset; 0 when a member is missing or of another kind.
    public let offset: Int
    public let reason: String
    public var description: String { "at byte \(offset): \(reason)" }
  }

  /// Deepest nesting that is read.
  static let depthMax = 32

  func member(_ name: String) throws(ParseError) -> JSONValue {
    guard case .object(let members) = self, let found = members.first(where: { $0.0 == name }) else {
      throw ParseError(offset: 0, reason: "no member \(name)")
    }
    return found.1
  }

  func asString() throws(ParseError) -> String {
    guard case .string(let text) = self else { throw ParseError(offset: 0, reason: "not a text") }
    return text
  }

  func asNumber() throws(ParseError) -> Int {
    guard case .number(let number) = self else { throw ParseError(offset: 0, reason: "not a number") }
    return number
  }

  func string(_ name: String) throws(ParseError) -> String { try member(name).asString() }
  func number(_ name: String) throws(ParseError) -> Int { try member(name).asNumber() }

  func elements(_ name: String) throws(ParseError) -> [JSONValue] {
    guard case .array(let elements) = try member(name) else {
      throw ParseError(offset: 0, reason: "\(name) is no list")
    }
    return elements
  }

  func members(_ name: String) throws(ParseError) -> [(String, JSONValue)] {
    guard case .object(let members) = try member(name) else {
      throw ParseError(offset: 0, reason: "\(name) is no object")
    }
    return members
  }

  /// The value as text: outer levels one member a line, inner ones on one line.
  var text: String {
    var text = ""
    write(to: &text, indent: 0)
    return text
  }

  private func write(to text: inout String, indent: Int) {
    switch self {
    case .string(let string): JSONValue.quote(string, to: &text)
    case .number(let number): text += String(number)
    case .array(let elements):
      JSONValue.list("[", "]", elements.count, indent, to: &text) { elements[$0].write(to: &$1, indent: indent + 1) }
    case .object(let members):
      JSONValue.list("{", "}", members.count, indent, to: &text) { index, text in
        JSONValue.quote(members[index].0, to: &text)
        text += ": "
        members[index].1.write(to: &text, indent: indent + 1)
      }
    }
  }

  private static func list(
    _ open: String, _ close: String, _ count: Int, _ indent: Int, to text: inout String,
    _ write: (Int, inout String) -> Void
  ) {
    let isOuter = indent < 2
    text += open
    for index in 0..<count {
      text += isOuter ? (index == 0 ? "\n" : ",\n") : (index == 0 ? "" : ", ")
      if isOuter { text += String(repeating: "  ", count: indent + 1) }
      write(index, &text)
    }
    if isOuter, count > 0 { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func quote(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
