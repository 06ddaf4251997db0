import Console
import Testing

@Suite struct HumanTests {
  @Test(
    "bytes: powers of 1024, one decimal below 100",
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (42_000, "41 KiB"), (1_048_575, "1 MiB"),
      (1_503_238_553, "1.4 GiB"), (230_686_720, "220 MiB"), (Int.max, "8 EiB"), (-2048, "-2 KiB"), (Int.min, "-8 EiB"),
    ])
  func bytes(count: Int, expected: String) { #expect(Human.bytes(count) == expected) }

  @Test(
    "counts: 万 and 亿 in Chinese, k and M in English",
    arguments: [
      (9214, "9214", "9214"), (10_000, "1 万", "10 k"), (123_456, "12.3 万", "123 k"), (612_408, "61.2 万", "612 k"),
      (2_100_000, "210 万", "2.1 M"), (123_456_789, "1.2 亿", "123 M"), (99_999_999, "1 亿", "100 M"),
      (-123_456, "-12.3 万", "-123 k"),
    ])
  func approximate(count: Int, zh: String, en: String) {
    #expect(Human.approximate(count, .zh) == zh)
    #expect(Human.approximate(count, .en) == en)
  }

  @Test(
    "counts: exact ones are grouped",
    arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-88_120_455, "-88,120,455")])
  func exact(count: Int, expected: String) { #expect(Human.exact(count) == expected) }

  @Test(
    "durations: the two largest units",
    arguments: [
      (Duration.milliseconds(0), "0 ms", "0 毫秒"), (.milliseconds(340), "340 ms", "340 毫秒"),
      (.milliseconds(6290), "6.2 s", "6.2 秒"),
      (.seconds(41), "41 s", "41 秒"), (.seconds(192), "3 min 12 s", "3 分 12 秒"),
      (.seconds(18_600), "5 h 10 min", "5 小时 10 分"),
      (.seconds(86_400 * 3 + 3600 * 4), "3 d 4 h", "3 天 4 小时"), (.seconds(3600), "1 h", "1 小时"),
      (.seconds(-41), "-41 s", "-41 秒"),
    ])
  func durations(duration: Duration, en: String, zh: String) {
    #expect(Human.duration(duration, .en) == en)
    #expect(Human.duration(duration, .zh) == zh)
  }
}

@Suite struct DrawingTests {
  @Test("tree: branches end where their last child stands")
  func tree() {
    let names = ["中央", "上海", "浦东", "黄浦", "福建", "德化", "镇"]
    let prefixes = treePrefixes(depths: [0, 1, 2, 2, 1, 2, 3])
    #expect(
      zip(prefixes, names).map { $0 + $1 } == [
        "中央", "├─ 上海", "│  ├─ 浦东", "│  └─ 黄浦", "└─ 福建", "   └─ 德化", "      └─ 镇",
      ])
  }

  @Test("tree: several roots, a jump in depth, a negative depth, nothing")
  func oddTrees() {
    #expect(treePrefixes(depths: []) == [])
    #expect(treePrefixes(depths: [0, 1, 0, 1]) == ["", "└─ ", "", "└─ "])
    #expect(treePrefixes(depths: [0, 2, 1]) == ["", "│  └─ ", "└─ "])
    #expect(treePrefixes(depths: [-5, 1]) == ["", "└─ "])
  }

  @Test("sparkline: scaled, gaps are spaces, long series keep their peaks")
  func sparklines() {
    #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
    #expect(sparkline([1, nil, 1, .nan], width: 10) == "▁ ▁ ")
    #expect(sparkline([0, 0, 9, 0, 0, 0], width: 3) == "▁█▁")
    #expect(sparkline([nil, nil], width: 5) == "  ")
    #expect(sparkline([], width: 5) == "" && sparkline([1], width: 0) == "")
    #expect(sparkline([-.greatestFiniteMagnitude, .greatestFiniteMagnitude], width: 2) == "▁█")
  }
}
