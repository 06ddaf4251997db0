import Primitives

/// Numbers and flags as clerks write them; arithmetic is exact, nothing is rounded.
enum CellNumbers {
  /// A decimal as an integer of `10^-scale` units; more decimals than the scale are refused unless they are zeros. Nil
  /// for anything but an optional sign, digits and one point, and for what leaves 64 bits.
  static func decimal(_ cell: CellBytes, scale: Int) -> Int64? {
    var rest = cell
    let isNegative = rest.first == 0x2D
    if isNegative || rest.first == 0x2B { rest = rest.dropFirst() }
    var number: Int64 = 0
    var decimals = 0
    var digits = 0
    var hasPoint = false
    for byte in rest {
      if byte == 0x2E {
        guard !hasPoint, digits > 0 else { return nil }
        hasPoint = true
        continue
      }
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      if hasPoint {
        decimals += 1
        if decimals > scale {
          guard byte == 0x30 else { return nil }
          continue
        }
      }
      digits += 1
      guard let next = times10(number, plus: Int64(byte - 0x30)) else { return nil }
      number = next
    }
    guard digits > 0, !hasPoint || decimals > 0 else { return nil }
    for _ in 0..<max(0, scale - decimals) {
      guard let next = times10(number, plus: 0) else { return nil }
      number = next
    }
    return isNegative ? -number : number
  }

  private static func times10(_ number: Int64, plus digit: Int64) -> Int64? {
    let (tenfold, overflows) = number.multipliedReportingOverflow(by: 10)
    let (sum, overflowsToo) = tenfold.addingReportingOverflow(digit)
    return overflows || overflowsToo ? nil : sum
  }

  /// `是`, `1`, `true`, `yes` and `否`, `0`, `false`, `no`, in any case.
  static func flag(_ cell: CellBytes) -> Bool? {
    if cell.count == 1 { return cell.first == 0x31 ? true : cell.first == 0x30 ? false : nil }
    if cell.elementsEqual("是".utf8) { return true }
    if cell.elementsEqual("否".utf8) { return false }
    switch cell.count > 5 ? "" : cell.string.lowercased() {
    case "true", "yes": return true
    case "false", "no": return false
    default: return nil
    }
  }
}
