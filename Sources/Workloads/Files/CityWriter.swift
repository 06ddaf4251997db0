import Catalog
import Foundation
import Primitives

extension CityPlan {
  /// Writes the data set: `network.csv`, `planted.csv`, `expected.json` and a directory per node with its files.
  ///
  /// One pass, a megabyte of text in memory at a time; about 10 s and 250 MB of disk at full scale. The same plan gives
  /// the same bytes. Nothing is synced: a power cut can lose the files.
  ///
  /// - Parameters:
  ///   - directory: created when missing; an earlier data set in it is replaced.
  ///   - progress: told after each node how many are written.
  /// - Returns: what `expected.json` says.
  /// - Throws: ``WorkloadFileError`` when the directory holds other things or a file cannot be written.
  @discardableResult
  public func write(
    to directory: String, progress: (_ nodesWritten: Int) -> Void = { _ in }
  ) throws(WorkloadFileError) -> Expected {
    var writer = try CityWriter(self, directory)
    for node in nodes.indices {
      try writer.write(node)
      progress(node + 1)
    }
    return try writer.finish()
  }
}

private struct CityWriter {
  private let plan: CityPlan
  private let directory: String
  private let plantedCounts: [[Int]]
  private let hugeFieldNode: Int
  private let wrongHeaderNode: Int
  private let headers: [[String]]
  private var census: Census
  private var planted: TextFile
  private var plantedCount = 0

  private static let plain = FileStyle.ofNode(0)

  init(_ plan: CityPlan, _ directory: String) throws(WorkloadFileError) {
    self.plan = plan
    self.directory = directory
    let (counts, hugeFieldNode) = plan.plantedCounts()
    plantedCounts = counts
    self.hugeFieldNode = hugeFieldNode
    wrongHeaderNode =
      plan.nodes.indices.first {
        $0 != hugeFieldNode && plan.nodes[$0].kind == .township && plan.rowCount(of: .activity, node: $0) > 0
      } ?? hugeFieldNode
    headers = WorkloadEntity.allCases.map { $0.header(.bundled) }
    census = Census(plan)
    try CityWriter.makeDirectory(directory)
    try CityWriter.clear(directory)
    planted = try TextFile(path: directory + "/planted.csv", style: CityWriter.plain)
    try planted.append(Bytes("file,line,column,kind".utf8))
    try writeNetwork()
  }

  private static func makeDirectory(_ path: String) throws(WorkloadFileError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw WorkloadFileError(path: path, reason: "cannot be created: \(error)")
    }
  }

  /// Removes an earlier data set, and nothing else: a directory that holds other things is not ours.
  private static func clear(_ directory: String) throws(WorkloadFileError) {
    let present = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    let isOurs = present.allSatisfy { name in
      ["network.csv", "planted.csv", "expected.json"].contains(name)
        || name.hasPrefix("033") && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard isOurs else { throw WorkloadFileError(path: directory, reason: "holds other things than a data set") }
    do {
      for name in present { try FileManager.default.removeItem(atPath: directory + "/" + name) }
    } catch {
      throw WorkloadFileError(path: directory, reason: "cannot be cleared: \(error)")
    }
  }

  private func writeNetwork() throws(WorkloadFileError) {
    var file = try TextFile(path: directory + "/network.csv", style: CityWriter.plain)
    try file.append(Bytes("node,display_name,kind,org_code,parent".utf8))
    for node in plan.nodes {
      let parent = node.parent.map { plan.nodes[$0].name } ?? ""
      let cells = [node.name, node.displayName, node.kind.rawValue, node.orgCode, parent]
      try file.append(Bytes(cells.joined(separator: ",").utf8))
    }
    try file.close()
  }

  mutating func write(_ node: Int) throws(WorkloadFileError) {
    try CityWriter.makeDirectory(directory + "/" + plan.nodes[node].orgCode)
    for entity in WorkloadEntity.allCases where plan.rowCount(of: entity, node: node) > 0 {
      try write(entity, node)
    }
    if node == wrongHeaderNode { try writeWrongHeader(node) }
  }

  private mutating func write(_ entity: WorkloadEntity, _ node: Int) throws(WorkloadFileError) {
    let style = FileStyle.ofNode(node)
    let name = plan.nodes[node].orgCode + "/" + entity.name + ".csv"
    var file = try TextFile(path: directory + "/" + name, style: style)
    let header = headers[entity.rawValue]
    try file.append(Bytes(header.joined(separator: ",").utf8))
    let nameColumn = entity == .member ? entity.column("name") : 0
    var members =
      entity == .member
      ? plan.organisationsOfNode[node].lazy.flatMap { [plan] in plan.organisations[$0].members }.makeIterator() : nil
    do {
      try plan.visitRows(
        of: entity, node: node, dateStyle: style.dates, plantedCount: plantedCounts[node][entity.rawValue],
        hasHugeField: entity == .activity && node == hugeFieldNode
      ) { planned in
        if let bad = planned.planted {
          try note(name, file.line, bad.column.map { header[$0] } ?? "", bad.kind)
        } else if entity == .member, let position = members?.next() {
          census.note(name: planned.row.cell(nameColumn), of: position)
        }
        try file.append(planned.row.bytes)
      }
    } catch let error as WorkloadFileError {
      throw error
    } catch {
      throw WorkloadFileError(path: name, reason: "cannot be written: \(error)")
    }
    try file.close()
  }

  private mutating func note(
    _ file: String, _ line: Int, _ column: String, _ kind: PlantedKind
  ) throws(WorkloadFileError) {
    plantedCount += 1
    try planted.append(Bytes("\(file),\(line),\(column),\(kind.rawValue)".utf8))
  }

  /// A second file of activities under a header of somebody else's making: refused as a whole.
  private mutating func writeWrongHeader(_ node: Int) throws(WorkloadFileError) {
    let name = plan.nodes[node].orgCode + "/activity-2.csv"
    var file = try TextFile(path: directory + "/" + name, style: FileStyle.ofNode(node))
    try file.append(Bytes("支部,序号,会议名称,时间,地点,备注".utf8))
    for number in 1...3 {
      try file.append(Bytes("\(plan.nodes[node].orgCode),\(number),党员大会,2005-0\(number)-15,会议室,".utf8))
    }
    try file.close()
    try note(name, 1, "", .wrongHeader)
  }

  consuming func finish() throws(WorkloadFileError) -> Expected {
    let expected = census.expected(planted: plantedCount)
    try planted.close()
    var file = try TextFile(path: directory + "/expected.json", style: CityWriter.plain)
    try file.append(Bytes(expected.json.utf8.dropLast()))
    try file.close()
    return expected
  }
}
