import Access
import Catalog
import Foundation
import Primitives
import SQLSurface
import Xylem

/// What SQL costs over a node: `sql-meter [MEMBERS [DIRECTORY]]`.
///
/// Commits invented members, lets the first statement load the columns, and prints the median of many runs of each
/// statement with how it was read.
@main
struct SQLMeter {
  private static let runs = 15
  private static let statements = [
    "select nation, count(*) from member group by 1",
    "select sex, nation, count(*), min(birth_date) from member group by 1, 2",
    "select count(*) from member where birth_date < '1960' and sex = '2'",
    "select distinct nation from member",
    "select name, birth_date from member order by birth_date, serial limit 50",
    "select count(*) from member where name like '王%'",
    "select * from member where serial = 77777",
    "select count(*) from member",
  ]

  static func main() async throws {
    let arguments = CommandLine.arguments
    let count = arguments.count > 1 ? Int(arguments[1]) ?? 340_000 : 340_000
    let base = arguments.count > 2 ? arguments[2] : FileManager.default.currentDirectoryPath
    let directory = "\(base)/sql-meter-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let catalog = try Catalog.load(text: text)
    _ = try Node.create(
      at: directory + "/node", network: "meter", code: "033", name: "市委", parentCode: "", catalog: catalog)
    var options = Node.Options()
    options.catalog = catalog
    let node = try await Node.open(at: directory + "/node", options: options)
    try await fill(node, count)
    let sql = SQLService(node)
    for statement in statements {
      var times: [Double] = []
      var processor: [Double] = []
      var rows = 0
      var plan = ""
      for run in 0...runs {
        let started = ContinuousClock.now
        let ticks = clock()
        let answer = try await sql.query(SQLStatement(statement), scope: Authoriser.embedder("meter"))
        rows = try await answer.all().count
        plan = answer.head.plan.first ?? ""
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        // Of all threads of this process: the machine may have other work.
        processor.append(Double(clock() - ticks) / 1_000_000)
        // The first run loads what is not here yet.
        if run > 0 {
          times.append(seconds)
        } else {
          print(String(format: "%9.2f ms first  ", seconds * 1000), terminator: "")
        }
      }
      times.sort()
      processor = processor.dropFirst().sorted()
      print(String(format: "%9.2f ms median %9.2f ms least  ", times[runs / 2] * 1000, times[0] * 1000), terminator: "")
      print(String(format: "%9.2f ms of the processor  ", processor[runs / 2] * 1000), terminator: "")
      print("\(rows) rows  \(statement)\n    \(plan)")
    }
    await node.close()
  }

  private static func fill(_ node: Node, _ count: Int) async throws {
    let nations = (Catalog.bundled.codeTable("NATION")?.codes ?? []).map { Value.text(Text($0.code)) }
    let names = ["王芳", "李伟", "张敏", "刘洋", "陈静"]
    for start in stride(from: 0, to: count, by: 2000) {
      _ = try await node.commit(as: "meter") { builder in
        for serial in start..<min(start + 2000, count) {
          _ = try builder.insert(
            "member",
            [
              "serial": .int(Int64(serial)), "name": .text(Text("\(names[serial % 5])\(serial)")),
              "sex": serial % 3 == 0 ? "2" : "1", "nation": nations[(serial &* 2_654_435_761 >> 7) % nations.count],
              "birth_date": .date(CivilDate(days: Int32(-9000 + (serial &* 7919) % 22_000))),
              "address": .text(Text("宁波市海曙区某路\(serial % 999)号")),
            ])
        }
      }
    }
  }

  private static var text: String {
    let codes = (Catalog.bundled.codeTable("NATION")?.codes ?? []).map {
      "  \($0.code) \($0.label.zh) | \($0.label.en)"
    }
    return """
      codes NATION
      \(codes.joined(separator: "\n"))
      codes SEX
        1 男 | Male
        2 女 | Female
      codes CATEGORY open
        1 组织 | Organisation
      entity org 1 组织 | Organisation
        key org_code
        item org_code text required A 代码 | Code
        item org_name text required A 名称 | Name
        item org_category code:CATEGORY optional A 类别 | Category
        item parent_org_code ref:org optional A 上级 | Superior
      entity member 3 党员 | Member
        owner branch_code
        key serial
        item serial int required B 序号 | Serial
        item name text required B 姓名 | Name
        item sex code:SEX required B 性别 | Sex
        item nation code:NATION required B 民族 | Nation
        item birth_date date required B 出生日期 | Birth date
        item address text optional C 住址 | Address
        item branch_code ref:org optional B 支部 | Branch
      """
  }
}
