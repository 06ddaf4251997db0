import Foundation
import Messages

/// One node of the network as `network.csv` names it.
struct FleetNode: Sendable {
  let code: String
  let displayName: String
  let kind: String
  let parentCode: String?
  let depth: Int
  let isLeaf: Bool
  /// It has no network: nothing but files goes between it and its parent.
  var isOffline = false
}

/// The network of a data directory: parents before children.
struct Network: Sendable {
  let nodes: [FleetNode]
  var root: FleetNode { nodes[0] }

  /// Reads `network.csv`: name, display name, kind, org code, parent's name.
  init(directory: String) throws {
    let path = directory + "/network.csv"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw Failure(.clientFileMissing, ["file": path, "action": "read"])
    }
    var rows: [(name: String, display: String, kind: String, code: String, parent: String)] = []
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard cells.count >= 5 else {
        throw Failure(.clientFileUnreadable, ["file": path, "reason": "five columns a line", "action": "read"])
      }
      rows.append((cells[0], cells[1], cells[2], cells[3], cells[4]))
    }
    guard let nodes = Network.ordered(rows) else {
      throw Failure(.clientFileUnreadable, ["file": path, "reason": "one tree with one root", "action": "read"])
    }
    self.nodes = nodes
  }

  /// The network of a tour.
  init(_ nodes: [TourScript.Node]) {
    let rows = nodes.map { ($0.name, $0.displayName, "node", $0.code, $0.parent ?? "") }
    self.nodes = (Network.ordered(rows) ?? []).map { node in
      var node = node
      node.isOffline = nodes.contains { $0.code == node.code && $0.isOffline }
      return node
    }
  }

  /// Nodes by their codes, in the order asked for.
  func nodes(in codes: [String]) -> [FleetNode] { codes.compactMap { code in nodes.first { $0.code == code } } }

  /// Parents before children, or nil unless the rows are one tree with one root.
  private static func ordered(
    _ rows: [(name: String, display: String, kind: String, code: String, parent: String)]
  ) -> [FleetNode]? {
    var codes: [String: String] = [:]
    for row in rows { codes[row.name] = row.code }
    var nodes: [FleetNode] = []
    func add(_ parent: String?, _ depth: Int) {
      for row in rows where (row.parent.isEmpty ? nil : codes[row.parent] ?? row.parent) == parent {
        let hasChildren = rows.contains { codes[$0.parent] == row.code || $0.parent == row.code }
        nodes.append(
          FleetNode(
            code: row.code, displayName: row.display, kind: row.kind, parentCode: parent, depth: depth,
            isLeaf: !hasChildren))
        if depth < 16 { add(row.code, depth + 1) }
      }
    }
    add(nil, 0)
    guard let first = nodes.first, first.parentCode == nil, nodes.count == rows.count else { return nil }
    return nodes
  }
}

/// Rows of `planted.csv`: which rows an import must refuse.
struct PlantedRow: Hashable, Sendable, Comparable {
  let file: String
  let line: Int
  static func < (left: PlantedRow, right: PlantedRow) -> Bool {
    left.file != right.file ? left.file < right.file : left.line < right.line
  }

  /// Reads the list; empty when the data came from elsewhere without one.
  static func read(directory: String) -> Set<PlantedRow>? {
    guard let text = try? String(contentsOfFile: directory + "/planted.csv", encoding: .utf8) else { return nil }
    var rows: Set<PlantedRow> = []
    for line in text.split(whereSeparator: \.isNewline).dropFirst() {
      let cells = line.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
      if cells.count >= 2, let number = Int(cells[1]) { rows.insert(PlantedRow(file: String(cells[0]), line: number)) }
    }
    return rows
  }
}
