import Catalog
import Foundation
import Primitives
import Testing

@testable import Workloads

/// Written files, read back by a dumb reader: 20,000 members, every kind of style and error.
@Suite struct FileTests {
  static let written = Result { try DataSet(seed: 1, members: 20_000, nodes: .small, name: "files") }

  @Test func `files: good rows are as many as expected.json says, and each passes the catalog's rules`() throws {
    let set = try FileTests.written.get()
    for file in set.files {
      let entity = try #require(Catalog.bundled.entity(named: file.entity.name))
      let checker = RecordChecker(entity, in: .bundled)
      let rows = set.good(file)
      #expect(rows.count == set.expected.nodes[file.node].rows[file.entity.rawValue], "\(file.name)")
      for cells in rows {
        let record = RecordTwin(cells, columns: file.entity.columns, entity: entity, dates: file.table.dates)
        #expect(record.unreadable.isEmpty, "\(file.name)")
        let failures = checker.failures(of: record, today: CityPlan.today)
        #expect(failures.isEmpty, "\(file.name): \(failures.map(\.name)) \(cells.prefix(30))")
      }
    }
    #expect(set.files.map(\.entity).reduce(into: [:]) { $0[$1, default: 0] += 1 }.count == 8)
  }

  @Test func `files: headers are the catalog's Chinese labels`() throws {
    let set = try FileTests.written.get()
    for file in set.files { #expect(file.table.header == file.entity.header(.bundled), "\(file.name)") }
    #expect(WorkloadEntity.memberEdu.header(.bundled).prefix(2) == ["公民身份号码", "学历序号"])
    #expect(WorkloadEntity.activity.header(.bundled).prefix(2) == ["党组织代码", "活动编号"])
    for entity in WorkloadEntity.allCases {
      let known = try #require(Catalog.bundled.entity(named: entity.name))
      for item in entity.columns where item != "parent" {
        #expect(known.item(named: item)?.derivation == nil && known.item(named: item) != nil, "\(entity.name).\(item)")
      }
    }
  }

  @Test func `files: each planted row is bad for the planted reason, five in a thousand`() throws {
    let set = try FileTests.written.get()
    let rows = WorkloadEntity.allCases.reduce(0) { $0 + set.expected.total($1) }
    #expect((rows * 5 / 1000 + 1...rows * 5 / 1000 + 2).contains(set.planted.count))
    #expect(set.expected.planted == set.planted.count)
    #expect(Set(set.planted.map(\.mark)).count == set.planted.count)
    #expect(Set(set.planted.map(\.kind)) == Set(PlantedKind.allCases.map(\.rawValue)))
    var byMark: [DataSet.Mark: (column: String, kind: String)] = [:]
    for planted in set.planted { byMark[planted.mark] = (planted.column, planted.kind) }
    let orgCodes = Set(set.files(.org).flatMap { set.good($0).map { $0[0] } })
    var found = 0
    for file in set.files {
      var ids: [String: String] = [:]
      for row in file.table.rows {
        guard let planted = byMark[DataSet.Mark(file: file.name, line: row.line)] else {
          if let cells = row.cells, file.entity == .member { ids[cells[3]] = cells[1] }
          if let cells = row.cells, file.entity == .applicant { ids[cells[1]] = cells[0] }
          #expect(row.cells != nil, "\(file.name):\(row.line) is torn")
          continue
        }
        found += 1
        #expect(
          isBad(row, file, planted.column, planted.kind, ids, orgCodes), "\(file.name):\(row.line) \(planted.kind)")
      }
    }
    #expect(found == set.planted.count - 1)
  }

  private func isBad(
    _ row: TableTwin.Row, _ file: DataSet.File, _ column: String, _ kind: String, _ ids: [String: String],
    _ orgCodes: Set<String>
  ) -> Bool {
    guard let cells = row.cells else { return kind == "ragged" || kind == "unterminated_quote" }
    guard let index = file.table.header.firstIndex(of: column) else { return false }
    let cell = cells[index]
    switch kind {
    case "wrong_code":
      let item = Catalog.bundled.entity(named: file.entity.name)?.item(named: file.entity.columns[index])
      guard case .code(let table)? = item?.type else { return false }
      return Catalog.bundled.codeTable(table)?.contains(Text(cell)) == false
    case "check_digit": return !CitizenID.isValid(Text(cell)) && cell.count == 18
    case "duplicate_key":
      let name = cells[file.entity == .member ? 1 : 0]
      return ids[cell] != nil && ids[cell] != name
    case "unknown_org": return !orgCodes.contains(cell)
    case "impossible_date":
      return RecordTwin.date(String(cell.prefix(10)), file.entity == .activity ? .dashes : file.table.dates) == nil
    case "huge_field": return cell.utf8.count == 10 << 20
    default: return false
    }
  }

  @Test func `files: the file with a foreign header is listed at line 1`() throws {
    let set = try FileTests.written.get()
    let mark = try #require(set.planted.first { $0.kind == "wrong_header" }).mark
    #expect(mark.line == 1 && mark.file.hasSuffix("/activity-2.csv"))
    #expect(set.paths.contains(mark.file))
  }

  @Test func `files: references stay inside the node and name earlier rows`() throws {
    let set = try FileTests.written.get()
    var units: Set<String> = []
    var people: Set<String> = []
    var numbers: Set<String> = []
    for node in set.plan.nodes.indices {
      func rows(_ entity: WorkloadEntity) -> [[String]] {
        set.files.first { $0.node == node && $0.entity == entity }.map { set.good($0) } ?? []
      }
      let own = rows(.unit).map { $0[WorkloadEntity.unit.column("unit_uscc")] }
      #expect(Set(own).count == own.count && units.isDisjoint(with: own))
      units.formUnion(own)
      var orgs: [String: [String]] = [:]
      for org in rows(.org) {
        let parent = org[WorkloadEntity.org.column("parent_org_code")]
        #expect(orgs.isEmpty || orgs[parent] != nil, "\(org[0]) stands before its superior")
        #expect(parent == org[0].dropLast(3))
        let hosts = org[WorkloadEntity.org.column("host_unit_ids")].split(separator: "|").map(String.init)
        #expect(hosts.allSatisfy(own.contains) && hosts.count <= 5)
        orgs[org[0]] = org
      }
      #expect(orgs[set.plan.nodes[node].orgCode] != nil)
      let ids = checkMembers(rows(.member), orgs, Set(own))
      #expect(people.isDisjoint(with: ids.keys))
      people.formUnion(ids.keys)
      for member in rows(.member) { #expect(numbers.insert(member[0]).inserted) }
      #expect(rows(.memberEdu).map { $0[0] } == rows(.member).map { $0[WorkloadEntity.member.column("id_card")] })
      for row in rows(.hardship) + rows(.floating) { #expect(ids[row[0]] != nil) }
      for row in rows(.activity) { #expect(orgs[row[0]] != nil) }
      checkApplicants(rows(.applicant), orgs, ids, &people)
    }
  }

  /// - Returns: category and branch by citizen id.
  private func checkMembers(
    _ rows: [[String]], _ orgs: [String: [String]], _ units: Set<String>
  ) -> [String: (category: String, branch: String)] {
    let entity = WorkloadEntity.member
    var ids: [String: (category: String, branch: String)] = [:]
    for row in rows {
      let branch = row[entity.column("branch_code")]
      let org = orgs[branch]
      #expect(["631", "632"].contains(org?[WorkloadEntity.org.column("org_category")]))
      let unit = row[entity.column("unit_id")]
      #expect(unit.isEmpty || units.contains(unit))
      let group = Int(row[entity.column("party_group_no")]) ?? 0
      #expect(group <= Int(org?[WorkloadEntity.org.column("party_group_count")] ?? "") ?? 0)
      let id = row[entity.column("id_card")]
      #expect(ids.updateValue((row[entity.column("member_category")], branch), forKey: id) == nil)
    }
    return ids
  }

  private func checkApplicants(
    _ rows: [[String]], _ orgs: [String: [String]], _ members: [String: (category: String, branch: String)],
    _ people: inout Set<String>
  ) {
    let entity = WorkloadEntity.applicant
    for row in rows {
      let branch = row[entity.column("org_code")]
      #expect(orgs[branch] != nil)
      #expect(people.insert(row[entity.column("id_card")]).inserted)
      for item in ["cultivator_1", "cultivator_2"] {
        let mentor = row[entity.column(item)]
        guard !mentor.isEmpty else { continue }
        #expect(members[mentor]?.category == "1" && members[mentor]?.branch == branch)
      }
    }
  }

  @Test func `expected: the 37 people are found once each, in their branch`() throws {
    let set = try FileTests.written.get()
    #expect(set.expected.namedPersons.count == 37)
    let entity = WorkloadEntity.member
    var branches: [String: [String]] = [:]
    for file in set.files(.member) {
      for row in set.good(file) {
        let birth = try #require(RecordTwin.date(row[entity.column("birth_date")], file.table.dates))
        branches[row[entity.column("name")] + birth.description, default: []].append(row[entity.column("branch_code")])
      }
    }
    for person in set.expected.namedPersons { #expect(branches[person.name + person.birthDate] == [person.branchCode]) }
  }

  @Test func `expected: villages without a new member are exactly those whose newest admission is older`() throws {
    let set = try FileTests.written.get()
    let since = try #require(CivilDate(iso: set.expected.villagesSince))
    var villageUnits: Set<String> = []
    for file in set.files(.unit) {
      for row in set.good(file) where row[WorkloadEntity.unit.column("unit_category")] == "16" {
        villageUnits.insert(row[WorkloadEntity.unit.column("unit_uscc")])
      }
    }
    let villages = set.files(.org).flatMap { set.good($0) }
      .filter { villageUnits.contains($0[WorkloadEntity.org.column("host_unit_ids")]) }.map { $0[0] }
    var newest: [String: CivilDate] = [:]
    let entity = WorkloadEntity.member
    for file in set.files(.member) {
      for row in set.good(file) {
        let join = try #require(RecordTwin.date(row[entity.column("join_date")], file.table.dates))
        var code = row[entity.column("branch_code")]
        while !code.isEmpty {
          newest[code] = max(newest[code] ?? join, join)
          code.removeLast(3)
        }
      }
    }
    let stale = villages.filter { code in newest[code].map { $0 < since } ?? false }
    #expect(stale.sorted() == set.expected.villagesWithoutNewMembers.sorted())
    #expect(!stale.isEmpty)
  }

  @Test func `expected: sex and highest education of Yinzhou add up from the files`() throws {
    let set = try FileTests.written.get()
    var counts: [String: Int] = [:]
    for node in set.plan.nodes.indices where set.plan.nodes[node].orgCode.hasPrefix(set.expected.educationCounty) {
      let members = set.files.first { $0.node == node && $0.entity == .member }.map { set.good($0) } ?? []
      let educations = set.files.first { $0.node == node && $0.entity == .memberEdu }.map { set.good($0) } ?? []
      for (member, education) in zip(members, educations) {
        counts[
          member[WorkloadEntity.member.column("sex")] + "/" + education[WorkloadEntity.memberEdu.column("edu_code")],
          default: 0] += 1
      }
    }
    var expected: [String: Int] = [:]
    for cell in set.expected.educationTable { expected[cell.sex + "/" + cell.eduCode] = cell.count }
    #expect(counts == expected && !counts.isEmpty)
  }

  @Test func `expected: the JSON reads back equal, and damaged text is refused with its offset`() throws {
    let set = try FileTests.written.get()
    #expect(set.expectedText == set.expected.json)
    #expect(try Expected(json: set.expectedText) == set.expected)
    let refused = [
      "", "{", "[1,]", "{\"a\":1", "\"\\q\"", "\"\\u12\"", "tru", "{} x", String(repeating: "[", count: 5000),
    ]
    for text in refused { #expect(throws: JSONValue.ParseError.self) { try Expected(json: text) } }
    #expect(throws: JSONValue.ParseError(offset: 0, reason: "no member seed")) { try Expected(json: "{}") }
  }

  @Test func `files: a directory that holds something, or cannot be made, is refused`() throws {
    let plan = try CityPlan(seed: 1, members: 2_000, nodes: .small)
    let directory = DataSet.temporary("occupied")
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try FileManager.default.createDirectory(atPath: directory + "/something", withIntermediateDirectories: true)
    #expect(throws: WorkloadFileError(path: directory, reason: "holds other things than a data set")) {
      try plan.write(to: directory)
    }
    #expect(throws: WorkloadFileError.self) { try plan.write(to: "/dev/null/nowhere") }
  }
}

/// One seed, one data set.
@Suite struct DeterminismTests {
  private func contents(seed: UInt64, _ name: String) throws -> [String: Data] {
    let directory = DataSet.temporary(name)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try CityPlan(seed: seed, members: 2_000, nodes: .small).write(to: directory)
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: directory) where path.contains(".") {
      files[path] = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + path))
    }
    return files
  }

  @Test func `files: the same seed gives the same bytes, another seed other people`() throws {
    let first = try contents(seed: 11, "first")
    let second = try contents(seed: 11, "second")
    let other = try contents(seed: 12, "other")
    #expect(first == second)
    #expect(try nodes(first) == nodes(other))
    let members = first.keys.filter { $0.hasSuffix("member.csv") }
    #expect(members.allSatisfy { first[$0] != other[$0] } && !members.isEmpty)
  }

  /// Lines of `network.csv` without the display names, which hold names of units.
  private func nodes(_ files: [String: Data]) throws -> [[Substring]] {
    let text = String(decoding: try #require(files["network.csv"]), as: UTF8.self)
    return text.split(separator: "\n").map { line in
      var cells = line.split(separator: ",", omittingEmptySubsequences: false)
      cells.remove(at: 1)
      return cells
    }
  }

  @Test func `files: an earlier data set in the directory is replaced, nothing of it stays`() throws {
    let directory = DataSet.temporary("again")
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try CityPlan(seed: 2, members: 3_000, nodes: .small).write(to: directory)
    try CityPlan(seed: 1, members: 2_000, nodes: .small).write(to: directory)
    let again = Set(try FileManager.default.subpathsOfDirectory(atPath: directory))
    let fresh = DataSet.temporary("fresh")
    defer { try? FileManager.default.removeItem(atPath: fresh) }
    var written: [Int] = []
    try CityPlan(seed: 1, members: 2_000, nodes: .small).write(to: fresh) { written.append($0) }
    #expect(again == Set(try FileManager.default.subpathsOfDirectory(atPath: fresh)))
    #expect(written == Array(1...56))
  }

  @Test func `rows: the order in which files are asked for changes nothing`() throws {
    let plan = try CityPlan(seed: 4, members: 3_000, nodes: .small)
    func bytes(_ node: Int) -> [Bytes] {
      var rows: [Bytes] = []
      plan.visitRows(of: .member, node: node) { rows.append($0.row.bytes) }
      return rows
    }
    let forward = plan.nodes.indices.map(bytes)
    #expect(plan.nodes.indices.reversed().map(bytes).reversed() == forward)
  }

  @Test func `entropy: every column that can vary does, and identity columns tell everyone apart`() throws {
    let plan = try CityPlan(seed: 1, members: 5_000, nodes: .small)
    let columns = plan.memberColumnEntropy()
    #expect(columns.map(\.item) == WorkloadEntity.member.columns)
    for column in columns where column.item != "member_state" { #expect(column.bits > 0, "\(column.item)") }
    for item in ["id_card", "member_id"] {
      let column = try #require(columns.first { $0.item == item })
      #expect(column.distinct == 5_000 && abs(column.bits - binaryLogarithm(5_000)) < 1e-6)
    }
  }
}
