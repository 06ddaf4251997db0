import Primitives
import Testing

@testable import Catalog

@Suite struct CatalogFormatTests {
  @Test("format: the same text gives the same bytes, and bytes give back the catalog they came from")
  func roundTrip() throws {
    let first = try Catalog.load(parts: BundledCatalog.parts).canonicalBytes
    let second = try Catalog.load(parts: BundledCatalog.parts).canonicalBytes
    #expect(first == second)
    let decoded = try Catalog(canonicalBytes: first)
    #expect(decoded.canonicalBytes == first)
    #expect(decoded.entities.map(\.declaredRules.count) == Catalog.bundled.entities.map(\.declaredRules.count))
    #expect(decoded.codeTable("EDU")?.codes == Catalog.bundled.codeTable("EDU")?.codes)
  }

  @Test("format: the order of entities and tables in the text does not show in the bytes")
  func orderOfParts() throws {
    let reversed = try Catalog.load(parts: BundledCatalog.parts.filter { $0.name != "codesTownship" }.reversed())
    let forward = try Catalog.load(parts: BundledCatalog.parts.filter { $0.name != "codesTownship" })
    #expect(reversed.canonicalBytes == forward.canonicalBytes)
  }

  @Test("format: golden bytes of a small catalog, version 1")
  func golden() throws {
    let text = """
      codes C open
        1 一 | One
      entity org 1 组 | Org
        key code
        item code text required A 码 | Code
          refuse len(code) > 0 | 空 | Empty
      """
    let bytes = try Catalog.load(text: text).canonicalBytes
    #expect(
      bytes.hex == """
        585943540001010143010101310\
        3e4b880034f6e65010\
        1036f726703e7bb84034f72670000010104636f64650000000104636f646503e7a08104436f64650474657874010101000\
        10d6c656e28636f646529203e20300200\
        03e7a9ba05456d70747900
        """)
  }

  @Test("format: every truncation and 3,000 random changes are refused or read, never trapped on")
  func hostile() throws {
    let bytes = try Catalog.load(text: sample).canonicalBytes
    for count in 0..<bytes.count {
      #expect(throws: CatalogBytesError.self) { try Catalog(canonicalBytes: Bytes(bytes[0..<count])) }
    }
    #expect(throws: CatalogBytesError.self) { try Catalog(canonicalBytes: bytes + [0]) }
    var random = SeededRandom(seed: 7)
    var accepted = 0
    for _ in 0..<3000 {
      var changed = bytes
      for _ in 0..<1 + random.below(3) { changed[random.below(changed.count)] = UInt8(random.below(256)) }
      guard let catalog = try? Catalog(canonicalBytes: changed) else { continue }
      accepted += 1
      #expect(catalog.canonicalBytes == changed, "accepted bytes are canonical")
    }
    #expect(accepted > 0)
  }

  @Test("format: a version that we do not know is told apart from broken bytes")
  func versions() throws {
    var bytes = try Catalog.load(text: sample).canonicalBytes
    bytes[5] = 2
    #expect(throws: CatalogBytesError.unknownVersion(2)) { try Catalog(canonicalBytes: bytes) }
  }

  @Test(
    "text: the error names line and column (line to change, replacement, line, column)",
    arguments: [
      ("  1 红 | Red", "  1 红", 2, 1), ("  1 红 | Red", "   1 红 | Red", 2, 1),
      ("codes PLACE open", "codes PLACE shut", 6, 13),
      ("codes COLOUR", "codes colour", 1, 7), ("  21 深蓝 | Dark blue", "  1 深蓝 | Dark blue", 1, 7),
      ("entity person 3 人员 | Person", "entity person 0 人员 | Person", 13, 8),
      ("entity person 3 人员 | Person", "entity person 1 人员 | Person", 13, 8),
      ("  owner home", "  owner birth", 14, 9), ("  owner home", "  owner nobody", 14, 9), ("  owner home", "", 13, 8),
      ("  key card", "  key age", 15, 7), ("  index 1 born birth card", "  index 0 born birth card", 16, 11),
      ("  relation study child course where best", "  relation study child course where level", 17, 37),
      ("  relation study child course where best", "  relation study child org where best", 17, 24),
      ("  alias born birth", "  alias card birth", 18, 9), ("  alias born birth", "  alias and birth", 18, 9),
      ("  item a int optional B 甲 | A", "  item a real optional B 甲 | A", 23, 10),
      ("  item a int optional B 甲 | A", "  item a int maybe B 甲 | A", 23, 14),
      ("  item a int optional B 甲 | A", "  item a int optional E 甲 | A", 23, 23),
      ("  item a int optional B 甲 | A", "  item a int conditional B 甲 | A", 23, 14),
      ("  item a int optional B 甲 | A", "  item b int optional B 甲 | A", 24, 8),
      ("  item colour code:COLOUR optional B 色 | Colour", "  item colour code:NONE optional B 色 | Colour", 31, 15),
      ("    derived age(birth, today)", "    derived age(birth, card)", 36, 24),
      ("    derived age(birth, today)", "    derived decade", 36, 13),
      ("    derived age(birth, today)", "    refuse from 2005-13-01 a > 1 | 一 | One", 36, 17),
      ("    derived age(birth, today)", "    warn a > 'x' | 一 | One", 36, 14),
      ("    derived age(birth, today)", "    warn a > 1 | 一", 36, 1),
      ("    derived age(birth, today)", "    later never | One", 36, 11),
      ("  parent person", "  parent course", 42, 10), ("  parent person", "  parents person", 42, 3),
      ("    derived age * 10", "    derived age * 10\n  item  ", 39, 9),
    ])
  func textErrors(line: String, replacement: String, number: Int, column: Int) throws {
    let changed = sample.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0 == line ? replacement : String($0) }.joined(separator: "\n")
    #expect(changed != sample, "nothing was changed")
    do {
      _ = try Catalog.load(text: changed)
      Issue.record("accepted: \(replacement)")
    } catch {
      #expect("\(error.line):\(error.column)" == "\(number):\(column)", "\(replacement): \(error)")
    }
  }

  @Test("text: derivations that go round in a circle are refused")
  func circle() {
    let text = sample.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0 == "    derived age(birth, today)" ? "    derived decade + decade" : String($0) }.joined(
        separator: "\n")
    #expect(throws: CatalogError.self) { try Catalog.load(text: text) }
  }
}
