import AdminClient
import AdminProtocol
import Foundation
import Messages
import Testing

// Goal: what goes down the tree does so between real daemons: notices with receipts over three levels, and a member who
// moves from one domain to another and counts once.
@Suite(
  .serialized,
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct DownwardTests {
  private func ctl(_ chain: Chain, _ number: Int, _ arguments: [String]) async throws -> Ended {
    try await run("xylemctl", arguments + ["--socket", "\(chain.folder)/\(chain.codes[number]).sock", "--lang", "en"])
  }

  private func until(_ what: String, _ body: () async throws -> Bool) async throws {
    for _ in 0..<400 {
      if (try? await body()) ?? false { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("not reached: \(what)")
  }

  @Test("downward: a notice reaches three levels, is read, counted, recalled; a daemon killed meanwhile loses nothing")
  func notices() async throws {
    try await withFolder { folder in
      let chain = try await Chain(folder, [("033", "市委"), ("033001", "海曙区委"), ("033001002", "街道工委")])
      for number in 0..<3 { try await chain.start(number) }
      try await until("everybody is linked") {
        let rows = try await chain.client(0).tree().nodes.map(\.code)
        return rows.count == 3
      }
      let dry = try await ctl(chain, 0, ["notice", "send", "年报", "--under", "033", "--dry-run"])
      #expect(dry.status == 0 && dry.text.contains("2 nodes"), "\(dry.text)")
      let sent = try await chain.client(0).sendNotice(
        NoticeRequest(title: "年报截止", text: "12 月 20 日前报送", under: "033"))
      let id = try #require(sent.notices.first?.id)
      #expect(sent.meant == 2)
      await chain.end(1, SIGKILL)
      try await chain.start(1)
      try await until("both have it") { try await chain.client(0).notice(id).notices.first?.delivered == 2 }
      let read = try await ctl(chain, 2, ["notice", "read", id])
      #expect(read.status == 0 && read.text.contains("12 月 20 日前报送") && read.text.contains("033"), "\(read.text)")
      try await until("the top knows that it was read") {
        try await chain.client(0).notice(id).notices.first?.readCount == 1
      }
      let receipts = try await ctl(chain, 0, ["notice", "receipts", id, "-o", "csv"])
      #expect(receipts.text.contains("033001,2,2,1"), "\(receipts.text)")
      let refused = try await ctl(chain, 2, ["notice", "recall", id])
      #expect(refused.status == 6 && refused.text.contains("XYL-LNK-0031"), "\(refused.text)")
      let recalled = try await ctl(chain, 0, ["notice", "recall", id])
      #expect(recalled.status == 0, "\(recalled.text)")
      try await until("it is gone below") { try await chain.client(2).notices().notices.first?.recalled == true }
      #expect(try await chain.client(2).notices().notices.first?.text == nil)
      let late = try await ctl(chain, 2, ["notice", "read", id])
      #expect(late.status == 3, "\(late.text)")
      for number in 0..<3 { await chain.end(number, SIGTERM) }
    }
  }

  private static func applicants(_ path: String, _ numbers: Range<Int>, org: String) throws -> [String] {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    var cards: [String] = []
    var lines = [
      "applicant_name,id_card,sex,birth_date,nation,edu_code,job_code,org_code,apply_date,is_league_member,stage,talk_date"
    ]
    for number in numbers {
      let digits = "33020319800102" + String(1000 + number).dropFirst()
      let sum = zip(digits, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
      cards.append(digits + String(Array("10X98765432")[sum % 11]))
      let sex = number % 2 == 0 ? "2" : "1"
      lines.append("张伟\(number),\(cards.last!),\(sex),1980-01-02,01,21,2,\(org),2004-05-06,否,10,2004-05-16")
    }
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return cards
  }

  @Test("downward: a record moves to a sibling's domain while its target is down, and counts once at every level")
  func handover() async throws {
    try await withFolder { folder in
      let chain = try await Chain(
        folder, [("033", "市委"), ("033001", "海曙区委"), ("033002", "江东区委")], under: [0, 0, 0])
      for number in 0..<3 { try await chain.start(number) }
      let cards = try DownwardTests.applicants("\(folder)/a.csv", 0..<5, org: "033001")
      let loaded = try await ctl(chain, 1, ["import", "applicant", "\(folder)/a.csv", "--wait", "root", "-q"])
      #expect(loaded.status == 0, "\(loaded.text)")
      func rows(_ number: Int) async throws -> Int {
        try await chain.client(number).status().rows.first { $0.entity == "applicant" }?.rows ?? 0
      }
      // The directory brings the sibling's orgs down.
      try await until("the source knows the target's org") {
        try await ctl(chain, 1, ["handover", "start", "applicant", cards[0], "--to", "033002", "--dry-run"]).status == 0
      }
      let unknown = try await ctl(chain, 1, ["handover", "start", "applicant", cards[0], "--to", "099"])
      #expect(unknown.text.contains("XYL-NOD-0005"), "\(unknown.text)")
      await chain.end(2, SIGKILL)
      let begun = try await ctl(chain, 1, ["handover", "start", "applicant", cards[0], "--to", "033002"])
      #expect(begun.status == 0, "\(begun.text)")
      let id = try #require(try await chain.client(1).handovers().handovers.first?.id)
      try await until("the arbiter has asked") {
        try await chain.client(0).handovers().handovers.first?.arbiterState == "offered"
      }
      let again = try await ctl(chain, 1, ["handover", "start", "applicant", cards[0], "--to", "033002"])
      #expect(again.text.contains("XYL-NOD-0013"), "\(again.text)")
      #expect(try await rows(0) == 5)
      try await chain.start(2)
      try await until("it is over everywhere") {
        for number in 0..<3 where try await !chain.client(number).handovers().handovers.isEmpty { return false }
        return true
      }
      #expect(try await rows(0) == 5)
      #expect(try await rows(1) == 4)
      #expect(try await rows(2) == 1)
      let there = try await ctl(chain, 2, ["get", "applicant", cards[0], "-o", "csv"])
      #expect(there.status == 0 && there.text.contains("张伟0"), "\(there.text)")
      let here = try await ctl(chain, 1, ["get", "applicant", cards[0]])
      #expect(here.status == 3, "\(here.text)")
      let shown = try await ctl(chain, 0, ["handover", "show", id, "-o", "json"])
      #expect(shown.text.contains("released") && shown.text.contains("inserted"), "\(shown.text)")
      let late = try await ctl(chain, 1, ["handover", "void", id])
      #expect(late.text.contains("XYL-NOD-0020"), "\(late.text)")
      for number in 0..<3 { await chain.end(number, SIGTERM) }
    }
  }
}
