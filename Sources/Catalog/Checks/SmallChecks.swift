import Primitives

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

/// Codes of party organisations: three digits a level, one to seven levels; a prefix of whole levels is an ancestor.
public enum OrganisationTreeCode {
  /// Whether the text is 3, 6, … 21 ASCII digits.
  public static func isValid(_ text: Text) -> Bool {
    let count = text.byteCount
    return count >= 3 && count <= 21 && count % 3 == 0 && text.string.utf8.allSatisfy(isDigit)
  }
}

/// Names of persons as identity cards print them.
public enum PersonName {
  /// Whether every character is a Han ideograph or the middle dot between the parts of a transcribed name.
  public static func isHan(_ text: Text) -> Bool {
    !text.isEmpty
      && text.string.unicodeScalars.allSatisfy { scalar in
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x3007, 0xB7, 0xF900...0xFAFF, 0x20000...0x323AF: true
        default: false
        }
      }
  }
}

extension PersonName {
  /// ``isHan(_:)`` of lent bytes: U+4E00…9FFF are seen as bytes, other characters as a text.
  static func isHan(utf8 bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    while at + 2 < bytes.count, bytes[at] >= 0xE4, bytes[at] <= 0xE9, bytes[at] > 0xE4 || bytes[at + 1] >= 0xB8 {
      at += 3
    }
    return at > 0 && at == bytes.count || isHan(Text(String(decoding: bytes, as: UTF8.self)))
  }
}

/// Months and reporting periods of dues.
public enum AccountingPeriod {
  /// Whether the number is `yyyymm` of a month from 1921-01 to 9999-12.
  public static func isMonth(_ number: Int64) -> Bool {
    number >= 192_101 && number <= 999_912 && (1...12).contains(number % 100)
  }

  /// Whether the text is a month `yyyymm`, a quarter `yyyyQ1`…`Q4` or a half-year `yyyyH1`, `yyyyH2`.
  public static func isRemittancePeriod(_ text: Text) -> Bool {
    let bytes = Bytes(text.string.utf8.prefix(7))
    guard bytes.count == 6, bytes[0..<4].allSatisfy(isDigit), isDigit(bytes[5]) else { return false }
    let last = Int64(bytes[5] - 0x30)
    switch bytes[4] {
    case UInt8(ascii: "Q"): return (1...4).contains(last)
    case UInt8(ascii: "H"): return (1...2).contains(last)
    default: return Int64(text.string).map(isMonth) ?? false
    }
  }
}

/// Countries and areas of ISO 3166-1, two capital letters.
public enum CountryCode {
  /// Whether the text is an assigned alpha-2 code.
  public static func isValid(_ text: Text) -> Bool {
    let bytes = Bytes(text.string.utf8.prefix(3))
    guard bytes.count == 2, (0x41...0x5A).contains(bytes[0]), (0x41...0x5A).contains(bytes[1]) else { return false }
    return assigned[Int(bytes[0] - 0x41)] & (1 << UInt32(bytes[1] - 0x41)) != 0
  }

  /// For each first letter, which second letters make an assigned code.
  private static let assigned: [UInt32] = seconds.map { letters in
    letters.utf8.reduce(0 as UInt32) { $0 | 1 << UInt32($1 - 0x41) }
  }

  private static let seconds = [
    "DEFGILMOQRSTUWXZ", "ABDEFGHIJLMNOQRSTVWYZ", "ACDFGHIKLMNORUVWXYZ", "EJKMOZ", "CEGHRST", "IJKMOR",
    "ABDEFGHILMNPQRSTUWY", "KMNRTU", "DELMNOQRST", "EMOP", "EGHIMNPRWYZ", "ABCIKRSTUVY", "ACDEFGHKLMNOPQRSTUVWXYZ",
    "ACEFGILOPRUZ", "M", "AEFGHKLMNRSTWY", "A", "EOSUW", "ABCDEGHIJKLMNORSTVXYZ", "CDFGHJKLMNORTVWZ", "AGMSYZ",
    "ACEGINU", "FS", "", "ET", "AMW",
  ]
}
