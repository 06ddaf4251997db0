import Messages

/// Quantities as people read them. Exact values belong in JSON and CSV; these round.
public enum Human {
  /// `512 B`, `1.4 GiB`, `22 GiB`: powers of 1024, one decimal below 100.
  public static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    return scaled(count, by: 1024, units, separator: " ")
  }

  /// A count that may be rounded: `9214`, `12.3 万`, `1.2 亿` in Chinese; `9214`, `12.3 k`, `1.2 M` in English.
  public static func approximate(_ count: Int, _ language: Language) -> String {
    switch language {
    case .zh:
      count.magnitude < 10_000 ? String(count) : scaled(count, by: 10_000, ["", "万", "亿", "万亿"], separator: " ")
    case .en:
      count.magnitude < 10_000
        ? String(count) : scaled(count, by: 1000, ["", "k", "M", "G", "T", "P", "E"], separator: " ")
    }
  }

  /// Every digit, in groups of three: `612,408`.
  public static func exact(_ count: Int) -> String {
    let digits = String(count.magnitude)
    var grouped = ""
    for (position, digit) in digits.enumerated() {
      if position > 0 && (digits.count - position).isMultiple(of: 3) { grouped += "," }
      grouped.append(digit)
    }
    return (count < 0 ? "-" : "") + grouped
  }

  /// `340 ms`, `6.2 s`, `41 s`, `3 min 12 s`, `5 h 10 min`, `3 d 4 h`; the two largest units, smaller ones cut off.
  public static func duration(_ duration: Duration, _ language: Language) -> String {
    if duration < .zero { return "-" + self.duration(.zero - duration, language) }
    let (seconds, attoseconds) = duration.components
    let units =
      language == .zh
      ? (ms: "毫秒", s: "秒", min: "分", h: "小时", d: "天") : (ms: "ms", s: "s", min: "min", h: "h", d: "d")
    func two(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
      small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }
    switch seconds {
    case 0: return "\(attoseconds / 1_000_000_000_000_000) \(units.ms)"
    case 1..<10: return decimal(tenths: Int(seconds) * 10 + Int(attoseconds / 100_000_000_000_000_000)) + " " + units.s
    case 10..<60: return "\(seconds) \(units.s)"
    case 60..<3600: return two(seconds / 60, units.min, seconds % 60, units.s)
    case 3600..<86_400: return two(seconds / 3600, units.h, seconds % 3600 / 60, units.min)
    default: return two(seconds / 86_400, units.d, seconds % 86_400 / 3600, units.h)
    }
  }

  private static func scaled(_ count: Int, by factor: Double, _ units: [String], separator: String) -> String {
    if Double(count.magnitude) < factor { return units[0].isEmpty ? String(count) : "\(count)\(separator)\(units[0])" }
    var value = Double(count.magnitude)
    var unit = 0
    // What would be rounded up to the factor belongs to the next unit: 1023.99 KiB is 1 MiB.
    while unit + 1 < units.count, value.rounded() >= factor {
      value /= factor
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    let digits = tenths < 1000 ? decimal(tenths: tenths) : String(Int(value.rounded()))
    return (count < 0 ? "-" : "") + digits + separator + units[unit]
  }

  /// One decimal, left out when it is zero.
  private static func decimal(tenths: Int) -> String {
    tenths.isMultiple(of: 10) ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
  }
}
