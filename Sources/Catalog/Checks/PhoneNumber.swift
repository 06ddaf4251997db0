import Primitives

/// Telephone numbers of the mainland as a register writes them: ASCII digits, no blanks, no country prefix.
public enum PhoneNumber {
  /// Whether the text is a mobile number or a landline with its area code (`0574-87654321`, hyphen optional).
  public static func isValid(_ text: Text) -> Bool { isMobile(text) || isLandline(text) }

  /// Whether the text is a mobile number: eleven digits that begin with 13…19.
  public static func isMobile(_ text: Text) -> Bool {
    var string = text.string
    return string.withUTF8(isMobile(utf8:))
  }

  /// ``isMobile(_:)`` of lent bytes.
  static func isMobile(utf8 bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count == 11 else { return false }
    var position = 0
    for byte in bytes {
      let fits =
        switch position {
        case 0: byte == UInt8(ascii: "1")
        case 1: byte >= UInt8(ascii: "3") && byte <= UInt8(ascii: "9")
        default: isDigit(byte)
        }
      guard fits else { return false }
      position += 1
    }
    return true
  }

  /// `0`, two or three digits, an optional hyphen, seven or eight digits.
  private static func isLandline(_ text: Text) -> Bool {
    var bytes = Bytes(text.string.utf8.prefix(14))
    guard bytes.first == UInt8(ascii: "0") else { return false }
    if let hyphen = bytes.firstIndex(of: UInt8(ascii: "-")) {
      guard hyphen == 3 || hyphen == 4, (7...8).contains(bytes.count - hyphen - 1) else { return false }
      bytes.remove(at: hyphen)
    }
    return (10...12).contains(bytes.count) && bytes.allSatisfy(isDigit)
  }
}
