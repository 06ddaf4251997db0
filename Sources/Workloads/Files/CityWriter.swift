import Catalog
import Foundation
import Primitives

extension CityPlan {
  /// Writes the city as a clerk's CSV files (Docs/DATA.md): `network.csv`, one directory a node, `planted.csv` with
  /// every bad row, `expected.json` with what an import must find.
  ///
  /// - Parameters:
  ///   - directory: made when missing; files in it are replaced.
  ///   - progress: told how many nodes are written.
  /// - Returns: what `expected.json` says.
  /// - Throws: what the file system throws.
  /// - Complexity: a node's rows are streamed; memory is the plan and the counts.
  @discardableResult
  public func write(to directory: String, progress: (Int) -> Void = { _ in }) throws -> ExpectedCity {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var tally = CityTally(plan: self)
    var planted = "file,line,column,kind\n"
    let (plantedCounts, hugeNode) = plantedCounts()
    for number in nodes.indices {
      let home = "\(directory)/\(nodes[number].orgCode)"
      try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
      for entity in WorkloadEntity.allCases where rowCount(of: entity, node: number) > 0 {
        try writeFile(
          entity, number, home, plantedCount: plantedCounts[number][entity.rawValue],
          hasHugeField: entity == .activity && number == hugeNode, &tally, &planted)
      }
      if number == hugeNode { try writeWrongHeader(home, nodes[number].orgCode, &planted) }
      progress(number + 1)
    }
    try planted.write(toFile: directory + "/planted.csv", atomically: true, encoding: .utf8)
    try networkText.write(toFile: directory + "/network.csv", atomically: true, encoding: .utf8)
    let expected = tally.finish()
    try expected.json.write(toFile: directory + "/expected.json", atomically: true, encoding: .utf8)
    return expected
  }

  /// Files differ by node as clerks do: encoding, line ends, dates.
  private func style(_ node: Int) -> (file: FileStyle, crlf: Bool, dates: DateStyle) {
    let file: FileStyle = node % 5 == 2 ? .gb18030 : node % 5 == 4 ? .utf8WithMark : .utf8
    return (file, node % 3 == 1, node % 7 == 3 ? .dots : node % 7 == 5 ? .slashes : .dashes)
  }

  private func writeFile(
    _ entity: WorkloadEntity, _ node: Int, _ home: String, plantedCount: Int, hasHugeField: Bool,
    _ tally: inout CityTally, _ planted: inout String
  ) throws {
    let path = "\(home)/\(entity.name).csv"
    let style = style(node)
    try Data().write(to: URL(fileURLWithPath: path))
    guard let handle = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
    defer { try? handle.close() }
    let encoder = style.file == .gb18030 ? GB18030Encoder() : nil
    let lineEnd: Bytes = style.crlf ? [0x0D, 0x0A] : [0x0A]
    var buffer = Bytes(entity.header(.bundled).joined(separator: ",").utf8) + lineEnd
    var line = 2
    try handle.write(contentsOf: Data(style.file.mark))
    func flush() throws {
      try handle.write(contentsOf: Data(encoder?.encode(buffer) ?? buffer))
      buffer.removeAll(keepingCapacity: true)
    }
    try visitRows(
      of: entity, node: node, dateStyle: style.dates, plantedCount: plantedCount, hasHugeField: hasHugeField
    ) { row in
      if let bad = row.planted {
        let column = bad.column.map { entity.header(.bundled)[$0] } ?? ""
        planted += "\(nodes[node].orgCode)/\(entity.name).csv,\(line),\(column),\(bad.kind.rawValue)\n"
      } else {
        tally.add(entity, node, row.row)
      }
      buffer.append(contentsOf: row.row.bytes)
      buffer.append(contentsOf: lineEnd)
      line += 1 + row.row.bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
      if buffer.count > 1 << 20 { try flush() }
    }
    try flush()
  }

  /// A file whose header is another form's: refused as a whole, one reject.
  private func writeWrongHeader(_ home: String, _ code: String, _ planted: inout String) throws {
    let text = "会议编号,会议名称,与会人数\n1,支部大会,12\n2,党课,30\n"
    try text.write(toFile: home + "/activity-2.csv", atomically: true, encoding: .utf8)
    planted += "\(code)/activity-2.csv,1,会议编号,wrong_header\n"
  }

  private var networkText: String {
    var text = "node,name,kind,org_code,parent\n"
    for node in nodes {
      let parent = node.parent.map { nodes[$0].name } ?? ""
      text += "\(node.name),\(node.displayName),\(node.kind.rawValue),\(node.orgCode),\(parent)\n"
    }
    return text
  }
}
