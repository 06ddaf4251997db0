/// Metrics in Prometheus's text format 0.0.4
/// (<https://prometheus.io/docs/instrumenting/exposition_formats/>): each family once with its help and type, then its
/// series.
struct MetricsText {
  enum Kind: String {
    case gauge, counter
  }

  private(set) var text = ""

  /// One family.
  ///
  /// - Parameters:
  ///   - name: without the prefix `xylem_`; ends with its unit, counters with `_total`.
  ///   - series: values by labels; the labels of all have the same names.
  mutating func add(
    _ name: String, _ kind: Kind, _ help: String, _ series: [(labels: [(String, String)], value: Double)]
  ) {
    text += "# HELP xylem_\(name) \(escaped(help, quotes: false))\n# TYPE xylem_\(name) \(kind.rawValue)\n"
    for (labels, value) in series {
      let pairs = labels.map { "\($0)=\"\(escaped($1, quotes: true))\"" }
      text += "xylem_\(name)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(number(value))\n"
    }
  }

  /// A family of one series without labels; none at all when nothing is known.
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
    guard let value else { return }
    add(name, kind, help, [(labels: [], value: value)])
  }

  private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
  }

  private func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    if quotes { escaped = escaped.replacing("\"", with: "\\\"") }
    return escaped
  }
}
