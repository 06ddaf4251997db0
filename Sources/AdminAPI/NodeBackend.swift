import Access
import AdminProtocol
import Catalog
import Engine
import Formats
import Foundation
import Messages
import Primitives
import SQLSurface
import TabularImport
import Xylem

/// The backend of a real node: node calls in, protocol types out. Every read takes the scope of the caller that was
/// admitted; before one was, it is nobody's.
struct NodeBackend: AdminBackend {
  let node: Node
  /// Who asks.
  let actor: Actor
  let sql: SQLService
  /// What the caller of this request may see and do.
  var scope: Scope { actor.scope }

  init(node: Node) {
    self.init(node: node, actor: Actor(user: nil, session: nil, scope: Authoriser.nobody), sql: SQLService(node))
  }

  private init(node: Node, actor: Actor, sql: SQLService) {
    self.node = node
    self.actor = actor
    self.sql = sql
  }

  func admit(_ caller: Caller, to route: Route) async throws -> NodeBackend {
    let reason = caller.unmaskReason.map { Text($0) }
    do {
      let actor: Actor
      if route.verb.isEmpty {
        // To log in takes nothing.
        actor = self.actor
      } else if let token = caller.token {
        actor = try await node.actor(
          token: token, for: route.verb, isForNewcomers: route.isForNewcomers, reason: reason)
      } else if caller.ownsSocket {
        actor = try await node.operatorActor(for: route.verb, reason: reason)
      } else {
        throw Failure(.accessSession, ["reason": "no token came with it", "reason.zh": "请求没有令牌"])
      }
      return NodeBackend(node: node, actor: actor, sql: sql)
    } catch let failure as Failure {
      try await node.auditRefusal(
        token: caller.token, ownsSocket: caller.ownsSocket,
        detail: Text("\(failure.code.rawValue) \(route.method) \(route.path)"))
      throw failure
    }
  }

  func refused(_ failure: Failure, route: Route) async {
    // What lies outside the scope is answered like what does not exist: both are noted.
    let isRefusal =
      failure.exitStatus == .notAllowed && failure.code != .accessLogin && failure.code != .accessCodeNeeded
      || !scope.isWhole && [.nodeRecordNotFound, .queryUnknownOrg].contains(failure.code)
    guard isRefusal else { return }
    let entry = actor.entry(.refusal, detail: Text("\(failure.code.rawValue) \(route.method) \(route.path)"))
    // The request fails either way; a node whose audit log cannot be written ends by itself.
    try? await node.audit([entry])
  }

  func version() -> VersionResponse {
    VersionResponse(
      version: Release.version, node: hex(node.identity.node.value),
      protocolVersion: Int(LinkMessage.protocolVersion), frameVersion: Int(FrameHeader.version),
      rowVersion: Int(Row.version), catalog: hex(UInt64(Engine.catalogID(node.catalog))))
  }

  func status() async throws -> StatusResponse {
    let report = try await node.report(scope: scope)
    let rows = report.rows.map { entity, rows in
      let label = node.catalog.entity(named: entity)?.label
      return StatusResponse.Rows(entity: entity, labelZH: label?.zh ?? entity, labelEN: label?.en ?? entity, rows: rows)
    }
    let identity = report.identity
    var status = StatusResponse(
      node: hex(identity.node.value), network: identity.network.string, partition: hex(identity.partition.value),
      rootOrgCode: identity.rootOrgCode.string, rootOrgName: identity.rootOrgName.string,
      parentOrgCode: identity.parentOrgCode.string, rows: rows, sequence: report.sequence,
      durableSequence: report.durableSequence, parentSequence: report.parentSequence, rootSequence: report.rootSequence,
      applied: report.applied, backlog: report.backlog, linkedToParent: report.isLinkedToParent,
      parentRefusal: report.parentRefusal, children: report.children, secondsUp: report.secondsUp,
      residentBytes: report.residentBytes)
    status.parentState = report.parentState.rawValue
    status.freshness = response(report.domains)
    status.quarantined = report.setAside.open
    status.skipped = report.setAside.skipped
    status.quarantinedAbove = report.setAside.above
    status.unknownRows = report.unknownRows
    status.catchingUp = report.admission.catchingUp
    status.waitingToCatchUp = report.admission.waiting
    status.waitingFrames = report.admission.frames
    status.heartbeatsDropped = report.heartbeatsDropped
    status.scrub = response(report.scrub)
    switch report.standing {
    case .writing: status.standing = "writing"
    case .recovering: status.standing = "recovering"
    case .opening: status.standing = "opening"
    case .fenced(let reason): (status.standing, status.standingReason) = ("fenced", reason.string)
    }
    status.isolated = report.isIsolated
    status.incarnation = Int(identity.incarnation)
    status.incidents = report.incidents.map {
      .init(
        reason: "\($0.reason)", log: "\(hex($0.log.node.value)).\($0.log.incarnation)", time: $0.time,
        detail: $0.detail.string)
    }
    status.snapshots = report.snapshots.map {
      .init(
        stage: $0.stage.rawValue, code: $0.rootOrgCode.string, done: $0.chunks.done, chunks: $0.chunks.all,
        rows: $0.rows, bytes: $0.byteCount)
    }
    status.logsBeginAt = report.bases.map { "\($0.rootOrgCode) at \($0.last)" }
    status.daysSinceProof = report.lastProof.map { Int(max(0, Date().timeIntervalSince($0)) / 86_400) }
    return status
  }

  func tree() async throws -> TreeResponse {
    TreeResponse(
      nodes: try await node.tree(scope: scope).map { row in
        var node = TreeResponse.Node(
          node: hex(row.node.value), partition: hex(row.partition.value), code: row.rootOrgCode.string,
          name: row.name.string, depth: row.depth, rows: row.rows, rowsAtOwner: row.rowsAtOwner,
          bytesSent: row.bytesSent, lag: row.lag, age: row.age, state: row.state.rawValue)
        node.freshAge = row.freshAge
        return node
      })
  }

  func verify() async throws -> VerifyResponse {
    let started = ContinuousClock.now
    let digests = try await node.digests(scope: scope).map { partition, entity, digest in
      VerifyResponse.Digest(
        partition: hex(partition.value), entity: node.catalog.entity(entity)?.name ?? "entity \(entity.value)",
        rows: digest.rows, digest: digest.hex)
    }
    return VerifyResponse(
      node: hex(node.identity.node.value), partition: hex(node.identity.partition.value), digests: digests,
      microseconds: elapsed(started))
  }

  func query(_ request: QueryRequest) async throws -> TableResponse {
    try requireEntity(request.entity)
    // Taken before the answer: what it says of freshness is true of everything read later.
    let fresh = try await freshness(under: request.under, atLeast: request.atLeast, maxAge: request.maxAge)
    var answer = try await answer(request)
    answer.freshness = fresh
    return answer
  }

  private func answer(_ request: QueryRequest) async throws -> TableResponse {
    let started = ContinuousClock.now
    var question = Question(request.entity, where: request.condition, under: request.under)
    question.with = request.with ?? []
    question.without = request.without ?? []
    question.readsRows = request.rows ?? false
    let figures = self.figures(request)
    let limit = request.limit ?? 100
    if request.count == true || request.by != nil || !figures.isEmpty {
      let by = request.count == true ? [] : request.by ?? []
      let answer = try await node.tally(question, by: by, figures: figures, scope: scope)
      try await note(answer, request)
      return table(answer, started)
    }
    let columns = request.select ?? defaultColumns(request.entity)
    guard (1...NodeBackend.rowsMax).contains(limit) else {
      throw Failure(
        .apiBadParameter, ["parameter": "limit", "expected": "1…\(NodeBackend.rowsMax)", "found": "\(limit)"])
    }
    guard limit <= Verbs.exportRowsMin || scope.verbs.contains(.export) else {
      throw Failure(.accessExport, ["limit": "\(Verbs.exportRowsMin)"])
    }
    guard let order = request.order, !order.isEmpty else {
      let answer = try await node.find(question, columns: columns, limit: limit, scope: scope)
      try await note(answer, request)
      return table(answer, started)
    }
    let sort = order.map { key in
      Question.Order(by: key.hasPrefix("-") ? String(key.dropFirst()) : key, isDescending: key.hasPrefix("-"))
    }
    let answer = try await node.find(question, columns: columns, order: sort, limit: limit, scope: scope)
    try await note(answer, request)
    return table(answer, started)
  }

  /// Sums first, then means and so on, each in the order asked for.
  private func figures(_ request: QueryRequest) -> [Question.Figure] {
    let asked: [(Question.Figure.Kind, [String]?)] = [
      (.sum, request.sum), (.mean, request.mean), (.min, request.min), (.max, request.max),
      (.distinct, request.distinct),
    ]
    return asked.flatMap { kind, texts in (texts ?? []).map { Question.Figure(kind, of: $0) } }
  }

  /// The most rows of one answer.
  private static let rowsMax = 100_000

  func table(_ answer: Answer, _ started: ContinuousClock.Instant) -> TableResponse {
    let explanation = answer.explanation
    return TableResponse(
      columns: answer.columns.enumerated().map { position, column in
        .init(
          name: column.name, labelZH: column.label.zh, labelEN: column.label.en, isNumber: isNumber(column.type),
          codes: codes(column.type, answer.rows.lazy.map { $0[position] }))
      }, rows: answer.rows.map { row in zip(row, answer.columns).map { text($0, $1.type) } },
      microseconds: elapsed(started), applied: answer.applied,
      explain: .init(
        source: explanation.source.rawValue, missing: explanation.missing, records: explanation.recordsLookedAt))
  }

  /// The codes among `values` with their meaning, sorted; nil for a column of something else.
  private func codes(_ type: ExpressionType?, _ values: some Sequence<Value>) -> [TableResponse.Code]? {
    guard case .code(let name) = type, let table = node.catalog.codeTable(name) else { return nil }
    var seen: Set<Text> = []
    for case .text(let code) in values { seen.insert(code) }
    return seen.sorted().compactMap { code in
      table.label(of: code).map { .init(code: code.string, labelZH: $0.zh, labelEN: $0.en) }
    }
  }

  func match(_ request: MatchRequest) async throws -> TableResponse {
    let started = ContinuousClock.now
    guard request.people.count <= MatchRequest.peopleMax else {
      throw Failure(.apiBadParameter, ["parameter": "people", "expected": "at most \(MatchRequest.peopleMax) people"])
    }
    let people = try request.people.map { person in
      guard let date = CivilDate(iso: person.birthDate) else {
        throw Failure(
          .apiBadParameter, ["parameter": "birthDate", "expected": "YYYY-MM-DD", "found": person.birthDate])
      }
      return (name: person.name, birthDate: date)
    }
    let fresh = try await freshness(under: nil, atLeast: nil, maxAge: nil)
    let matches = try await node.match(people, scope: scope)
    try await node.auditSoon([actor.entry(.read, detail: "match", records: matches.flatMap { $0.map(\.record) })])
    var rows: [[String?]] = []
    for (person, found) in zip(request.people, matches) {
      if found.isEmpty { rows.append([person.name, person.birthDate, nil, nil, nil]) }
      for match in found {
        rows.append([
          person.name, person.birthDate, match.branch?.code.string, match.branch?.name.string, match.record.text,
        ])
      }
    }
    var answer = TableResponse(
      columns: [
        .init(name: "name", labelZH: "姓名", labelEN: "Name"),
        .init(name: "birth_date", labelZH: "出生日期", labelEN: "Birth date"),
        .init(name: "branch_code", labelZH: "所在党支部", labelEN: "Branch"),
        .init(name: "branch_name", labelZH: "党支部名称", labelEN: "Branch name"),
        .init(name: "record", labelZH: "记录", labelEN: "Record"),
      ], rows: rows, microseconds: elapsed(started), applied: 0)
    answer.freshness = fresh
    return answer
  }

  func record(_ entity: String, _ key: String) async throws -> TableResponse {
    let started = ContinuousClock.now
    guard let found = try await node.record(entity, key: key, scope: scope) else {
      throw Failure(.nodeRecordNotFound, ["entity": entity, "record": key])
    }
    let isUnmasked = !scope.reason.isEmpty
    let entry = actor.entry(
      isUnmasked ? .unmasking : .read, count: 1, detail: isUnmasked ? scope.reason : "",
      records: found.prefix(1).map(\.key))
    if isUnmasked { try await node.audit([entry]) } else { try await node.auditSoon([entry]) }
    let rows = found.flatMap { part -> [[String?]] in
      let name = part.key.ordinal == 0 ? part.entity.name : "\(part.entity.name) \(part.key.ordinal)"
      return part.fields.map { field in
        let table: CodeTable? = if case .code(let name) = field.item.type { node.catalog.codeTable(name) } else { nil }
        var label: Label?
        if case .text(let code) = field.value { label = table?.label(of: code) }
        let value = text(field.value, field.isMasked ? .text : ExpressionType(field.item.type))
        return [name, field.item.name, field.item.label.zh, value, label?.zh]
      }
    }
    return TableResponse(
      columns: [
        .init(name: "record", labelZH: "记录", labelEN: "Record"), .init(name: "item", labelZH: "项目", labelEN: "Item"),
        .init(name: "label", labelZH: "名称", labelEN: "Label"), .init(name: "value", labelZH: "值", labelEN: "Value"),
        .init(name: "meaning", labelZH: "含义", labelEN: "Meaning"),
      ], rows: rows, microseconds: elapsed(started), applied: 0)
  }

  func requireEntity(_ name: String) throws {
    if node.catalog.entity(named: name) != nil { return }
    var fields = [Failure.Field(name: "entity", value: name)]
    if let meant = suggestion(for: name, among: node.catalog.entities.map(\.name)) {
      fields.append(.init(name: "suggestion", value: meant))
    }
    throw Failure(.queryUnknownEntity, fields: fields)
  }

  /// How long an import waits for the levels above once its rows are durable here.
  private static let waitSecondsMax = 600

  func importTable(
    _ entity: String, _ parameters: ImportParameters, body: ImportBody, tell: (ImportLine) async throws -> Void
  ) async throws -> ImportLine.Summary {
    try await node.auditAhead([
      actor.entry(.importBegun, detail: Text("\(entity)\(parameters.dryRun ? " dry run" : "")"))
    ])
    var options = ImportOptions()
    options.dryRun = parameters.dryRun
    if let rows = parameters.commitRows { options.commitRows = rows }
    options.tellsCommits = parameters.commitRows != nil
    let summary = try await node.importTable(
      entity, file: parameters.file, chunks: body, actor: scope.actor.string, scope: scope, options: options
    ) { event in
      switch event {
      case .progress(let rows, let bytes): try await tell(.progress(rows: rows, bytes: bytes))
      case .header(let raw): try await tell(.header(String(decoding: raw, as: UTF8.self)))
      case .reject(let reject): try await tell(.reject(NodeBackend.line(reject)))
      case .committed(let records, let sequence): try await tell(.commit(records: records, sequence: sequence))
      }
    }
    try await node.auditSoon([
      actor.entry(
        .importEnded, count: UInt64(summary.inserted + summary.updated),
        detail: Text("\(entity) up to commit \(summary.sequence)"))
    ])
    if summary.sequence > 0 {
      let level: Node.Level =
        switch parameters.wait {
        case .local: .local
        case .parent: .parent
        case .root: .root
        }
      try await node.wait(
        for: Node.Position(sequence: summary.sequence), level: level, seconds: NodeBackend.waitSecondsMax)
    }
    var line = ImportLine.Summary(
      inserted: summary.inserted, updated: summary.updated, unchanged: summary.unchanged, rejected: summary.rejected,
      warnings: summary.warnings, rows: summary.rows, seconds: summary.seconds, sequence: summary.sequence,
      dryRun: parameters.dryRun, children: summary.children, level: parameters.dryRun ? nil : parameters.wait.rawValue)
    if summary.sequence > 0 {
      line.token = PositionToken([.init(log: node.identity.log, last: Sequence64(summary.sequence))]).text
    }
    return line
  }

  private static func line(_ reject: RowReject) -> ImportLine.Reject {
    let reasons = reject.problems.map { problem in
      ImportLine.Reason(
        column: problem.column, value: problem.value, code: problem.code.rawValue, reasonZH: problem.reason.zh,
        reasonEN: problem.reason.en, tryZH: problem.remedy.zh, tryEN: problem.remedy.en)
    }
    return ImportLine.Reject(line: reject.line, reasons: reasons, raw: reject.raw)
  }

  // MARK: Text

  private func defaultColumns(_ entity: String) -> [String] {
    node.catalog.entity(named: entity)?.items.filter { $0.derivation == nil }.prefix(8).map(\.name) ?? []
  }

  private func isNumber(_ type: ExpressionType?) -> Bool {
    switch type {
    case .int, .decimal: true
    default: false
    }
  }

  func text(_ value: Value, _ type: ExpressionType?) -> String? {
    switch value {
    case .null: return nil
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return "\(number)"
    case .decimal(let number):
      guard case .decimal(let scale) = type, scale > 0 else { return "\(number)" }
      let digits = String(number.magnitude)
      let padded = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.count)) + digits
      return (number < 0 ? "-" : "") + padded.dropLast(Int(scale)) + "." + padded.suffix(Int(scale))
    case .date(let date): return date.description
    case .minute(let minute): return minute.description
    case .text(let text): return text.string
    case .reference(let record): return "\(hex(record.mint))-\(record.counter)"
    case .references(let records): return records.map { "\(hex($0.mint))-\($0.counter)" }.joined(separator: "|")
    }
  }

  func hex(_ value: UInt64) -> String { String(value, radix: 16) }

  func elapsed(_ since: ContinuousClock.Instant) -> Int {
    let duration = ContinuousClock.now - since
    return Int(duration.components.seconds) * 1_000_000 + Int(duration.components.attoseconds / 1_000_000_000_000)
  }
}
