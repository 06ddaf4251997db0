import Console
import Primitives
import Testing

@Suite struct DisplayWidthTests {
  @Test(
    "width: cells in a terminal",
    arguments: [
      ("", 0), ("abc", 3), ("张三", 4), ("𬭬", 2), ("１２３", 6), ("e\u{301}", 1), ("é", 1), ("ｱ", 1), ("한", 2),
      ("ᄒ\u{1161}\u{11AB}", 2),
      ("😀", 2), ("👍🏽", 2), ("👨\u{200D}👩\u{200D}👧", 2), ("🇨🇳", 2), ("❤", 1), ("❤\u{FE0F}", 2),
      ("中\u{200B}文", 4), ("·", 1),
      ("—", 1), ("（甲）", 6), ("\u{1B}", 0), ("a\u{AD}b", 3), ("《》", 4), ("⼀", 2), ("𠀀", 2), ("½", 1), ("☰", 2),
    ])
  func widths(text: String, expected: Int) { #expect(displayWidth(text) == expected) }

  @Test("width: the whole is the sum of its characters (1,000 random texts)")
  func sums() {
    var random = SeededRandom(seed: 3)
    let parts = ["a", "张", "𬭬", "e\u{301}", "😀", "１", " ", "—", "é"]
    for _ in 0..<1000 {
      let chosen = (0..<random.below(10)).map { _ in parts[random.below(parts.count)] }
      #expect(displayWidth(chosen.joined()) == chosen.reduce(0) { $0 + displayWidth($1) })
    }
  }

  @Test("width: a cut text fits, keeps a beginning, and is cut only when it must be (1,000 random texts)")
  func truncation() {
    var random = SeededRandom(seed: 5)
    let parts = ["a", "张", "𬭬", "e\u{301}", "😀", "１"]
    for _ in 0..<1000 {
      let text = (0..<random.below(10)).map { _ in parts[random.below(parts.count)] }.joined()
      let width = random.below(12)
      let cut = truncated(text, to: width)
      #expect(displayWidth(cut) <= width)
      if displayWidth(text) <= width {
        #expect(cut == text)
      } else if width > 0 {
        #expect(text.hasPrefix(cut.dropLast()))
      }
    }
    #expect(truncated("中华人民共和国", to: 7) == "中华人…")
    #expect(truncated("中华人民共和国", to: 6) == "中华…")
    #expect(truncated("abc", to: 0) == "")
  }

  @Test(
    "terminal: data cannot move the cursor or disguise itself",
    arguments: [
      ("plain 张三 👨\u{200D}👩", "plain 张三 👨\u{200D}👩"), ("a\nb\tc\rd", "a\\nb\\tc\\rd"), ("\u{1B}[2J", "\\u{1B}[2J"),
      ("\u{9B}31m", "\\u{9B}31m"), ("\u{202E}txt", "\\u{202E}txt"), ("\u{0}", "\\u{0}"), ("\u{7F}", "\\u{7F}"),
      ("a\u{2028}b", "a\\u{2028}b"), ("\r\n", "\\r\\n"),
    ])
  func escapes(text: String, expected: String) { #expect(printable(text) == expected) }
}
