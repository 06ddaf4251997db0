import AdminAPI
import AdminProtocol
import Messages
import Synchronization

extension FakeBackend {
  func sql(_ request: SQLRequest) async throws -> SQLRowStream {
    if request.sql == "refused" { throw Failure(.sqlNotAllowed, ["action": "writing", "action.zh": "写入"]) }
    let rows: [[SQLCell]] = [
      [.text("欧阳𬭬"), .integer(9_007_199_254_740_993), .real(12.34), .null],
      [.text("\u{1}\"\\\u{FEFF}\n"), .integer(-1), .real(1), .text("")],
    ]
    let left = Mutex<[[[SQLCell]]]>([rows, []])
    let fails = request.sql == "late"
    let head = SQLHeadResponse(
      columns: [
        .init(name: "name", type: "TEXT"), .init(name: "n", type: "INTEGER"), .init(name: "x", type: nil),
        .init(name: "name", type: nil),
      ], applied: 7, plan: ["SCAN t"])
    return SQLRowStream(head: head) {
      let next = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if next == nil, fails { throw Failure(.sqlRows, ["maximum": "2"]) }
      return next
    }
  }

  func export() async throws -> SQLExportStream {
    func head(_ table: String, _ names: [String]) -> SQLExportStream.Piece {
      var head = SQLHeadResponse(columns: names.map { .init(name: $0, type: "TEXT") }, applied: 7, plan: [])
      head.table = table
      return .head(head)
    }
    let pieces = Mutex<[SQLExportStream.Piece]>([
      head("xylem_columns", ["table_name", "column_name", "code_table"]),
      .rows([[.text("member"), .text("sex"), .text("SEX")], [.text("member"), .text("name"), .null]]),
      head("codes", ["code_table", "code", "label_zh"]), .rows([[.text("SEX"), .text("2"), .text("女")]]),
      head("member", ["name", "sex", "_id"]), .rows([[.text("O'Hara"), .text("2"), .text("7-1")]]),
    ])
    return SQLExportStream { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
  }
}
