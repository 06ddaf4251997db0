import AdminClient
import AdminProtocol
import Console
import Messages

/// Compares the nodes below with their copies here, one after the other, and shows what differs.
struct VerifyBelow {
  let node: String?
  /// `no`, `plan` or `repair`.
  let repair: String
  let session: Session

  /// What programs get: every answer as it came.
  private struct Report: Encodable {
    let schema = "xylemctl/verification/v1"
    let nodes: [CompareResponse]
  }

  /// Records shown to people; programs get all.
  private static let recordsShown = 50

  func run(_ client: AdminClient) async throws(Failure) -> ExitStatus {
    let codes = try await targets(client)
    let bar = session.output.progress(
      session.text("比对", "comparing"), total: codes.count, unit: .items(Phrase("节点", "nodes")))
    var answers: [CompareResponse] = []
    for code in codes {
      answers.append(try await client.compare(CompareRequest(node: code, repair: repair)))
      bar.advance(to: answers.count)
    }
    bar.finish()
    if session.format == .json || session.format == .jsonl {
      try session.output.data(String(decoding: try StrictJSON.encode(Report(nodes: answers)), as: UTF8.self) + "\n")
    } else {
      try session.show(table(answers))
      if session.format == .table { try showRecords(answers) }
    }
    return say(answers)
  }

  /// The codes of the nodes meant, in tree order.
  private func targets(_ client: AdminClient) async throws(Failure) -> [String] {
    let nodes = try await client.tree().nodes
    guard let node else { return nodes.filter { $0.depth > 0 }.map(\.code) }
    guard let top = nodes.firstIndex(where: { $0.code == node }), nodes[top].depth > 0 else {
      throw Failure(.nodeUnknownOrg, ["org": node])
    }
    let below = nodes[(top + 1)...].prefix { $0.depth > nodes[top].depth }
    return [node] + below.map(\.code)
  }

  private func table(_ answers: [CompareResponse]) -> Table {
    var table = Table(
      [
        Column("code", title: session.text("代码", "CODE")), Column("name", title: session.text("名称", "NAME")),
        Column("entity", title: session.text("实体", "ENTITY")),
        Column("rows_here", title: session.text("本方行数", "ROWS HERE")),
        Column("rows_at_owner", title: session.text("本源行数", "AT OWNER")),
        Column("result", title: session.text("结果", "RESULT")),
        Column("ranges", title: session.text("区段", "RANGES")),
        Column("different", title: session.text("值不同", "DIFFERENT")),
        Column("missing", title: session.text("缺少", "MISSING")),
        Column("extra", title: session.text("多余", "EXTRA")),
        Column("quarantined", title: session.text("隔离", "QUARANTINED")),
        Column("sequence", title: session.text("比对位置", "AT COMMIT")),
      ], schema: "xylemctl/verification/v1")
    for answer in answers {
      if let problem = answer.problem {
        let failure = ErrorCode(rawValue: problem.code).map { code in
          Failure(code, fields: problem.fields.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) })
        }
        let text = failure?.text(session.language).lines.first ?? problem.code
        table.append([
          .text(answer.code), .text(answer.name), .null, .null, .null, .text(problem.code, shown: text), .null, .null,
          .null, .null, .null, .null,
        ])
      }
      for line in answer.entities {
        table.append([
          .text(answer.code), .text(answer.name), .text(line.entity), number(line.rowsHere), number(line.rowsAtOwner),
          line.equal
            ? .text("equal", shown: session.text("一致", "equal"))
            : .text("different", shown: session.text("不同", "DIFFERENT")),
          .integer(line.ranges), .integer(line.different), .integer(line.missing), .integer(line.extra),
          .integer(line.quarantined), answer.sequence.map { number($0) } ?? .null,
        ])
      }
    }
    return table
  }

  private func showRecords(_ answers: [CompareResponse]) throws(Failure) {
    let records = answers.flatMap { answer in answer.records.map { (answer.code, $0) } }
    guard !records.isEmpty else { return }
    var table = Table([
      Column("code", title: session.text("代码", "CODE")), Column("entity", title: session.text("实体", "ENTITY")),
      Column("record", title: session.text("记录", "RECORD")), Column("kind", title: session.text("差异", "FOUND")),
      Column("action", title: session.text("修复", "REPAIR")),
    ])
    for (code, record) in records.prefix(VerifyBelow.recordsShown) {
      table.append([
        .text(code), .text(record.entity), .text(record.record),
        .text(record.kind, shown: kindText(record.kind)),
        record.action.map { .text($0, shown: actionText($0)) } ?? .null,
      ])
    }
    try session.show(table)
    if records.count > VerifyBelow.recordsShown {
      let more = records.count - VerifyBelow.recordsShown
      session.output.say(session.text("另有 \(more) 条，见 -o json", "… \(more) more: -o json has them all"))
    }
  }

  private func kindText(_ kind: String) -> String {
    switch kind {
    case "different": session.text("值不同", "other values")
    case "missing": session.text("本方缺少", "missing here")
    case "extra": session.text("本方多余", "only here")
    default: kind
    }
  }

  private func actionText(_ action: String) -> String {
    switch action {
    case "replace": session.text("以本源的值替换", "take the owner's")
    case "insert": session.text("补入", "insert the owner's")
    case "delete": session.text("删除", "delete")
    default: action
    }
  }

  private func say(_ answers: [CompareResponse]) -> ExitStatus {
    let problems = answers.count { $0.problem != nil }
    let records = answers.reduce(0) { $0 + $1.records.count }
    let differing = answers.count { $0.problem == nil && !$0.equal }
    let done = answers.compactMap(\.repaired)
    let repaired = done.reduce(0) { $0 + $1.repaired }
    let left = records - repaired
    let equal = answers.count - problems - differing
    session.output.say(
      session.text(
        "\(answers.count) 个节点：\(equal) 个一致，\(differing) 个不同（\(records) 条记录），\(problems) 个未能比对",
        "\(answers.count) nodes: \(equal) equal, \(differing) differ in \(records) records, \(problems) not compared"))
    switch repair {
    case "plan" where records > 0:
      session.output.say(session.text("仅计划，未改动", "a plan only: nothing was changed; --repair does it"))
    case "repair" where records > 0:
      session.output.say(
        session.text("已修复 \(repaired) 条，余 \(left) 条", "\(repaired) repaired, \(left) left: verify again"))
    default: break
    }
    if differing > 0, !(repair == "repair" && left == 0) { return .problemsFound }
    return problems > 0 ? .partlyDone : .done
  }
}
