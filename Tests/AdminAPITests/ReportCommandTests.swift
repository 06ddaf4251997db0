import AdminProtocol
import Foundation
import Testing

@testable import xylemctl

@Suite struct ReportCommandTests {
  @Test("report: tables are printed, cells that are to be keyed in show as question marks")
  func build() async throws {
    try await withServer { _, socket in
      let ran = await run(["report", "build", "annual", "--year", "2005", "--socket", socket, "--lang", "en"])
      #expect(ran.status == 0, "\(ran.talk)")
      #expect(ran.data.contains("Members") && ran.data.contains("Farmers"))
      #expect(ran.data.contains("12") && ran.data.contains("?"))
      #expect(ran.talk.contains("1 table in"))
    }
  }

  @Test("report: files of every kind are written whole into the folder", arguments: ["xlsx", "html", "csv", "json"])
  func files(format: String) async throws {
    try await withServer { folder, socket in
      let ran = await run([
        "report", "build", "annual", "--year", "2005", "-o", format, "-d", folder + "/out", "--socket", socket,
      ])
      #expect(ran.status == 0, "\(ran.talk)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/out")
      #expect(names == [format == "csv" ? "annual-2005-033-T2.csv" : "annual-2005-033.\(format)"])
    }
  }

  @Test("report: a check that fails ends with 2 and says where to look; one that holds is quiet")
  func check() async throws {
    try await withServer { _, socket in
      let open = await run(["report", "check", "--year", "2005", "--socket", socket, "-o", "csv", "--lang", "en"])
      #expect(open.status == 2)
      #expect(open.data.contains("T2.1,hard,open,women,12,7,5") && !open.data.contains("T2.2"))
      #expect(open.talk.contains("drill --check T2.1"))
      let closed = await run([
        "report", "check", "--year", "2005", "--org", "033001", "--all", "--socket", socket, "-o", "csv",
      ])
      #expect(closed.status == 0 && closed.data.contains("T2.2"))
    }
  }

  @Test("report: the people behind a cell come with the question that found them")
  func drill() async throws {
    try await withServer { _, socket in
      let ran = await run([
        "report", "drill", "T2", "--row", "all", "--column", "women", "--year", "2005", "--socket", socket, "-o", "csv",
      ])
      #expect(ran.status == 0 && ran.data.contains("王芳") && ran.talk.contains("member: sex = '2'"))
      let wrong = await run(["report", "drill", "T2", "--row", "all", "--year", "2005", "--socket", socket])
      #expect(wrong.status == 64)
    }
  }

  @Test("report: forms, their cells and how many are counted")
  func forms() async throws {
    try await withServer { _, socket in
      let list = await run(["report", "list", "--socket", socket, "-o", "csv"], language: .zh)
      #expect(list.data.contains("T2,党员基本情况,as_of,2,2,1"))
      let cells = await run(["report", "show", "T2", "--cells", "--socket", socket, "-o", "csv"])
      #expect(cells.data.contains("all,women,counted,member,sex = '2'") && cells.data.contains("j1,women,keyed,,"))
      let coverage = await run(
        ["report", "coverage", "--year", "2005", "--socket", socket, "-o", "csv"], language: .zh)
      #expect(coverage.data.contains("T2,党员基本情况,3,0,1"))
    }
  }

  @Test("report: only cells that are keyed in take a figure, only soft checks a reason")
  func keying() async throws {
    try await withServer { _, socket in
      let counted = await run([
        "report", "key", "T2", "--row", "all", "--column", "women", "--value", "3", "--by", "张敏", "--year", "2005",
        "--socket", socket,
      ])
      #expect(counted.status == 64)
      let hard = await run([
        "report", "reason", "T2.1", "--text", "无", "--by", "张敏", "--year", "2005", "--socket", socket,
      ])
      #expect(hard.status == 64)
    }
  }
}
