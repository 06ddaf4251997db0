import Primitives

/// `16 MiB` and back. Binary units only, so that no two readers take one text for two sizes.
enum ByteSize {
  private static let units: [(name: String, bytes: Int)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]

  /// Nil for anything but a whole decimal number, at most one space, and a unit; also when it exceeds an Int.
  static func parse(_ text: String) -> ByteCount? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    var unit = text.dropFirst(digits.count)
    if unit.first == " " { unit = unit.dropFirst() }
    guard let number = Int(digits), let factor = units.first(where: { $0.name == unit })?.bytes else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : ByteCount(bytes)
  }

  /// In the largest unit that leaves a whole number.
  static func text(_ count: ByteCount) -> String {
    let unit = units.first { count.value >= $0.bytes && count.value % $0.bytes == 0 } ?? ("B", 1)
    return "\(count.value / unit.bytes) \(unit.name)"
  }
}
