import AdminProtocol
import Console
import Foundation

/// `report.html`: what the quickstart showed, for people who would rather look than read. No script, no link to
/// outside.
struct HTMLReport {
  let title: String
  let tree: TreeResponse
  let samples: [Sample]
  /// What was proved and measured, in the order to read it.
  let facts: [(name: String, value: String)]
  let figures: [(name: String, expected: String, found: String)]
  let answers: [(question: String, milliseconds: Double, lines: [String])]

  var text: String {
    """
    <!doctype html><html lang="zh"><meta charset="utf-8"><title>\(escape(title))</title>
    <style>body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;background:#fff}
    table{border-collapse:collapse}td,th{padding:.15em .7em;border-bottom:1px solid #ddd;text-align:left}
    td.n{text-align:right;font-variant-numeric:tabular-nums}svg{display:block;width:100%;margin:.6em 0}
    svg text{font:11px sans-serif;fill:#555}svg text.t{font:bold 13px sans-serif;fill:#222}svg line.g{stroke:#ddd}</style>
    <h1>\(escape(title))</h1><table>\(factRows)</table>
    <h2>吞吐与滞后 · Throughput and lag</h2>\(curves)
    <h2>对照 · Figures</h2><table><tr><th>Figure</th><th>Seed</th><th>Found</th></tr>\(figureRows)</table>
    <h2>三个问题 · Three questions</h2>\(answerBlocks)
    <h2>节点树 · Nodes</h2><table><tr><th>Node</th><th>Code</th><th>Records</th><th>Sent</th><th>Lag</th><th>State</th></tr>\(treeRows)</table></html>
    """
  }

  private var figureRows: String {
    figures.map {
      "<tr><td>\(escape($0.name))</td><td class=n>\(escape($0.expected))</td><td class=n>\(escape($0.found))</td></tr>"
    }.joined()
  }

  private var answerBlocks: String {
    answers.map { answer in
      "<p><b>\(escape(answer.question))</b> — \(String(format: "%.1f", answer.milliseconds)) ms<br>"
        + answer.lines.prefix(12).map(escape).joined(separator: "<br>") + "</p>"
    }.joined()
  }

  private var treeRows: String {
    tree.nodes.map { node in
      "<tr><td style=\"padding-left:\(Double(node.depth) * 1.5 + 0.7)em\">\(escape(node.name))</td><td>\(escape(node.code))</td>"
        + "<td class=n>\(Human.exact(node.rows))</td><td class=n>\(Human.bytes(Int(clamping: node.bytesSent)))</td>"
        + "<td class=n>\(node.lag)</td><td>\(node.state)</td></tr>"
    }.joined()
  }

  private var curves: String {
    guard samples.count > 1 else { return "" }
    return [
      Chart(
        title: "到达市委 · Arriving at the city", unit: "rows/s", colour: "#0a6cce", points: samples.throughput),
      Chart(
        title: "滞后 · Lag", unit: "rows at their owners, not yet at the city", colour: "#c8452d", points: samples.lag),
      Chart(
        title: "市委已有 · At the city", unit: "rows", colour: "#2b8a3e",
        points: samples.map { ($0.seconds, Double($0.rowsAtRoot)) }),
    ].map(\.svg).joined(separator: "\n")
  }

  private var factRows: String {
    facts.map { "<tr><td>\(escape($0.name))</td><td class=n>\(escape($0.value))</td></tr>" }.joined()
  }

  private func escape(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }
}
