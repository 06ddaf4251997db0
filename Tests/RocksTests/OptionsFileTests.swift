import Primitives
import Testing

@testable import Rocks

/// Goal: an option that RocksDB took and ignored is noticed.
@Suite("rocks options")
struct OptionsFileTests {
  private static let family = FamilyOptions("rows", writeBuffer: .mebibytes(1), bloomBitsPerKey: 10)

  /// The OPTIONS text in which everything asked for is in force.
  private static func lines() -> [String] {
    ["# comment", "[Version]", "  rocksdb_version=7.8.3", "[DBOptions]"]
      + DatabaseOptions().settings.map { "  \($0.key)=\($0.value)" }
      + ["[CFOptions \"rows\"]"] + family.settings.map { "  \($0.key)=\($0.value)" }
      + ["[TableOptions/BlockBasedTable \"rows\"]"] + family.tableSettings.map { "  \($0.key)=\($0.value)" }
  }

  private static func differences(_ lines: [String]) -> [String] {
    OptionsFile(text: lines.joined(separator: "\n")).differences(database: DatabaseOptions(), families: [family])
  }

  @Test("rocks options: nothing differs when all is in force")
  func same() { #expect(OptionsFileTests.differences(OptionsFileTests.lines()) == []) }

  @Test("rocks options: each line that is missing or changed is named")
  func different() {
    let lines = OptionsFileTests.lines()
    for index in lines.indices where lines[index].hasPrefix("  ") && !lines[index].contains("rocksdb_version") {
      var without = lines
      without.remove(at: index)
      #expect(OptionsFileTests.differences(without).count == 1)
      var changed = lines
      changed[index] += "0"
      #expect(OptionsFileTests.differences(changed).count == 1)
    }
  }

  @Test("rocks options: a line of one section does not stand for another's")
  func sections() {
    let moved = OptionsFileTests.lines().map { $0 == "[DBOptions]" ? "[CFOptions \"other\"]" : $0 }
    #expect(OptionsFileTests.differences(moved).count == DatabaseOptions().settings.count)
  }
}
