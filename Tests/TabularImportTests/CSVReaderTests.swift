import Foundation
import Primitives
import Testing

@testable import TabularImport

@Suite struct CSVReaderTests {
  @Test("csv: what is written is read, in chunks of any size", arguments: [1, 2, 3, 4, 5, 6, 7, 64, 4096])
  func roundTrip(chunk: Int) {
    var random = SeededRandom(seed: UInt64(chunk))
    let pieces = ["", "a", ",", "\"", "\"\"", "\n", "\r\n", "\t", " ", "中文", "𬭬", "é", "x,y", "'=1"]
    for _ in 0..<60 {
      let columns = 1 + random.below(5)
      let table = (0..<1 + random.below(12)).map { _ in
        (0..<columns).map { _ in (0..<random.below(6)).map { _ in pieces[random.below(pieces.count)] }.joined() }
      }
      var text: Bytes = []
      for row in table { CSVText.append(row: row, to: &text) }
      let rows = read(text, chunk: chunk, columns: columns)
      #expect(rows.map(\.cells) == table)
      #expect(rows.allSatisfy { $0.fault == nil })
    }
  }

  @Test("csv: rows, faults and lines do not depend on the chunks (random bytes)", arguments: 0..<40)
  func chunks(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let alphabet = Bytes("ab,,\"\"\n\n\r\t".utf8) + [0x00, 0x80, 0xE4, 0xB8, 0xAD]
    let bytes = (0..<400).map { _ in alphabet[random.below(alphabet.count)] }
    let columns = random.chance(permille: 500) ? 2 : nil
    let whole = read(bytes, columns: columns)
    for size in 1...7 { #expect(read(bytes, chunk: size, columns: columns) == whole) }
    // Each line feed and each byte is accounted for: lines ascend and none is read twice.
    for (one, other) in zip(whole, whole.dropFirst()) { #expect(one.line < other.line) }
  }

  @Test("csv: line ends, empty lines, the last line and empty cells")
  func shapes() {
    #expect(read("a,b\r\n\r\nc,\n\n\n,d").map(\.cells) == [["a", "b"], ["c", ""], ["", "d"]])
    #expect(read("a,b\r\n\r\nc,\n\n\n,d").map(\.line) == [1, 3, 6])
    #expect(read("a\r").map(\.cells) == [["a"]])
    #expect(read("\"\"\n\"a\"").map(\.cells) == [[""], ["a"]])
    #expect(read("\"a\r\nb\",c\nd,e").map(\.line) == [1, 3])
    #expect(read("").isEmpty)
    #expect(read("\n\r\n\n").isEmpty)
  }

  @Test("csv: each fault costs one line and is named")
  func faults() {
    func faults(_ text: String) -> [[String]: RowFault] {
      var found: [[String]: RowFault] = [:]
      for row in read("h,i\n" + text + "\ny,z", columns: 2) { if let fault = row.fault { found[[row.raw]] = fault } }
      #expect(read("h,i\n" + text + "\ny,z", columns: 2).last?.cells == ["y", "z"], "reading goes on behind \(text)")
      return found
    }
    #expect(faults("a") == [["a"]: .ragged(cells: 1, expected: 2)])
    #expect(faults("a,b,c") == [["a,b,c"]: .ragged(cells: 3, expected: 2)])
    #expect(faults("a\"b\",c") == [["a\"b\",c"]: .strayQuote])
    #expect(faults("\"a\"b,c") == [["\"a\"b,c"]: .strayQuote])
    #expect(faults("\"a,b") == [["\"a,b"]: .openQuote])
    #expect(faults("a\u{0},b") == [["a\u{0},b"]: .control(0)])
    #expect(faults("a\u{7F},b") == [["a\u{7F},b"]: .control(0x7F)])
    #expect(faults("a\rb,c") == [["a\rb,c"]: .control(0x0D)])
    let invalid = read(Bytes("h,i\n".utf8) + [0x61, 0x2C, 0xFF, 0x0A] + Bytes("y,z".utf8), columns: 2)
    #expect(invalid.map(\.fault) == [nil, .notUTF8, nil])
  }

  @Test("csv: a forgotten quote costs its own line, whatever comes behind it")
  func recovery() {
    let rows = read("h,i\n\"a,b\nc,d\n\"e\nf\",g\nh,\"i\"\nj,k\n", columns: 2)
    #expect(rows.map(\.line) == [1, 2, 3, 4, 6, 7])
    #expect(rows.map(\.fault) == [nil, .openQuote, nil, nil, nil, nil])
    #expect(rows[3].cells == ["e\nf", "g"])
    // A control character does not put the row's borders in doubt: both of its lines go.
    let control = read("h,i\n\"a\n\u{1}\",b\nc,d\n", columns: 2)
    #expect(control.map(\.line) == [1, 2, 4])
    // In a row of several lines that has too few cells, the lines behind the first are looked at again.
    let ragged = read("h,i\n\"a\nb\"\nc,d\n", columns: 2)
    #expect(ragged.map(\.line) == [1, 2, 3, 4])
    #expect(ragged.map { $0.fault == nil } == [true, false, false, true])
  }

  @Test("csv: a quote open at the limit of a row costs one line (chunks)", arguments: [1000, 65_536, 4 << 20])
  func openAtLimit(chunk: Int) {
    let filler = String(repeating: "some,thing\n", count: 120_000)
    let rows = read("h,i\n\"a,b\n" + filler, chunk: chunk, columns: 2)
    #expect(rows.count == 120_002)
    #expect(rows[1].fault == .openQuote)
    #expect(rows[1].raw == "\"a,b")
    #expect(rows.filter { $0.fault != nil }.count == 1)
    #expect(rows.last?.line == 120_002)
  }

  @Test("csv: fields at the limit pass, one byte more is one bad row")
  func fieldLimit() {
    let field = String(repeating: "x", count: CSVReader.fieldBytesMax)
    let rows = read("h,i\n\(field),a\n\(field)x,b\n\"\(field)\",c\n\"\(field)x\",d\ne,f", chunk: 50_000, columns: 2)
    #expect(rows.map(\.fault) == [nil, nil, .tooLong, nil, .tooLong, nil])
    #expect(rows.map(\.line) == [1, 2, 3, 4, 5, 6])
  }

  @Test("csv: a line of 10 MB is one bad row, in flat memory", arguments: ["", "\""])
  func hugeLine(quote: String) {
    var reader = CSVReader()
    var row = CSVRow()
    var rows: [(line: Int, fault: RowFault?, raw: Int)] = []
    var buffered = 0
    func feed(_ text: String) {
      reader.feed(Bytes(text.utf8))
      while reader.next(into: &row) { rows.append((row.line, row.fault, row.rawCount)) }
      buffered = max(buffered, reader.bufferedBytes)
    }
    feed("a,b\n" + quote)
    let chunk = String(repeating: "0123456789abcdef", count: 4096)
    for _ in 0..<160 { feed(chunk) }
    feed(quote + ",x\nc,d\n")
    reader.finish()
    #expect(rows.map(\.line) == [1, 2, 3])
    #expect(rows.map(\.fault) == [nil, .tooLong, nil])
    #expect(rows[1].raw == CSVReader.keptBytesMax)
    #expect(buffered <= CSVReader.rowBytesMax + 2 * chunk.utf8.count)
  }

  @Test("csv: bytes of chance are read without harm, and every byte of a line is told once", arguments: 0..<20)
  func hostile(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bytes = (0..<5000).map { _ in random.chance(permille: 300) ? 0x22 : UInt8(random.below(256)) }
    let lineFeeds = bytes.count { $0 == 0x0A }
    let rows = read(bytes, chunk: 1 + random.below(100), columns: 3)
    #expect(rows.count <= lineFeeds + 1)
  }
}

/// The files of the csv-spectrum project, where somebody put them: `XYLEM_SUITES` names the folder of suites.
private let spectrum = suiteFolder("csv-spectrum")

func suiteFolder(_ name: String) -> String? {
  let environment = ProcessInfo.processInfo.environment["XYLEM_SUITES"].map { "\($0)/\(name)" }
  let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
  let beside = here.deletingLastPathComponent().appendingPathComponent("../../../shared/suites/\(name)").standardized
    .path
  return [environment, beside].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
}

@Suite struct CSVSpectrumTests {
  @Test("csv-spectrum: every file gives what its JSON says", .enabled(if: spectrum != nil, "not run: no csv-spectrum"))
  func files() throws {
    let folder = try #require(spectrum)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/csvs").sorted()
    #expect(names.count >= 12)
    for name in names {
      let bytes = Bytes(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/csvs/\(name)")))
      let rows = read(bytes, chunk: 3)
      if name == "location_coordinates.csv" {
        // Quotes inside plain fields, which RFC 4180 forbids, around degree signs that a conversion lost: refused.
        #expect(rows.map(\.fault) == [nil, .strayQuote], "\(name)")
        continue
      }
      let json = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/json/\(name.dropLast(4)).json"))
      let expected = try #require(JSONSerialization.jsonObject(with: json) as? [[String: String]])
      let header = try #require(rows.first?.cells)
      let found = rows.dropFirst().map { Dictionary(zip(header, $0.cells)) { first, _ in first } }
      #expect(found == expected, "\(name)")
    }
  }
}
