import Catalog
import Primitives
import Testing

@testable import TabularImport

// Rows without a word to say about them are gathered straight from bytes; all others go through the mapper. Whatever a
// cell holds, both ways must come to the same: rows, rejects, warnings, and what counts as told twice.

@Suite struct GathererTests {
  /// Cells that clerks and spreadsheets leave behind, good and bad ones.
  private static let oddities = [
    "", " ", "　", "\u{FEFF}张三", " 张三 ", "张三·李四", "(张)", "（张）", "'0123", "'=1+1", "ｱ", "a\u{200B}b", "e\u{301}", "é",
    "𠮷",
    "、", "12", "012", "１２", "1.5", "-3", "1e5", "3.3E+17", "汉族", "01", "1", "是", "否", "TRUE", "2005-09-01", "2005/9/1",
    "2005.09.01", "20050901", "2005年9月1日", "2005-13-01", "2005-02-30", "05-09-01", "38596", "2005-09-01 14:30",
    "13800000000",
    "0574-87654321", "33020319800101100x", "330203800101100", "11010519491231002X", "330203 19800101 1234", "001002003",
    "001|002", "|", "1\u{7F}2", "长".padded(to: 130), "x".padded(to: 70), "王小明小明", "O'Hara", "1990-01-01", "2030-01-01",
  ]

  @Test("gathered: every odd cell in every column gives what a close look gives (members, 20 columns x 55 cells)")
  func everyCell() throws {
    var members: [MemberCells] = []
    for label in MemberCells().cells.map(\.label) {
      for cell in GathererTests.oddities { members.append(MemberCells(members.count).with(label, cell)) }
    }
    try compare("member", file(members))
  }

  @Test("gathered: several odd cells a row, and rows told twice (60 seeds)")
  func random() throws {
    for seed in 0..<60 {
      var random = SeededRandom(seed: UInt64(seed))
      var members: [MemberCells] = []
      for _ in 0..<80 {
        var cells = MemberCells(random.below(60))
        for _ in 0..<random.below(4) {
          let label = cells.cells[random.below(cells.cells.count)].label
          cells[label] = GathererTests.oddities[random.below(GathererTests.oddities.count)]
        }
        members.append(cells)
      }
      try compare("member", file(members))
    }
  }

  @Test("gathered: organisations, units and education: lists of references, parents, flags (40 seeds)")
  func others() throws {
    for (name, own) in [("org", 12), ("unit", 12), ("member_edu", 12), ("dues", 13)] {
      let found = Catalog.bundled.entity(named: name)
      let entity = try #require(found)
      let parent = entity.parent.flatMap { Catalog.bundled.entity($0)?.firstKeyItem?.label.zh }
      let labels = [parent].compactMap { $0 } + entity.items.filter { $0.derivation == nil }.map(\.label.zh)
      for seed in 0..<40 {
        var random = SeededRandom(seed: UInt64(seed * 100 + own))
        var text: Bytes = []
        CSVText.append(row: labels, to: &text)
        for _ in 0..<40 {
          let cells = labels.map { _ in
            random.chance(permille: 500) ? "" : GathererTests.oddities[random.below(GathererTests.oddities.count)]
          }
          CSVText.append(row: cells, to: &text)
        }
        try compare(name, String(decoding: text, as: UTF8.self))
      }
    }
  }

  private func compare(_ entity: String, _ text: String) throws {
    let fast = try parse(entity, Bytes(text.utf8))
    let close = try parse(entity, Bytes(text.utf8), looksCloselyAtEveryRow: true)
    #expect(fast.rows.map(\.line) == close.rows.map(\.line))
    for (row, other) in zip(fast.rows, close.rows) {
      #expect(row.values == other.values && row.parent == other.parent && row.raw == other.raw, "line \(row.line)")
      #expect(row.references.map(\.item) == other.references.map(\.item), "line \(row.line)")
      #expect(row.references.map(\.labels) == other.references.map(\.labels), "line \(row.line)")
    }
    #expect(fast.rejects.map(\.line) == close.rejects.map(\.line))
    #expect(fast.rejects.map(\.problems) == close.rejects.map(\.problems))
    #expect(fast.parser.warningCounts.map(\.name) == close.parser.warningCounts.map(\.name))
    #expect(fast.parser.warningCounts.map(\.count) == close.parser.warningCounts.map(\.count))
    #expect(fast.parser.rowsRepeated == close.parser.rowsRepeated)
    #expect(fast.parser.rowsAccepted == close.parser.rowsAccepted && fast.parser.rowsRead == close.parser.rowsRead)
  }
}

extension String {
  fileprivate func padded(to count: Int) -> String { String(repeating: self, count: count) }
}
