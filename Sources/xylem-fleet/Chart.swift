import Console
import Foundation

/// One line chart over time as SVG: a filled line, a grid with figures, its name above.
struct Chart {
  let title: String
  let unit: String
  let colour: String
  /// Seconds and value, by time.
  let points: [(seconds: Double, value: Double)]

  private static let width = 800.0
  private static let height = 150.0
  private static let left = 70.0
  private static let right = 10.0
  private static let top = 24.0
  private static let bottom = 20.0

  var svg: String {
    let end = max(points.last?.seconds ?? 1, 1)
    let scale = Chart.roundedUp(points.map(\.value).max() ?? 1)
    func x(_ seconds: Double) -> Double {
      Chart.left + (Chart.width - Chart.left - Chart.right) * seconds / end
    }
    func y(_ value: Double) -> Double {
      Chart.height - Chart.bottom - (Chart.height - Chart.top - Chart.bottom) * value / scale
    }
    func number(_ value: Double) -> String { String(format: "%.1f", value) }
    var text = "<svg viewBox=\"0 0 \(Int(Chart.width)) \(Int(Chart.height))\" role=\"img\"><title>\(title)</title>"
    text += "<text x=\"\(number(Chart.left))\" y=\"14\" class=\"t\">\(title) (\(unit))</text>"
    for step in 0...2 {
      let value = scale * Double(step) / 2
      text +=
        "<line x1=\"\(number(Chart.left))\" x2=\"\(number(Chart.width - Chart.right))\" y1=\"\(number(y(value)))\""
      text +=
        " y2=\"\(number(y(value)))\" class=\"g\"/><text x=\"\(number(Chart.left - 6))\" y=\"\(number(y(value) + 4))\""
      text += " text-anchor=\"end\">\(Human.exact(Int(value)))</text>"
    }
    let stride = Chart.roundedUp(end / 8)
    for second in Swift.stride(from: 0, through: end, by: max(stride, 1)) {
      text += "<text x=\"\(number(x(second)))\" y=\"\(number(Chart.height - 4))\" text-anchor=\"middle\">"
      text += "\(Int(second)) s</text>"
    }
    let line = points.map { "\(number(x($0.seconds))),\(number(y($0.value)))" }.joined(separator: " ")
    if let first = points.first, let last = points.last {
      text += "<polygon fill=\"\(colour)\" fill-opacity=\".15\" points=\"\(number(x(first.seconds))),\(number(y(0))) "
      text += "\(line) \(number(x(last.seconds))),\(number(y(0)))\"/>"
    }
    return text + "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.6\" points=\"\(line)\"/></svg>"
  }

  /// 1, 2 or 5 times a power of ten, at least `value`: grid lines people can read.
  static func roundedUp(_ value: Double) -> Double {
    guard value > 0 else { return 1 }
    let power = pow(10, floor(log10(value)))
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? value
  }
}

extension [Sample] {
  /// Rows a second that arrived at the root, over windows of about two seconds: single looks are too jumpy to read.
  var throughput: [(seconds: Double, value: Double)] {
    indices.compactMap { index in
      let from = Swift.max(0, index - 8)
      let seconds = self[index].seconds - self[from].seconds
      guard seconds > 0 else { return nil }
      return (self[index].seconds, Double(self[index].rowsAtRoot - self[from].rowsAtRoot) / seconds)
    }
  }

  /// Rows that their owners have and the root has not yet.
  var lag: [(seconds: Double, value: Double)] {
    map { ($0.seconds, Double(Swift.max(0, $0.rowsImported - $0.rowsAtRoot))) }
  }
}
