import Messages
import Primitives
import Testing

@testable import NodeConfiguration

private let head = "node: { directory: d }\n"

@Suite struct HostileTextTests {
  /// A bomb of `depth` levels, each with ten aliases of the one before.
  private func bomb(_ depth: Int) -> String {
    (0..<depth).map { level in
      level == 0
        ? "a0: &a0 [x]"
        : "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]"
    }.joined(separator: "\n")
  }

  @Test("hostile: alias bombs are refused at once, as values and as keys")
  func bombs() throws {
    let started = ContinuousClock.now
    for text in [bomb(12), bomb(12) + "\n? *a11\n: b", "{\"x\n # \": 1, y: &a [b], ? *a : c}", "a: &a [*a]"] {
      let (_, failures) = try read(head + text)
      #expect(failures.map(\.code) == [.configSyntax])
    }
    #expect(ContinuousClock.now - started < .seconds(5))
  }

  @Test("hostile: an anchor without an alias is refused too, with its place")
  func anchors() throws {
    let (_, failures) = try read(head + "log:\n  level: &x info")
    #expect(summary(failures) == ["configSyntax - 3:10"])
  }

  @Test(
    "hostile: what only looks like an anchor or alias is text",
    arguments: [
      "network: R&D", "network: R & D", "network: a*b", "network: '&x'", "# see *this or &that\nnetwork: a",
      "network: a # *b",
    ])
  func innocent(text: String) throws {
    let (config, failures) = try read(head + text)
    #expect(failures == [])
    #expect(config.network != nil)
  }

  @Test(
    "hostile: no line end, comment or quote hides an alias",
    arguments: [
      "*a", "- *a", "a: *a", "[*a]", "{*a : b}", "a: [b,*a]", "# c\u{85}a: *a", "# c\u{2028}a: *a", "# c\r*a",
      "\"x\n # \": *a", "'x\n# ' : [*a]", "a: !!str *a", "\u{FEFF}*a", "a:\t*a",
    ])
  func hidden(text: String) { #expect(AliasScan.firstAlias(in: text) != nil) }

  @Test("hostile: deep nesting is refused, not followed", arguments: ["[", "{a: ", "- ", "? "])
  func nesting(opening: String) throws {
    let text = String(repeating: opening, count: 100_000)
    let (_, failures) = try read(text)
    #expect(failures.map(\.code) == [.configSyntax])
  }

  @Test("hostile: a report stays short, however many keys are wrong")
  func manyKeys() throws {
    let text = (0..<20_000).map { "zz\($0): a" }.joined(separator: "\n")
    let (_, failures) = try read(head + text)
    #expect(failures.count == 100)
  }

  @Test("hostile: a control character is a syntax error with its place")
  func control() throws {
    let (_, failures) = try read(head + "network: a\u{1}b")
    #expect(summary(failures) == ["configSyntax - 2:11"])
  }

  @Test("hostile: whatever bytes a file holds, reading ends with a configuration or with reasons", arguments: 0..<20)
  func noise(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let parts =
      Array("nodelinkg.: \n-[]{}\"'#&*?|>!%@`,0123\t~").map(String.init) + ["node:", "\n  ", "network", "&a ", "*a "]
    for _ in 0..<50 {
      let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        parts[Int.random(in: 0..<parts.count, using: &random)]
      }.joined()
      let (config, failures) = try read(text)
      #expect(!config.directory.isEmpty || !failures.isEmpty, "\(text)")
    }
  }
}
