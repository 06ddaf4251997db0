import Primitives

/// Citizen identity numbers of GB 11643: six digits of region, eight of birth date, three of serial (odd for men), and
/// a check character. Pure functions; none looks a number up anywhere.
public enum CitizenID {
  /// Whether the text is a well-formed number: 18 characters, a region of a known province, a birth date that the
  /// calendar has, and the right check character (`X`, not `x`).
  public static func isValid(_ text: Text) -> Bool { isValid(Digits(text)) }

  /// ``isValid(_:)`` of lent bytes.
  static func isValid(utf8 bytes: UnsafeBufferPointer<UInt8>) -> Bool { isValid(Digits(bytes)) }

  private static func isValid(_ digits: Digits?) -> Bool {
    guard let digits, birthDate(digits) != nil else { return false }
    return isRegion(digits) && checkDigit(digits) == digits.last
  }

  /// The date of birth inside a valid number; nil for any other text.
  public static func birthDate(of text: Text) -> CivilDate? {
    guard let digits = Digits(text), isRegion(digits), checkDigit(digits) == digits.last else { return nil }
    return birthDate(digits)
  }

  /// The code of table SEX inside a valid number: `1` for an odd serial, `2` for an even one; nil for any other text.
  public static func sexCode(of text: Text) -> Text? {
    guard isValid(text), let digits = Digits(text) else { return nil }
    return digits[16] % 2 == 1 ? "1" : "2"
  }

  /// The check character for the first 17 digits, `0`…`9` or `X`; nil unless the text is exactly 17 ASCII digits.
  public static func checkDigit(of first17: String) -> Character? {
    var sum = 0
    var count = 0
    for byte in first17.utf8 {
      guard count < 17, isDigit(byte) else { return nil }
      sum += Int(byte - 0x30) * weight(count)
      count += 1
    }
    return count == 17 ? Character(UnicodeScalar(check(sum))) : nil
  }

  /// The 18-character form of a number issued before 1999: the century 19 and a check character are added. Nil unless
  /// the result is valid.
  public static func upgraded(fifteen text: Text) -> Text? {
    let bytes = Bytes(text.string.utf8)
    guard bytes.count == 15, bytes.allSatisfy(isDigit) else { return nil }
    let body = String(decoding: bytes[0..<6] + Bytes("19".utf8) + bytes[6...], as: UTF8.self)
    guard let check = checkDigit(of: body) else { return nil }
    let upgraded = Text(body + String(check))
    return isValid(upgraded) ? upgraded : nil
  }

  /// GB 11643: 2^(17 − position) mod 11.
  private static func weight(_ position: Int) -> Int {
    switch position {
    case 0, 10: 7
    case 1, 11: 9
    case 2, 12: 10
    case 3, 13: 5
    case 4, 14: 8
    case 5, 15: 4
    case 6, 16: 2
    case 7: 1
    case 8: 6
    default: 3
    }
  }

  private static func check(_ sum: Int) -> UInt8 {
    switch sum % 11 {
    case 0: UInt8(ascii: "1")
    case 1: UInt8(ascii: "0")
    case 2: UInt8(ascii: "X")
    case let rest: 0x30 + UInt8(12 - rest)
    }
  }

  private static func checkDigit(_ digits: Digits) -> UInt8 {
    var sum = 0
    for position in 0..<17 { sum += Int(digits[position]) * weight(position) }
    return check(sum)
  }

  private static func isRegion(_ digits: Digits) -> Bool {
    RegionCode.isProvince(digits.number(0, 2)) || digits.number(0, 2) == RegionCode.residencePermit
  }

  private static func birthDate(_ digits: Digits) -> CivilDate? {
    CivilDate(year: digits.number(6, 4), month: digits.number(10, 2), day: digits.number(12, 2))
  }

  /// 17 digits and a check character, packed without an allocation: members are checked by the hundred thousand.
  private struct Digits {
    private let packed: (UInt64, UInt64)
    let last: UInt8

    init?(_ text: Text) {
      var string = text.string
      guard let digits = string.withUTF8({ Digits($0) }) else { return nil }
      self = digits
    }

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
      guard bytes.count == 18 else { return nil }
      var packed: (UInt64, UInt64) = (0, 0)
      var last: UInt8 = 0
      var position = 0
      for byte in bytes {
        if position == 17 {
          guard isDigit(byte) || byte == UInt8(ascii: "X") else { return nil }
          last = byte
        } else {
          guard isDigit(byte) else { return nil }
          if position < 9 {
            packed.0 |= UInt64(byte - 0x30) << UInt64(position * 4)
          } else {
            packed.1 |= UInt64(byte - 0x30) << UInt64((position - 9) * 4)
          }
        }
        position += 1
      }
      self.packed = packed
      self.last = last
    }

    subscript(_ position: Int) -> UInt64 {
      position < 9 ? packed.0 >> UInt64(position * 4) & 15 : packed.1 >> UInt64((position - 9) * 4) & 15
    }

    func number(_ start: Int, _ count: Int) -> Int {
      var number = 0
      for position in start..<start + count { number = number * 10 + Int(self[position]) }
      return number
    }
  }
}
