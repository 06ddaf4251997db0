import Primitives

/// Unified social credit codes of GB 32100-2015: two characters of authority and kind, six digits of region, nine
/// characters of organisation, one check character, all from an alphabet of 31 without I O S V Z.
public enum UnifiedSocialCreditCode {
  /// Whether the text is a well-formed code with the right check character.
  public static func isValid(_ text: Text) -> Bool {
    guard text.byteCount == 18 else { return false }
    var sum = 0
    var last = 0
    var weight = 1
    var position = 0
    for byte in text.string.utf8 {
      guard let value = value(byte), !(2..<8).contains(position) || value < 10 else { return false }
      if position == 17 { last = value } else { sum += value * weight }
      weight = weight * 3 % 31
      position += 1
    }
    return (31 - sum % 31) % 31 == last
  }

  /// The check character for the first 17; nil unless the text is 17 characters of the alphabet.
  public static func checkDigit(of first17: String) -> Character? {
    var sum = 0
    var weight = 1
    var position = 0
    for byte in first17.utf8 {
      guard position < 17, let value = value(byte) else { return nil }
      sum += value * weight
      weight = weight * 3 % 31
      position += 1
    }
    guard position == 17 else { return nil }
    return alphabet[(31 - sum % 31) % 31]
  }

  private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")

  private static func value(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case UInt8(ascii: "A")...UInt8(ascii: "H"): Int(byte) - 0x41 + 10
    case UInt8(ascii: "J")...UInt8(ascii: "N"): Int(byte) - 0x4A + 18
    case UInt8(ascii: "P")...UInt8(ascii: "R"): Int(byte) - 0x50 + 23
    case UInt8(ascii: "T"), UInt8(ascii: "U"): Int(byte) - 0x54 + 26
    case UInt8(ascii: "W")...UInt8(ascii: "Y"): Int(byte) - 0x57 + 28
    default: nil
    }
  }
}
