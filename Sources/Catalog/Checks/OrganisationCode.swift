import Primitives

/// Organisation codes of GB 11714, the unit key of 2005: eight characters, a hyphen, a check character (`D2143569-X`).
public enum OrganisationCode {
  /// Whether the text is a well-formed code, hyphen included, with the right check character.
  public static func isValid(_ text: Text) -> Bool {
    let bytes = Bytes(text.string.utf8.prefix(11))
    guard bytes.count == 10, bytes[8] == UInt8(ascii: "-") else { return false }
    return check(bytes[0..<8]) == bytes[9]
  }

  /// The check character for the eight before the hyphen, `0`…`9` or `X`; nil unless they are eight digits or capital
  /// letters.
  public static func checkDigit(of first8: String) -> Character? {
    let bytes = Bytes(first8.utf8.prefix(9))
    guard bytes.count == 8, let check = check(bytes[...]) else { return nil }
    return Character(UnicodeScalar(check))
  }

  private static let weights = [3, 7, 9, 10, 5, 8, 4, 2]

  private static func check(_ first8: ArraySlice<UInt8>) -> UInt8? {
    var sum = 0
    for (weight, byte) in zip(weights, first8) {
      switch byte {
      case 0x30...0x39: sum += weight * (Int(byte) - 0x30)
      case 0x41...0x5A: sum += weight * (Int(byte) - 0x41 + 10)
      default: return nil
      }
    }
    switch 11 - sum % 11 {
    case 10: return UInt8(ascii: "X")
    case 11: return UInt8(ascii: "0")
    case let digit: return 0x30 + UInt8(digit)
    }
  }
}
