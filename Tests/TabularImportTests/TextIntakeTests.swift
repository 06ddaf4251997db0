import Messages
import Primitives
import Testing

@testable import TabularImport

/// Knows the GB18030 bytes of one character, 王 (CD F5), and ASCII: enough to see where bytes go.
private final class OneCharacterDecoder: TextDecoder {
  private var rest: Bytes = []
  private(set) var replacements = 0

  func decode(_ chunk: Bytes, isLast: Bool) -> Bytes {
    let input = rest + chunk
    rest = []
    var output: Bytes = []
    var index = 0
    while index < input.count {
      if input[index] < 0x80 {
        output.append(input[index])
        index += 1
      } else if input[index] == 0xCD, index + 1 == input.count, !isLast {
        rest = [0xCD]
        index += 1
      } else if input[index] == 0xCD, index + 1 < input.count, input[index + 1] == 0xF5 {
        output += Bytes("王".utf8)
        index += 2
      } else {
        output += Bytes("\u{FFFD}".utf8)
        replacements += 1
        index += 1
      }
    }
    return output
  }
}

private func gb(_ text: String) -> Bytes {
  text.unicodeScalars.flatMap { $0 == "王" ? [0xCD, 0xF5] : Bytes(String($0).utf8) }
}

private func text(_ bytes: Bytes, chunk: Int) -> (text: String, encoding: TextEncoding?)? {
  var intake = TextIntake { encoding in encoding == .gb18030 ? OneCharacterDecoder() : nil }
  var output: Bytes = []
  for start in stride(from: 0, to: bytes.count, by: chunk) {
    guard case .text(let text) = intake.take(Bytes(bytes[start..<min(start + chunk, bytes.count)])) else { return nil }
    output += text
  }
  guard case .text(let last) = intake.finish() else { return nil }
  return (String(decoding: output + last, as: UTF8.self), intake.encoding)
}

@Suite struct TextIntakeTests {
  @Test("encoding: a byte order mark decides and goes (chunks)", arguments: [1, 2, 1000])
  func mark(chunk: Int) {
    #expect(text([0xEF, 0xBB, 0xBF] + Bytes("王".utf8), chunk: chunk)?.text == "王")
    #expect(text([0xFF, 0xFE, 0x41, 0x00], chunk: chunk) == nil, "no decoder for UTF-16 here")
    #expect(text([], chunk: chunk)?.text == "")
  }

  @Test("encoding: UTF-8 unless the beginning is not, then GB18030 (chunks)", arguments: [1, 3, 1000, 100_000])
  func sniff(chunk: Int) {
    let line = "王,a\n"
    let many = String(repeating: line, count: 30_000)
    let utf8 = text(Bytes(many.utf8), chunk: chunk)
    #expect(utf8?.text == many && utf8?.encoding == .utf8)
    let foreign = text(gb(many), chunk: chunk)
    #expect(foreign?.text == many && foreign?.encoding == .gb18030)
    #expect(text([0x41, 0xFF, 0xFE, 0x80], chunk: chunk) == nil, "neither")
    #expect(text([0x41, 0xE7, 0x8E], chunk: chunk) == nil, "a character cut at the end of the file")
  }

  @Test("encoding: in a file of GB18030 lines and rows count as in any other")
  func lines() throws {
    let names = ["王王", "王a", "王王王"]
    let members = names.enumerated().map { MemberCells($0).with("姓名", $1) }
    // Everything but 王 must be ASCII here: columns by their English names.
    let entity = try parse("member", "").parser.entity
    let kept = MemberCells().cells.indices.filter { MemberCells().cells[$0].label != "曾用名" }
    func label(_ index: Int) -> String {
      entity.items.first { $0.label.zh == MemberCells().cells[index].label }?.name ?? ""
    }
    let header = kept.map(label).joined(separator: ",")
    let rows = members.map { member in
      kept.map { index in
        let cell = member.cells[index].cell
        return cell.unicodeScalars.allSatisfy { $0.isASCII || $0 == "王" } ? cell : index % 2 == 0 ? "王王王王" : "王王王王王"
      }.joined(separator: ",")
    }
    let bytes = gb((([header] + rows).joined(separator: "\r\n")))
    for chunk in [1, 5, 4096] {
      let imported = try parse("member", bytes, chunk: chunk) { _ in OneCharacterDecoder() }
      #expect(imported.parser.encoding == .gb18030)
      #expect(imported.rows.map(\.line) == [2, 4], "\(imported.rejects.flatMap(\.problems).map(\.reason.zh))")
      #expect(imported.rejects.map(\.line) == [3])
    }
  }

  @Test("encoding: a file in none that we read is refused as a whole; later bytes that do not fit cost their row")
  func refused() throws {
    let refused = try parse("member", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1])
    #expect(refused.rejects.map(\.failure.code) == [.importEncoding])
    var bytes = Bytes((MemberCells().header + "\r\n").utf8)
    for number in 0..<600 { bytes += Bytes(MemberCells(number).row.utf8) }
    #expect(bytes.count > TextIntake.headBytes + 10_000)
    let spoiled = Bytes(MemberCells(700).with("姓名", "王?明").row.utf8).map { $0 == 0x3F ? 0xFF : $0 }
    let imported = try parse("member", bytes + spoiled + Bytes(MemberCells(701).row.utf8), chunk: 10_000)
    #expect(imported.rows.count == 601)
    #expect(imported.rejects.map(\.failure.code) == [.importEncoding])
    #expect(imported.rejects.map(\.column) == ["姓名"])
    #expect(imported.rejects.map(\.line) == [602])
  }
}

@Suite struct KeyLedgerTests {
  @Test("ledger: knows every key it was given, against a dictionary (random keys)")
  func law() {
    var random = SeededRandom(seed: 9)
    var ledger = KeyLedger()
    var twin: [String: (line: Int, row: UInt64)] = [:]
    for line in 0..<20_000 {
      let key = "\(random.below(15_000))"
      let row = random.next() % 3
      var print = Fingerprint()
      print.add(key.utf8)
      let found = ledger.find(print.value, row: row)
      if let known = twin[key] {
        #expect(found == (known.row == row ? .same(line: known.line) : .other(line: known.line)))
      } else {
        #expect(found == .new)
        ledger.insert(print.value, row: row, line: line)
        twin[key] = (line, row)
      }
    }
  }

  @Test("fingerprint: borders between parts count")
  func borders() {
    func print(_ parts: [String]) -> (UInt64, UInt64) {
      var print = Fingerprint()
      for part in parts { print.add(part.utf8) }
      return print.value
    }
    #expect(print(["ab", "c"]) != print(["a", "bc"]))
    #expect(print(["", "a"]) != print(["a", ""]))
    #expect(print(["12345678", ""]) != print(["", "12345678"]))
    #expect(print(["\u{0}"]) != print([""]))
  }
}
