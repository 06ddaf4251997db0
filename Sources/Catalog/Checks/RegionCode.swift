import Primitives

/// Codes of administrative divisions: six digits for a county, nine for a township, twelve for a village; each is a
/// prefix of the next.
public enum RegionCode {
  /// How fine a code is; the raw value is its length.
  public enum Level: UInt8, Hashable, Sendable {
    /// Six digits; provinces and cities end in zeros.
    case county = 6
    case township = 9
    case village = 12
  }

  /// The level by length, or nil when the text is not 6, 9 or 12 digits that begin with a province of GB/T 2260.
  public static func level(of text: Text) -> Level? {
    guard let level = Level(rawValue: UInt8(clamping: text.byteCount)) else { return nil }
    var province = 0
    var position = 0
    for byte in text.string.utf8 {
      guard isDigit(byte) else { return nil }
      if position < 2 { province = province * 10 + Int(byte - 0x30) }
      position += 1
    }
    return isProvince(province) ? level : nil
  }

  /// First two digits of GB/T 2260: 31 mainland provinces, Taiwan, Hong Kong, Macao.
  static func isProvince(_ number: Int) -> Bool {
    switch number {
    case 11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71, 81, 82: true
    default: false
    }
  }

  /// Residence permits of people from Taiwan carry identity numbers that begin with 83, a code that no region has.
  static let residencePermit = 83
}
