import Catalog
import Foundation
import Testing
import Workloads

/// A written data set read back by the twin, good rows told from bad ones.
struct DataSet {
  struct File {
    let name: String
    let node: Int
    let entity: WorkloadEntity
    let table: TableTwin
  }

  struct Mark: Hashable, Comparable {
    let file: String
    let line: Int
    static func < (left: Mark, right: Mark) -> Bool { (left.file, left.line) < (right.file, right.line) }
  }

  let plan: CityPlan
  let expected: Expected
  /// Every file's path below the directory.
  let paths: Set<String>
  /// What `expected.json` holds.
  let expectedText: String
  let files: [File]
  /// Lines of `planted.csv` without its header: mark, column, kind.
  let planted: [(mark: Mark, column: String, kind: String)]
  private let bad: Set<Mark>

  /// A temporary directory of this process.
  static func temporary(_ name: String) -> String {
    NSTemporaryDirectory() + "/xylem-workloads-\(ProcessInfo.processInfo.processIdentifier)-\(name)"
  }

  init(seed: UInt64, members: Int, nodes: NodePlan, name: String) throws {
    plan = try CityPlan(seed: seed, members: members, nodes: nodes)
    let directory = DataSet.temporary(name)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    expected = try plan.write(to: directory)
    paths = Set(try FileManager.default.subpathsOfDirectory(atPath: directory))
    expectedText = try String(contentsOfFile: directory + "/expected.json", encoding: .utf8)
    var files: [File] = []
    for node in plan.nodes.indices {
      for entity in WorkloadEntity.allCases {
        let name = "\(plan.nodes[node].orgCode)/\(entity.name).csv"
        let path = directory + "/" + name
        guard FileManager.default.fileExists(atPath: path) else { continue }
        let table = try TableTwin(path: path, style: .ofNode(node))
        files.append(File(name: name, node: node, entity: entity, table: table))
      }
    }
    self.files = files
    planted = try TableTwin(path: directory + "/planted.csv", style: .ofNode(0)).rows.map { row in
      let cells = try #require(row.cells)
      return (Mark(file: cells[0], line: try #require(Int(cells[1]))), cells[2], cells[3])
    }
    bad = Set(planted.map(\.mark))
  }

  func files(_ entity: WorkloadEntity) -> [File] { files.filter { $0.entity == entity } }

  func isPlanted(_ file: File, _ row: TableTwin.Row) -> Bool { bad.contains(Mark(file: file.name, line: row.line)) }

  /// Good rows of a file.
  func good(_ file: File) -> [[String]] { file.table.rows.filter { !isPlanted(file, $0) }.compactMap(\.cells) }
}
