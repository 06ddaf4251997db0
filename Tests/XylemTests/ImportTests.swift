import Access
import Foundation
import Messages
import TabularImport
import Testing
import Xylem

/// The chunks of one file.
private func chunks(_ text: String, bytes size: Int = 50_000) -> AsyncStream<Bytes> {
  let all = Bytes(text.utf8)
  return AsyncStream { stream in
    for start in stride(from: 0, to: all.count, by: size) {
      stream.yield(Bytes(all[start..<min(start + size, all.count)]))
    }
    stream.finish()
  }
}

/// What an import told of rows.
private final class Told {
  var rejects: [RowReject] = []
}

@Suite struct ImportTests {
  private let header =
    "applicant_name,id_card,sex,birth_date,nation,edu_code,job_code,org_code,apply_date,is_league_member,stage,"
    + "talk_date\n"

  private func row(_ number: Int, nation: String = "01", org: String = "033") -> String {
    "申请人,\(citizenID(number)),\(number % 2 == 0 ? "2" : "1"),1980-01-02,\(nation),21,2,\(org),2004-05-06,否,10,"
      + "2004-05-16\n"
  }

  private func open(_ pad: Scratchpad) async throws -> Node {
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    return try await Node.open(at: pad.path + "/node", options: options)
  }

  @Test("import: a dry run sees what earlier chunks would have made, and writes nothing")
  func dryRun() async throws {
    let pad = try Scratchpad()
    try Node.create(
      at: pad.path + "/node", network: "test", code: "033010018001", name: "白鹤屿村党委", parentCode: "033010018")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    let node = try await Node.open(at: pad.path + "/node", options: options)
    let text = """
      党组织代码,党组织全称,党组织简称,党组织类别,上级党组织,隶属层级,成立日期,批准成立文号,批准成立的党组织,党组织所在单位情况,所在单位,所在行政区划,党组织地址,\
      党组织联系人,联系电话,党组织书记,是否设立委员会,是否设立纪委,党小组数,是否具有审批预备党员权限,是否临时党组织,是否流动党员党组织,是否离退休党组织,软弱涣散类型,\
      活动场所面积,党内信息采集员,党组织状态,撤销日期
      033010018001001,中共慈溪市周巷镇白鹤屿村第1总支部委员会,慈溪市周巷镇白鹤屿村第1总支部委员会,621,033010018001,9,1955/02/26,,,1,\
      ,330282121,宁波市慈溪市周巷镇云龙路16号,陈瑞丹,0574-88064713,,是,,,否,否,,否,,,顾婷,1,
      033010018001001001,中共慈溪市周巷镇白鹤屿村第1总支第1支部委员会,,631,033010018001001,9,1957/02/06,甬组〔1993〕85号,\
      033010018001,1,,330282121,,李敏利,0574-87886834,,是,,2,否,否,否,,,,程康通,1,

      """
    for isDry in [true, true, false] {
      let told = Told()
      var options = ImportOptions()
      options.dryRun = isDry
      let summary = try await node.importTable(
        "org", file: "o.csv", chunks: chunks(text, bytes: 64), actor: "zhang", options: options
      ) { event in
        if case .reject(let reject) = event { told.rejects.append(reject) }
      }
      #expect(summary.inserted == 2 && told.rejects.isEmpty, "\(told.rejects.map(\.failure.logText))")
      #expect((summary.sequence == 0) == isDry)
    }
    await node.close()
  }

  @Test("import: many chunks under way keep the order of rows and rejects, and are durable on return")
  func order() async throws {
    let pad = try Scratchpad()
    var node = try await open(pad)
    var text = header
    // Every 500th row is refused by the parser, every 700th by the store.
    for number in 0..<3500 {
      text += row(number, nation: number % 500 == 3 ? "zz" : "01", org: number % 700 == 5 ? "999" : "033")
    }
    let told = Told()
    let summary = try await node.importTable("applicant", file: "a.csv", chunks: chunks(text), actor: "zhang") {
      event in
      if case .reject(let reject) = event { told.rejects.append(reject) }
    }
    #expect(summary.inserted == 3488 && summary.rejected == 12 && summary.rows == 3500)
    // Of each chunk the parser's rejects come first, then the store's.
    let byParser = told.rejects.filter { $0.failure.code == .importWrongCode }.map(\.line)
    let byStore = told.rejects.filter { $0.failure.code == .importUnknownReference }.map(\.line)
    #expect(byParser == (0..<7).map { 2 + 3 + $0 * 500 } && byStore == (0..<5).map { 2 + 5 + $0 * 700 })
    await node.close()
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    node = try await Node.open(at: pad.path + "/node", options: options)
    let scope = Authoriser.embedder("test")
    #expect(try await node.count(Question("applicant"), scope: scope) == 3488)
    let again = try await node.importTable("applicant", file: "a.csv", chunks: chunks(text), actor: "zhang") { _ in }
    #expect(again.unchanged == 3488 && again.rejected == 12 && again.sequence == 0)
    await node.close()
  }

  @Test("import: a key's column and one other change that item; a row without a record is told what a new one needs")
  func someColumns() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let text = header + (0..<20).map { row($0) }.joined()
    _ = try await node.importTable("applicant", file: "a.csv", chunks: chunks(text), actor: "zhang") { _ in }
    let told = Told()
    let some = "nation,id_card\n" + (15..<22).map { "22,\(citizenID($0))\n" }.joined()
    let summary = try await node.importTable("applicant", file: "b.csv", chunks: chunks(some), actor: "zhang") {
      event in
      if case .reject(let reject) = event { told.rejects.append(reject) }
    }
    #expect(summary.updated == 5 && summary.rejected == 2 && summary.inserted == 0)
    #expect(told.rejects.map(\.line) == [7, 8] && told.rejects.first?.failure.code == .importMissingColumn)
    #expect(told.rejects.first?.problems.first?.reason.zh.contains("出生日期") == true)
    let scope = Authoriser.embedder("test")
    #expect(try await node.count(Question("applicant", where: "nation = '22' and edu_code = '21'"), scope: scope) == 5)
    // Later than today: the columns alone show it.
    let wrong = try await node.importTable(
      "applicant", file: "c.csv", chunks: chunks("id_card,apply_date\n\(citizenID(1)),2006-01-01\n"), actor: "zhang"
    ) { _ in }
    #expect(wrong.rejected == 1 && wrong.updated == 0)
    // At the age of 15: only the record as a whole shows it.
    let early = Told()
    let young = try await node.importTable(
      "applicant", file: "d.csv", chunks: chunks("id_card,apply_date\n\(citizenID(1)),1995-01-02\n"), actor: "zhang"
    ) { event in
      if case .reject(let reject) = event { early.rejects.append(reject) }
    }
    #expect(young.rejected == 1 && young.updated == 0)
    #expect(early.rejects.first?.failure.code == .importRuleFailed)
    await node.close()
  }

  @Test(
    "import: commits of a size that was asked for are told in order once they are durable, children with their parents")
  func commits() async throws {
    let pad = try Scratchpad()
    var node = try await open(pad)
    // Members under one organisation, each with the highest education in its own row.
    let members = (0..<50).map { number in
      "\(33_020_000 + number),王小明,\(citizenID(number)),\(number % 2 == 0 ? "2" : "1"),1980-01-02,01,0111,033,"
        + "2005-08-01,101,1,1,2004-07-01,1112,李四,张三,2005-07-15,海曙区中山路一号,\(number == 7 ? ",,," : "1,21,1,是")\n"
    }
    let text =
      "党员编号,姓名,公民身份号码,性别,出生日期,民族,工作岗位,所在党支部,进入支部日期,进入支部类型,人员类别,党籍状态,加入党组织日期,入党类型,"
      + "入党介绍人一,入党介绍人二,转为正式党员日期,现居住地,学历学位.学历序号,学历学位.学历,学历学位.教育类别,学历学位.是否最高学历\n"
      + members.joined()
    var options = ImportOptions()
    options.commitRows = 8
    options.tellsCommits = true
    let commits = Commits()
    let summary = try await node.importTable(
      "member", file: "m.csv", chunks: chunks(text), actor: "zhang", options: options
    ) { event in
      if case .committed(let records, let sequence) = event { commits.told.append((records, sequence)) }
      if case .reject(let reject) = event { Issue.record("\(reject.failure.logText)") }
    }
    #expect(summary.inserted == 50 && summary.children == 49)
    #expect(commits.told.map(\.records) == [15, 16, 16, 16, 16, 16, 4])
    #expect(commits.told.map(\.sequence) == (0..<7).map { commits.told[0].sequence + UInt64($0) })
    #expect(commits.told.last?.sequence == summary.sequence)
    await node.close()
    var opened = Node.Options()
    opened.today = CivilDate(iso: "2005-09-30")
    node = try await Node.open(at: pad.path + "/node", options: opened)
    let scope = Authoriser.embedder("test")
    #expect(try await node.count(Question("member", where: "edu.highest = '21'"), scope: scope) == 49)
    let again = try await node.importTable(
      "member", file: "m.csv", chunks: chunks(text), actor: "zhang", options: options
    ) { _ in }
    #expect(again.unchanged == 50 && again.children == 0 && again.sequence == 0)
    options.commitRows = 0
    let failure = await #expect(throws: Failure.self) {
      _ = try await node.importTable(
        "member", file: "m.csv", chunks: chunks(text), actor: "zhang", options: options
      ) { _ in }
    }
    #expect(failure?.code == .apiBadParameter)
    await node.close()
  }
}

private final class Commits {
  var told: [(records: Int, sequence: UInt64)] = []
}
