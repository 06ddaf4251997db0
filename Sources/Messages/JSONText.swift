import Primitives

/// Writes JSON (RFC 8259) without Foundation: the caller names what comes next, commas and escapes are done here.
///
/// Objects keep the order in which members are written. Nothing is buffered but the text itself.
public struct JSONText: Sendable {
  /// What was written so far.
  public private(set) var text = ""
  /// Whether a value stands before the next one in the same object or array.
  private var needsComma = false
  private var depth = 0

  public init() {}

  /// Writes `{…}` around the members that `body` writes.
  public mutating func object<E: Error>(_ body: (inout JSONText) throws(E) -> Void) throws(E) {
    try nested("{", "}", body)
  }

  /// Writes `[…]` around the values that `body` writes.
  public mutating func array<E: Error>(_ body: (inout JSONText) throws(E) -> Void) throws(E) {
    try nested("[", "]", body)
  }

  /// Writes a member's name; the member's value must follow.
  public mutating func key(_ name: String) {
    separate()
    quote(name)
    text += ":"
    needsComma = false
  }

  /// Writes a string with the escapes JSON needs.
  public mutating func string(_ value: String) {
    separate()
    quote(value)
  }

  /// Writes the number exactly; readers that hold numbers as binary64 round above 2^53.
  public mutating func int(_ value: Int) {
    separate()
    text += String(value)
  }

  /// Writes the shortest decimal that reads back equal; JSON has no infinity and no NaN, they become `null`.
  public mutating func double(_ value: Double) {
    separate()
    text += value.isFinite ? value.description : "null"
  }

  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) {
    separate()
    text += value ? "true" : "false"
  }

  /// Writes `null`.
  public mutating func null() {
    separate()
    text += "null"
  }

  /// Writes a number that is already decimal text (`-12.34`), keeping every digit.
  ///
  /// - Requires: `digits` follows JSON's grammar of numbers; see ``isNumber(_:)``.
  public mutating func number(_ digits: String) {
    require(JSONText.isNumber(digits), "not a JSON number")
    separate()
    text += digits
  }

  /// Ends one line of JSON Lines, so that the next value begins a new text.
  ///
  /// - Requires: no object or array is open.
  public mutating func endLine() {
    require(depth == 0, "a line of JSON ends outside every object and array")
    text += "\n"
    needsComma = false
  }

  /// Writes a member whose value is a string.
  public mutating func member(_ name: String, string value: String) {
    key(name)
    string(value)
  }

  /// Writes a member whose value is a whole number.
  public mutating func member(_ name: String, int value: Int) {
    key(name)
    int(value)
  }

  /// Writes a member whose value is a number.
  public mutating func member(_ name: String, double value: Double) {
    key(name)
    double(value)
  }

  /// Writes a member whose value is yes or no.
  public mutating func member(_ name: String, bool value: Bool) {
    key(name)
    bool(value)
  }

  /// Whether `digits` is a number in JSON's grammar: no sign but `-`, no leading zero, digits on both sides of the
  /// point.
  public static func isNumber(_ digits: String) -> Bool {
    var rest = Array(digits.utf8)[...]
    func takeDigits() -> Int {
      let count = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == 0x2D { rest = rest.dropFirst() }
    let startsWithZero = rest.first == 0x30
    let whole = takeDigits()
    guard whole > 0, !(startsWithZero && whole > 1) else { return false }
    if rest.first == 0x2E {
      rest = rest.dropFirst()
      guard takeDigits() > 0 else { return false }
    }
    if rest.first == 0x65 || rest.first == 0x45 {
      rest = rest.dropFirst()
      if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() }
      guard takeDigits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  private mutating func nested<E: Error>(
    _ open: String, _ close: String, _ body: (inout JSONText) throws(E) -> Void
  ) throws(E) {
    separate()
    text += open
    needsComma = false
    depth += 1
    try body(&self)
    depth -= 1
    text += close
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { text += "," }
    needsComma = true
  }

  private mutating func quote(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // Legal as it is, but Foundation's reader on Linux drops a literal one (measured).
      case "\u{FEFF}": text += "\\ufeff"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
