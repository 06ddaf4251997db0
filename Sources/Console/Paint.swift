/// When colour is used (`--color`).
public enum ColorChoice: String, CaseIterable, Sendable {
  case auto
  case always
  case never
}

/// Colours a text, or leaves it alone. Colour never carries meaning by itself: words say the same.
public struct Paint: Hashable, Sendable {
  /// The few looks there are, by purpose.
  public enum Look: String, Sendable {
    case bold = "1"
    case dim = "2"
    case bad = "31"
    case good = "32"
    case warning = "33"
    case accent = "36"
  }

  public let isOn: Bool

  public init(isOn: Bool) { self.isOn = isOn }

  /// Follows the choice; `auto` asks `NO_COLOR` (any value but empty: no), `CLICOLOR_FORCE` (anything but `0`: yes),
  /// then whether a terminal that is not `dumb` reads along.
  public init(_ choice: ColorChoice, isTerminal: Bool, environment: (String) -> String?) {
    func isSet(_ name: String) -> Bool { environment(name).map { !$0.isEmpty } ?? false }
    switch choice {
    case .always: isOn = true
    case .never: isOn = false
    case .auto:
      if isSet("NO_COLOR") {
        isOn = false
      } else if isSet("CLICOLOR_FORCE") && environment("CLICOLOR_FORCE") != "0" {
        isOn = true
      } else {
        isOn = isTerminal && environment("TERM") != "dumb"
      }
    }
  }

  /// `text` in that look; its display width counts the text only when measured before painting.
  public func callAsFunction(_ text: String, _ look: Look) -> String {
    isOn ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
  }
}
