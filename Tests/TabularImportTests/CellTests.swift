import Catalog
import Foundation
import Primitives
import Testing

@testable import TabularImport

private let mapper = CellMapper { $0 }

private func map(_ cell: String, _ kind: CellMapper.Kind) -> CellMapper.Outcome {
  mapper.map(Bytes(cell.utf8)[...], kind) { _ in }
}

private func value(_ cell: String, _ kind: CellMapper.Kind) -> Value? {
  if case .value(let value) = map(cell, kind) { value } else { nil }
}

private func fault(_ cell: String, _ kind: CellMapper.Kind) -> CellFault? {
  if case .fault(let fault) = map(cell, kind) { fault } else { nil }
}

@Suite struct CellTests {
  @Test(
    "dates: every unambiguous form is the same day",
    arguments: [
      "2005-09-01", "2005-9-1", "2005.9.1", "2005.09.01", "2005/09/01", "2005/9/1", "20050901", "2005年9月1日",
      "2005年09月01日", "２００５－０９－０１", "　2005-09-01 ", "'2005-09-01", "2005．9．1",
    ])
  func dates(text: String) {
    #expect(value(text, .date) == CivilDate(year: 2005, month: 9, day: 1).map { .date($0) })
  }

  @Test(
    "dates: anything else is refused with its reason",
    arguments: [
      ("2005.9", DateFault.noDay), ("2005-9", .noDay), ("2005", .noDay), ("200509", .noDay), ("2005年9月", .noDay),
      ("38596", .serial), ("05-9-1", .shortYear), ("2005-02-30", .noSuchDay), ("20051131", .noSuchDay),
      ("1900-02-29", .noSuchDay), ("2005-13-01", .noSuchDay), ("2005-00-00", .noSuchDay), ("2005-9/1", .form),
      ("2005-9-1-", .form), ("2005-9-1-1", .form), ("2005年9-1", .form), ("2005年9月1", .form), ("民国94年9月1日", .form),
      ("9/1/2005", .form), ("2005-09-01 00:00:00", .form), ("-2005-9-1", .form), ("2005--1", .form),
      ("2005-9-001", .form), ("99999999999999999999", .form), ("八月", .form), ("-", .form), ("2005年9月1日起", .form),
    ])
  func badDates(text: String, reason: DateFault) {
    #expect(fault(text, .date) == .date(reason))
  }

  @Test("dates: every day is read in every form (random days)")
  func dateLaw() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<3000 {
      let date = CivilDate(days: Int32(random.below(60_000)) - 20_000)
      let (year, month, day) = date.components
      let forms = ["\(date)", "\(year).\(month).\(day)", "\(year)/\(month)/\(day)", "\(year)年\(month)月\(day)日"]
      for form in forms { #expect(value(form, .date) == .date(date)) }
    }
  }

  @Test("minutes: a date and a time of day")
  func minutes() throws {
    let day = try #require(CivilDate(year: 2005, month: 9, day: 1))
    let minute = CivilMinute(day, minute: 14 * 60 + 30)
    for text in ["2005-09-01 14:30", "2005.9.1 14:30", "2005/9/1 14：30", "2005-09-01T14:30", "2005-09-01 14:30:00"] {
      #expect(value(text, .minute) == .minute(minute), "\(text)")
    }
    #expect(value("2005-9-1 9:05", .minute) == .minute(CivilMinute(day, minute: 545)))
    for text in [
      "2005-09-01", "2005-09-01 24:00", "2005-09-01 14:60", "2005-09-01 14:30:01", "2005-09-01 14", "2005-09-01 1:2",
    ] {
      #expect(fault(text, .minute) == .date(.time), "\(text)")
    }
    #expect(fault("2005-02-30 14:30", .minute) == .date(.noSuchDay))
  }

  @Test("numbers: exact, by scale")
  func numbers() {
    func decimal(_ text: String, _ scale: Int = 2) -> Int64? {
      if case .decimal(let number)? = value(text, .number(scale: scale)) { number } else { nil }
    }
    #expect(decimal("12.34") == 1234)
    #expect(decimal("12") == 1200)
    #expect(decimal("12.5") == 1250)
    #expect(decimal("-0.01") == -1)
    #expect(decimal("+7.10") == 710)
    #expect(decimal("12.3400") == 1234)
    #expect(decimal("１２．５") == 1250)
    #expect(decimal("92233720368547758.07") == .max)
    for text in [
      "92233720368547758.08", "12.345", "1,200", "12.", ".5", "1.2.3", "1e3", "-", "--1", "12元", "0x10", "∞",
    ] {
      #expect(fault(text, .number(scale: 2)) == .number(decimals: 2), "\(text)")
    }
    #expect(value("12.0", .number(scale: 0)) == .int(12))
    #expect(value("007", .number(scale: 0)) == .int(7))
    #expect(fault("12.5", .number(scale: 0)) == .number(decimals: 0))
  }

  @Test("flags: 是 and 否 and what computers write")
  func flags() {
    for text in ["是", "1", "１", "true", "TRUE", "Yes"] { #expect(value(text, .flag) == .bool(true), "\(text)") }
    for text in ["否", "0", "false", "no", " 否　"] { #expect(value(text, .flag) == .bool(false), "\(text)") }
    for text in ["2", "有", "是的", "√", "truth"] { #expect(fault(text, .flag) == .flag, "\(text)") }
  }

  private let table = CodeTable(
    name: "T",
    codes: [
      .init(code: "01", label: Label(zh: "汉族", en: "Han")), .init(code: "02", label: Label(zh: "蒙古族", en: "Mongol")),
      .init(code: "03", label: Label(zh: "其他", en: "Other")), .init(code: "04", label: Label(zh: "其他", en: "Else")),
    ])

  @Test("codes: the code, or the label of one code only; suggestions for the rest")
  func codes() {
    let kind = CellMapper.Kind.code(SharedTable(table))
    #expect(value("01", kind) == .text("01"))
    #expect(value("０２", kind) == .text("02"))
    #expect(value("蒙古族", kind) == .text("02"))
    #expect(fault("其他", kind) != nil, "two codes have the label")
    #expect(fault("1", kind) == .code(table: "T", suggestions: ["01 汉族"]))
    #expect(fault("蒙古", kind) == .code(table: "T", suggestions: ["02 蒙古族"]))
    #expect(fault("蒙吉族", kind) == .code(table: "T", suggestions: ["02 蒙古族"]))
    let open = CodeTable(name: "R", codes: table.codes, isOpen: true)
    #expect(value("330203001", .code(SharedTable(open))) == .text("330203001"))
    #expect(fault("3.30203E+11", .code(SharedTable(open))) == .scientific)
    #expect(fault("海曙", .code(SharedTable(open))) != nil)
  }

  @Test("citizen ids: repaired without loss, or refused")
  func citizens() {
    let kind = CellMapper.Kind.identifier(.citizen)
    #expect(value("11010519491231002x", kind) == .text("11010519491231002X"))
    #expect(value("'11010519491231002X", kind) == .text("11010519491231002X"))
    #expect(value("１１０１０５１９４９１２３１００２Ｘ", kind) == .text("11010519491231002X"))
    #expect(value("110105 19491231 002X", kind) == .text("11010519491231002X"))
    #expect(value("110105491231002", kind) == .text("11010519491231002X"))
    for text in ["3.30212E+17", "3.30212e+17", "3E+17", "330212E+12"] { #expect(fault(text, kind) == .scientific) }
    var repairs: [CellMapper.Repair] = []
    _ = mapper.map(Bytes("110105491231002".utf8)[...], kind) { repairs.append($0) }
    #expect(repairs == [.fifteenDigits])
  }

  @Test("text: blanks off, order kept, what nobody sees refused")
  func texts() {
    #expect(value(" \u{3000}\u{FEFF}张 三\u{A0}\t", .text) == .text("张 三"))
    #expect(value("　", .text) == .null)
    #expect(value("（Ａ）", .text) == .text("（Ａ）"), "full-width signs are part of names")
    for scalar in ["\u{200B}", "\u{202E}", "\u{FFFD}", "\u{2066}", "\u{85}", "\u{2028}", "\u{E0041}"] {
      #expect(fault("张\(scalar)三", .text) != nil, "\(scalar.unicodeScalars)")
    }
    #expect(value("👩\u{200D}🚀", .text) == .text("👩\u{200D}🚀"))
    #expect(value("'=1+1", .text) == .text("=1+1"))
    #expect(value("'张", .text) == .text("'张"))
  }

  @Test("text: the fast way and the normaliser agree on what is in NFC")
  func normalisation() {
    // Everything that the fast way lets through must be its own NFC, alone and behind any other such character.
    let probes = (0x20..<0x30000).compactMap { Unicode.Scalar($0) }.filter { CellScalars.isPlain(String($0)) }
    #expect(probes.count > 40_000)
    var joined = ""
    for scalar in probes { joined.unicodeScalars.append(scalar) }
    #expect(joined.precomposedStringWithCanonicalMapping.utf8.elementsEqual(joined.utf8))
    #expect(!CellScalars.isPlain("e\u{301}"))
    #expect(!CellScalars.isPlain("か\u{3099}"))
    #expect(!CellScalars.isPlain("\u{F900}"))
  }
}
