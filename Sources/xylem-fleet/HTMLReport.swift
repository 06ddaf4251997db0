import AdminProtocol
import Console
import Foundation

/// `report.html`: what the quickstart showed, for people who would rather look than read. No script, no link to
/// outside.
struct HTMLReport {
  let title: String
  let tree: TreeResponse
  let samples: [Sample]
  let figures: [(name: String, expected: String, found: String)]
  let answers: [(question: String, milliseconds: Double, lines: [String])]

  var text: String {
    """
    <!doctype html><html lang="zh"><meta charset="utf-8"><title>\(escape(title))</title>
    <style>body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;color:#222}table{border-collapse:collapse}
    td,th{padding:.15em .7em;border-bottom:1px solid #ddd;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}
    svg{background:#fafafa}</style><h1>\(escape(title))</h1>
    <h2>吞吐与滞后 · Throughput and lag</h2>\(curves)
    <h2>对照 · Figures</h2><table><tr><th>Figure</th><th>Seed</th><th>Found</th></tr>\(figureRows)</table>
    <h2>三个问题 · Three questions</h2>\(answerBlocks)
    <h2>节点树 · Nodes</h2><table><tr><th>Node</th><th>Code</th><th>Records</th><th>Sent</th><th>State</th></tr>\(treeRows)</table></html>
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
        + "<td class=n>\(Human.exact(node.rows))</td><td class=n>\(Human.bytes(Int(clamping: node.bytesSent)))</td><td>\(node.state)</td></tr>"
    }.joined()
  }

  /// Two lines over time: rows imported at their owners, rows at the root; what lies between is the lag.
  private var curves: String {
    guard let last = samples.last, last.seconds > 0 else { return "" }
    let top = Double(max(samples.map { max($0.rowsImported, $0.rowsAtRoot) }.max() ?? 1, 1))
    func path(_ value: (Sample) -> Int) -> String {
      samples.map { sample in
        let x = 60 + 720 * sample.seconds / last.seconds
        let y = 260 - 240 * Double(value(sample)) / top
        return String(format: "%.1f,%.1f", x, y)
      }.joined(separator: " ")
    }
    return """
      <svg viewBox="0 0 800 300" width="800" role="img"><title>Rows over time</title>
      <polyline fill="none" stroke="#999" stroke-width="2" stroke-dasharray="5 3" points="\(path(\.rowsImported))"/>
      <polyline fill="none" stroke="#06c" stroke-width="2" points="\(path(\.rowsAtRoot))"/>
      <line x1="60" y1="260" x2="780" y2="260" stroke="#333"/><line x1="60" y1="20" x2="60" y2="260" stroke="#333"/>
      <text x="60" y="280" font-size="12">0 s</text><text x="740" y="280" font-size="12">\(Int(last.seconds)) s</text>
      <text x="4" y="25" font-size="12">\(Human.exact(Int(top)))</text>
      <text x="300" y="295" font-size="12" fill="#666">dashed: imported at the owners · solid: at the city</text></svg>
      """
  }

  private func escape(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }
}
