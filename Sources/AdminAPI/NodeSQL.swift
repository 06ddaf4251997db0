import Access
import AdminProtocol
import Formats
import Messages
import Primitives
import SQLSurface
import Synchronization
import Xylem

/// SQL over a real node.
extension NodeBackend {
  func sql(_ request: SQLRequest) async throws -> SQLRowStream {
    var limits = try limits(request)
    // Without the right to export no answer is one.
    if !scope.verbs.contains(.export) { limits.rows = min(limits.rows, Verbs.exportRowsMin - 1) }
    try await noteStatement(.query)
    // Taken before the answer: what it says of freshness is true of everything read later.
    let fresh = try await freshness(under: nil, atLeast: request.atLeast, maxAge: request.maxAge)
    let statement = SQLStatement(request.sql, (request.parameters ?? []).map(value))
    let answer = try await sql.query(statement, scope: scope, limits: limits)
    var head = headResponse(answer.head)
    head.freshness = fresh
    let rows = answer.rows
    return SQLRowStream(head: head) { try await rows.next().map { $0.map { $0.map(cell) } } }
  }

  func export() async throws -> SQLExportStream {
    let isUnmasked = !scope.reason.isEmpty
    try await node.audit([
      actor.entry(
        isUnmasked ? .unmasking : .query, detail: Text(isUnmasked ? "export: \(scope.reason)" : "export of every table")
      )
    ])
    let tables = SQLExport.tables(node.catalog).filter {
      node.catalog.entity(named: $0.name) == nil || scope.reads(entity: $0.name)
    }
    let answers = sql.queryAll(
      tables.map { SQLStatement($0.query) }, scope: scope, limits: SQLExport.limits)
    let next = Mutex(0)
    return SQLExportStream {
      switch try await answers.next() {
      case .head(let head):
        var named = headResponse(head)
        let table = next.withLock { next in
          defer { next += 1 }
          return next
        }
        named.table = tables[table].name
        named.plan = []
        return .head(named)
      case .rows(let rows): return .rows(rows.map { $0.map(cell) })
      case nil: return nil
      }
    }
  }

  /// Notes who asked in SQL before anything is read. The statement stays out of the log: it may name a person.
  private func noteStatement(_ act: AuditAct) async throws {
    let isUnmasked = !scope.reason.isEmpty
    let entry = actor.entry(isUnmasked ? .unmasking : act, detail: isUnmasked ? "sql: \(scope.reason)" : "sql")
    if isUnmasked { try await node.audit([entry]) } else { try await node.auditSoon([entry]) }
  }

  private func limits(_ request: SQLRequest) throws(Failure) -> SQLLimits {
    var limits = SQLLimits()
    func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws(Failure) -> Int? {
      guard let value else { return nil }
      guard range.contains(value) else {
        throw Failure(
          .apiBadParameter,
          ["parameter": name, "expected": "\(range.lowerBound)…\(range.upperBound)", "found": "\(value)"])
      }
      return value
    }
    limits.rows = try check("rows", request.rows, SQLLimits.rowsRange) ?? limits.rows
    limits.seconds = try check("seconds", request.seconds, SQLLimits.secondsRange) ?? limits.seconds
    if let memory = try check("memory", request.memory, SQLLimits.mebibytesRange) { limits.memory = .mebibytes(memory) }
    return limits
  }

  private func value(_ cell: SQLCell) -> SQLValue {
    switch cell {
    case .null: .null
    case .integer(let number): .integer(number)
    case .real(let number): .real(number)
    case .text(let text): .text(text)
    }
  }
}

private func cell(_ value: SQLValue) -> SQLCell {
  switch value {
  case .null: .null
  case .integer(let number): .integer(number)
  case .real(let number): .real(number)
  case .text(let text): .text(text)
  case .blob(let bytes): .text(bytes.hex)
  }
}

private func headResponse(_ head: SQLHead) -> SQLHeadResponse {
  SQLHeadResponse(
    columns: head.columns.map { .init(name: $0.name, type: $0.type) }, applied: head.applied, plan: head.plan)
}
