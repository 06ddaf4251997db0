import AdminAPI
import AdminProtocol
import Messages
import Synchronization

/// A backend with fixed figures, so that what travels over the socket is known to the byte.
final class FakeBackend: AdminBackend {
  let digest: String
  let lag: UInt64
  let doctorResult: String
  /// What an export answers with.
  let package: [UInt8]
  private let seen = Mutex<[String]>([])

  init(digest: String = "aa", lag: UInt64 = 0, doctorResult: String = "ok", package: [UInt8] = []) {
    self.digest = digest
    self.lag = lag
    self.doctorResult = doctorResult
    self.package = package
  }

  /// What was asked, in order.
  var requests: [String] { seen.withLock { $0 } }
  private func note(_ text: String) { seen.withLock { $0.append(text) } }

  func admit(_ caller: Caller, to route: Route) async throws -> FakeBackend {
    if let reason = caller.unmaskReason { note("unmask \(reason)") }
    if let token = caller.token { note("token \(token)") }
    return self
  }

  func refused(_ failure: Failure, route: Route) async {
    if failure.exitStatus == .notAllowed { note("refused \(failure.code.rawValue) \(route.path)") }
  }

  func version() async throws -> VersionResponse {
    VersionResponse(version: "0.1.0", node: "7b", protocolVersion: 1, frameVersion: 2, rowVersion: 3, catalog: "c0de")
  }

  func status() async throws -> StatusResponse {
    StatusResponse(
      node: "7b", network: "ningbo", partition: "7b", rootOrgCode: "033001", rootOrgName: "中共海曙区委",
      parentOrgCode: "033",
      rows: [.init(entity: "member", labelZH: "党员", labelEN: "Member", rows: 61_240)], sequence: 1200,
      durableSequence: 1200, parentSequence: 1190, rootSequence: 1100, applied: 1300, backlog: 10,
      linkedToParent: false,
      parentRefusal: "unknownChild", children: 2, secondsUp: 93.5, residentBytes: 50 << 20)
  }

  func tree() async throws -> TreeResponse {
    TreeResponse(nodes: [
      .init(
        node: "7b", partition: "7b", code: "033", name: "中共宁波市委", depth: 0, rows: 12, rowsAtOwner: 12, bytesSent: 0,
        lag: 0,
        age: nil, state: "idle"),
      .init(
        node: "7c", partition: "7c", code: "033001", name: "海曙", depth: 1, rows: 61_240, rowsAtOwner: 61_300,
        bytesSent: 9,
        lag: lag, age: 2_500, state: "broken"),
    ])
  }

  func notices() async throws -> NoticesResponse { NoticesResponse(notices: []) }
  func notice(_ id: String) async throws -> NoticesResponse { throw Failure(.linkNoticeUnknown, ["notice": id]) }
  func sendNotice(_ request: NoticeRequest) async throws -> NoticesResponse {
    note("notice \(request.title) \(request.under ?? "-")")
    return NoticesResponse(notices: [], meant: 3)
  }
  func noticeAction(_ id: String, _ request: NoticeActionRequest) async throws -> NoticesResponse {
    note("notice \(id) \(request.action)")
    return NoticesResponse(notices: [])
  }

  func handovers() async throws -> HandoversResponse { HandoversResponse(handovers: []) }
  func handover(_ id: String) async throws -> HandoversResponse {
    throw Failure(.nodeHandoverUnknown, ["handover": id])
  }
  func startHandover(_ request: HandoverRequest) async throws -> HandoversResponse {
    note("handover \(request.record) \(request.to)")
    return HandoversResponse(handovers: [])
  }
  func voidHandover(_ id: String, _ request: HandoverVoidRequest) async throws -> HandoversResponse {
    note("void \(id)")
    return HandoversResponse(handovers: [])
  }

  func backup(_ request: BackupRequest) async throws -> BackupResponse {
    note("backup \(request.directory)")
    return BackupResponse(
      path: request.directory + "/033001-1", files: 7, bytes: 4096, sequence: 1200, applied: 1300, microseconds: 5)
  }

  func domains() async throws -> DomainResponse {
    DomainResponse(domains: [.init(code: "033001", partition: "7c0001", node: "7c", epoch: 1, key: "aa")])
  }

  func reclaim(_ request: ReclaimRequest) async throws -> DomainResponse {
    note("reclaim \(request.code) \(request.node ?? "-") \(request.key ?? "-") \(request.epoch ?? 0)")
    return DomainResponse(
      domains: [.init(code: request.code, partition: "7c0001", node: request.node ?? "7b", epoch: 2, key: "bb")])
  }

  func doctor() async throws -> DoctorResponse {
    DoctorResponse(checks: [
      .init(result: "ok", name: "storage", detailZH: "正常", detailEN: "fine"),
      .init(
        result: doctorResult, name: "disk", detailZH: "剩 3 GiB", detailEN: "3 GiB left", tryZH: "清理",
        tryEN: "free space"),
    ])
  }

  func verify() async throws -> VerifyResponse {
    VerifyResponse(
      node: "7b", partition: "7b",
      digests: [
        .init(partition: "7c", entity: "member", rows: 5, digest: digest),
        .init(partition: "7c", entity: "org", rows: 2, digest: "0b"),
      ], microseconds: 4)
  }

  func compare(_ request: CompareRequest) async throws -> CompareResponse {
    note("compare \(request.node) \(request.repair ?? "-")")
    return CompareResponse(
      partition: "7c", code: request.node, name: "海曙", sequence: 12, equal: lag == 0,
      entities: [
        .init(
          entity: "member", rowsHere: 4, rowsAtOwner: 5, equal: lag == 0, ranges: lag == 0 ? 0 : 1, different: 0,
          missing: lag == 0 ? 0 : 1, extra: 0, quarantined: 0)
      ],
      records: lag == 0 ? [] : [.init(entity: "member", record: "3-7c0001-9-0", kind: "missing", action: "insert")],
      cut: false,
      repaired: request.repair == "repair" && lag > 0 ? .init(repaired: 1, changedMeanwhile: 0, refused: 0) : nil,
      problem: nil, microseconds: 5)
  }

  func queue() async throws -> QueueResponse {
    QueueResponse(items: [
      .init(
        record: "3-7c0001-9-0", code: "033001", entity: "member", reason: "absent", item: nil, sequence: 12,
        operations: 2, level: 0, skipped: nil)
    ])
  }

  func queueAction(_ record: String, _ request: QueueActionRequest) async throws -> QueueActionResponse {
    note("queue \(request.action) \(record) \(request.reason ?? "-")")
    return QueueActionResponse(closed: request.action == "retry" && record == "3-7c0001-9-0")
  }

  func scrub() async throws -> ScrubResponse {
    ScrubResponse(
      stage: "waiting", passes: 1, started: nil, finished: nil, rows: 5, entries: 0, samples: 0, frames: 2, bytes: 9,
      damaged: 0, places: [])
  }

  func wait(_ request: WaitRequest) async throws -> WaitResponse {
    note("wait \(request.token) \(request.level ?? "-")")
    return WaitResponse(milliseconds: 7)
  }

  func query(_ request: QueryRequest) async throws -> TableResponse {
    note("\(request.entity) where \(request.condition ?? "-") order \(request.order ?? []) by \(request.by ?? [])")
    if request.entity == "slow" { try await Task.sleep(for: .seconds(30)) }
    if request.entity == "broken" { throw ForeignError(secret: "password") }
    if request.entity != "member" {
      throw Failure(.queryUnknownEntity, ["entity": request.entity, "suggestion": "member"])
    }
    return TableResponse(
      columns: [
        .init(name: "name", labelZH: "姓名", labelEN: "Name"),
        .init(
          name: "sex", labelZH: "性别", labelEN: "Sex",
          codes: [.init(code: "1", labelZH: "男", labelEN: "male"), .init(code: "2", labelZH: "女", labelEN: "female")]),
        .init(name: "age", labelZH: "年龄", labelEN: "Age", isNumber: true),
      ], rows: [["欧阳𬭬", "2", "36"], ["=1+1", "1", nil]], microseconds: 1500, applied: 9)
  }

  func match(_ request: MatchRequest) async throws -> TableResponse {
    note(request.people.map { "\($0.name) \($0.birthDate)" }.joined(separator: ", "))
    return TableResponse(
      columns: ["name", "birth_date", "branch_code", "branch_name", "record"].map {
        .init(name: $0, labelZH: $0, labelEN: $0)
      },
      rows: request.people.map { [$0.name, $0.birthDate, nil, nil, $0.name == "甲" ? "3-1-1-0" : nil] }, microseconds: 3,
      applied: 0)
  }

  func record(_ entity: String, _ key: String) async throws -> TableResponse {
    note("\(entity) \(key)")
    guard key == "甲/乙?" else { throw Failure(.nodeRecordNotFound, ["entity": entity, "record": key]) }
    return TableResponse(
      columns: [
        .init(name: "item", labelZH: "项目", labelEN: "Item"), .init(name: "value", labelZH: "值", labelEN: "Value"),
      ],
      rows: [["name", "甲"]], microseconds: 1, applied: 0)
  }

  func catalog(entity: String?) async throws -> TableResponse {
    note("catalog \(entity ?? "-")")
    return TableResponse(
      columns: [.init(name: "item", labelZH: "信息项", labelEN: "Item")], rows: [["name"]], microseconds: 0, applied: 0)
  }

  func codes(table: String?) async throws -> TableResponse {
    note("codes \(table ?? "-")")
    return TableResponse(
      columns: [.init(name: "code", labelZH: "代码", labelEN: "Code")], rows: [["1"]], microseconds: 0, applied: 0)
  }

  func card() async throws -> CardResponse {
    CardResponse(text: "xylem node card 1\n", fingerprint: "aaaa bbbb", node: "7b", code: "033001", name: "海曙")
  }

  func neighbours() async throws -> NeighboursResponse {
    NeighboursResponse(neighbours: [
      .init(role: "parent", node: "7a", code: "033", name: "市委", fingerprint: "cccc dddd", sent: 4, taken: 3)
    ])
  }

  func introduce(_ request: IntroduceRequest) async throws -> NeighboursResponse {
    note("introduce \(request.file) \(request.text) \(request.replace ?? false)")
    return try await neighbours()
  }

  func exportPackage(_ request: ExportRequest) async throws -> [UInt8]? {
    note("export \(request.to ?? "-") \(request.fromPosition ?? 0) \(request.all ?? false) \(request.again ?? 0)")
    return request.to == nil ? nil : package
  }

  func importPackage(_ bytes: [UInt8], file: String, dryRun: Bool) async throws -> PackageResponse {
    note("import \(file) \(bytes) \(dryRun)")
    return PackageResponse(
      kind: "up", number: 4, sender: "033001", hash: "aaaa", already: bytes == [9], skipped: 0, position: 1234,
      dryRun: dryRun, frames: 2, commits: 3)
  }

  func requireEntity(_ name: String) throws {
    if name != "member" { throw Failure(.queryUnknownEntity, ["entity": name, "suggestion": "member"]) }
  }

  func importTable(
    _ entity: String, _ parameters: ImportParameters, body: ImportBody, tell: (ImportLine) async throws -> Void
  ) async throws -> ImportLine.Summary {
    let (file, dryRun) = (parameters.file, parameters.dryRun)
    let size = parameters.commitRows.map { " by \($0)" } ?? ""
    let level = parameters.wait == .local ? "" : " until \(parameters.wait.rawValue)"
    note("import \(entity) \(file) \(dryRun)\(size)\(level)")
    var bytes = 0
    var lines = 0
    for try await chunk in body {
      bytes += chunk.count
      lines += chunk.count { $0 == 0x0A }
      try await tell(.progress(rows: lines, bytes: bytes))
    }
    if file == "half.csv" { throw Failure(.storageFull, ["directory": "d", "free": "1", "reserve": "2"]) }
    let rejected = file == "good.csv" ? 0 : 12
    if rejected > 0 { try await tell(.header("姓名,性别")) }
    for line in 0..<rejected {
      let reason = ImportLine.Reason(
        column: "性别", value: "x,\"\(line)\"", code: "XYL-IMP-0013", reasonZH: "不在代码表", reasonEN: "not a code",
        tryZH: "改正", tryEN: "correct it")
      try await tell(.reject(.init(line: line + 2, reasons: [reason], raw: "王\(line),\"x,\"\"\(line)\"\"\"")))
    }
    return .init(
      inserted: lines - rejected, updated: 0, unchanged: 0, rejected: rejected, warnings: 0, rows: lines, seconds: 0.25,
      sequence: dryRun ? 0 : 41, dryRun: dryRun)
  }
}

extension FakeBackend {
  func login(_ request: LoginRequest) async throws -> LoginResponse {
    note("login \(request.user) \(request.password) \(request.code ?? "-")")
    guard request.password == "right" else { throw Failure(.accessLogin) }
    return LoginResponse(
      token: String(repeating: "ab", count: 32), user: request.user, mustChangePassword: false,
      mustAddSecondFactor: false)
  }

  func logout() async throws -> DoneResponse {
    note("logout")
    return DoneResponse()
  }

  func whoami() async throws -> WhoamiResponse {
    WhoamiResponse(
      user: "甲", label: "甲某", grants: [.init(role: "SECRETARY", place: "033001", until: "2026-12-31", holds: true)],
      verbs: ["know", "record"], clear: ["A", "B"], mustChangePassword: false, mustAddSecondFactor: false)
  }

  func password(_ request: PasswordRequest) async throws -> DoneResponse {
    note("password \(request.old) \(request.new)")
    return DoneResponse()
  }

  func secondFactor(_ request: SecondFactorRequest) async throws -> SecondFactorResponse {
    note("totp \(request.code ?? "-")")
    return request.code == nil ? SecondFactorResponse(secret: "ABCD", uri: "otpauth://totp/x") : SecondFactorResponse()
  }

  func users(_ name: String?) async throws -> UsersResponse {
    note("users \(name ?? "-")")
    return UsersResponse(users: [.init(user: "甲", label: "甲某", home: "033001", locked: false, grants: [])])
  }

  func addUser(_ request: UserRequest) async throws -> DoneResponse {
    note("add \(request.user) \(request.label) \(request.home) \(request.password)")
    return DoneResponse()
  }

  func userAction(_ user: String, _ action: String, _ request: UserActionRequest) async throws -> DoneResponse {
    note("\(action) \(user) \(request.role ?? "-") \(request.place ?? "-") \(request.reason ?? "-")")
    return DoneResponse()
  }

  func explain(_ request: ExplainRequest) async throws -> ExplainResponse {
    note("explain \(request.user) \(request.entity) \(request.key)")
    return ExplainResponse(allowed: false, steps: [.init(holds: false, zh: "没有授权", en: "no grant")])
  }

  func identity(_ request: IdentityRequest) async throws -> IdentityResponse {
    IdentityResponse(exists: request.id == "1", code: request.id == "1" ? "033001" : nil)
  }

  func audit(_ request: AuditRequest) async throws -> AuditResponse {
    note("audit \(request.record ?? "-") \(request.entity ?? "-") \(request.key ?? "-")")
    return AuditResponse(entries: [
      .init(
        number: 7, time: 1_000, act: "read", actor: "甲", session: "ab12", org: nil, count: 1, detail: "",
        records: ["3-1-1-0"],
        hash: "77ab", named: true)
    ])
  }

  func verifyAudit() async throws -> AuditVerifyResponse {
    AuditVerifyResponse(entries: 7, heads: 1, last: 7, hash: "77ab", covered: 7, key: "aa")
  }

  func exportAudit(_ request: AuditExportRequest) async throws -> [UInt8] { [1, 2, 3] }
}

struct ForeignError: Error { let secret: String }
