import Foundation
import Testing

@testable import xylem_slt

/// Where the suites of others lie in continuous integration; absent elsewhere.
let suites = "../shared/suites"

@Suite struct SuiteTests {
  /// Every question of the files goes through the virtual tables, for the node has no others.
  @Test("suite: sqllogictest is answered as SQLite answers it; where it is not present, it is not run")
  func sqllogictest() async throws {
    let folder = suites + "/sqllogictest"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      return withKnownIssue("not run: \(folder) is not present", isIntermittent: true) {}
    }
    for name in names.sorted() where name.hasSuffix(".test") {
      let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      let outcome = try await play(TestFile(name: name, text: text))
      #expect(outcome.passed > 50)
      #expect(outcome.failed.isEmpty, "\(outcome.failed.prefix(5))")
      #expect(outcome.skippedCount * 100 <= outcome.count * XylemSLT.skippedPercentMax, "\(outcome.skipped)")
    }
  }

  @Test("suite: the player sees wrong answers, and says what it leaves out and why")
  func player() async throws {
    let text = """
      statement ok
      CREATE TABLE t1(a INTEGER, b TEXT)

      statement ok
      INSERT INTO t1 VALUES(1,'x')

      statement ok
      CREATE VIEW v AS SELECT 1

      query IT nosort
      SELECT * FROM t1
      ----
      1
      x

      query I nosort
      SELECT a FROM t1
      ----
      2

      onlyif mysql
      query I nosort
      SELECT a FROM t1
      ----
      3

      statement error
      SELECT nothing FROM t1
      """
    let file = TestFile(name: "own", text: text)
    #expect(file.foreign == 1)
    let outcome = try await play(file)
    #expect(outcome.passed == 4)
    #expect(outcome.failed.count == 1 && outcome.failed[0].hasPrefix("own:16: expected"))
    #expect(outcome.skipped == ["create of something else than a table or index": 1])
  }
}
