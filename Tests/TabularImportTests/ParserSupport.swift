import Catalog
import Foundation
import Messages
import Primitives

@testable import TabularImport

let today = CivilDate(days: 20_400)

/// What a whole file gave.
struct Imported {
  var rows: [ImportRow] = []
  var rejects: [RowReject] = []
  var parser: ImportParser
}

func parse(
  _ entity: String, _ bytes: Bytes, chunk size: Int = 64 << 10, looksCloselyAtEveryRow: Bool = false,
  makeDecoder: @escaping (TextEncoding) -> (any TextDecoder)? = { _ in nil }
) throws -> Imported {
  guard let entity = Catalog.bundled.entity(named: entity) else { throw MalformedBytes("an entity", at: 0) }
  var parser = ImportParser(
    entity: entity, file: "f.csv", catalog: .bundled, today: today,
    normalise: { $0.precomposedStringWithCanonicalMapping }, makeDecoder: makeDecoder)
  parser.looksCloselyAtEveryRow = looksCloselyAtEveryRow
  var imported = Imported(parser: parser)
  func drain() {
    while true {
      let (rows, rejects) = imported.parser.next(100)
      if rows.isEmpty && rejects.isEmpty { return }
      imported.rows += rows.rows
      imported.rejects += rejects
    }
  }
  for start in stride(from: 0, to: bytes.count, by: size) {
    imported.parser.feed(Bytes(bytes[start..<min(start + size, bytes.count)]))
    drain()
  }
  imported.parser.finish()
  drain()
  return imported
}

func parse(_ entity: String, _ text: String, chunk size: Int = 64 << 10) throws -> Imported {
  try parse(entity, Bytes(text.utf8), chunk: size)
}

/// A good member, cell by cell.
struct MemberCells {
  /// Label and cell, in the order of the columns.
  var cells: [(label: String, cell: String)]

  /// Different numbers give different people.
  init(_ number: Int = 0) {
    let body = "33020319800101" + String(1000 + number % 9000).suffix(3)
    let card = body + (CitizenID.checkDigit(of: body).map(String.init) ?? "")
    let sex = CitizenID.sexCode(of: Text(card))?.string ?? ""
    cells = [
      ("党员编号", "3302\(10_000_000 + number)"), ("姓名", "王小明"), ("公民身份号码", card), ("性别", sex),
      ("出生日期", "1980-01-01"), ("民族", "01"), ("工作岗位", MemberCells.job), ("所在党支部", "001002003"),
      ("进入支部日期", "2010-07-01"), ("进入支部类型", MemberCells.entryKind), ("人员类别", "1"),
      ("党籍状态", MemberCells.state), ("加入党组织日期", "2005-07-01"), ("入党类型", MemberCells.joinKind),
      ("入党介绍人一", "李四"), ("入党介绍人二", "张三"), ("转为正式党员日期", "2006-07-01"), ("现居住地", "海曙区中山路一号"),
      ("手机号码", "13800000000"), ("曾用名", ""),
    ]
  }

  private static func first(_ table: String, _ prefix: String = "") -> String {
    Catalog.bundled.codeTable(table)?.codes.first { $0.code.hasPrefix(prefix) }?.code ?? ""
  }
  private static let job = first("JOB")
  private static let entryKind = first("BRANCH_MOVE", "1")
  private static let state = first("MEMBER_STATE")
  private static let joinKind = first("JOIN_KIND")

  subscript(label: String) -> String {
    get { cells.first { $0.label == label }?.cell ?? "" }
    set { if let index = cells.firstIndex(where: { $0.label == label }) { cells[index].cell = newValue } }
  }

  var header: String { cells.map(\.label).joined(separator: ",") }
  var row: String {
    var text: Bytes = []
    CSVText.append(row: cells.map(\.cell), to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// This member with one cell changed.
  func with(_ label: String, _ cell: String) -> MemberCells {
    var changed = self
    changed[label] = cell
    return changed
  }
}

/// A file of members.
func file(_ members: [MemberCells]) -> String { MemberCells().header + "\r\n" + members.map(\.row).joined() }
