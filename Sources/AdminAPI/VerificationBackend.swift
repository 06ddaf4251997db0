import AdminProtocol
import Messages
import Xylem

/// Comparisons, what is set aside, freshness and waiting, as protocol types.
extension NodeBackend {
  func compare(_ request: CompareRequest) async throws -> CompareResponse {
    let started = ContinuousClock.now
    let mode: RepairMode
    switch request.repair ?? "no" {
    case "no": mode = .no
    case "plan": mode = .plan
    case "repair": mode = .repair
    default:
      throw Failure(
        .apiBadParameter,
        ["parameter": "repair", "expected": "no, plan, repair", "found": request.repair ?? ""])
    }
    if mode == .repair { try await node.audit([actor.entry(.operation, detail: Text("repair \(request.node)"))]) }
    var found: CompareResponse?
    try await node.verify(node: request.node, repair: mode, actor: scope.actor.string, scope: scope) { result in
      found = response(result, ContinuousClock.now - started)
    }
    guard let found else { throw Failure(.nodeUnknownOrg, ["org": request.node]) }
    return found
  }

  private func response(_ result: PartitionVerification, _ time: Duration) -> CompareResponse {
    CompareResponse(
      partition: String(result.partition.value, radix: 16), code: result.rootOrgCode.string, name: result.name.string,
      sequence: result.sequence, equal: result.isEqual,
      entities: result.entities.map { line in
        CompareResponse.Entity(
          entity: line.entity, rowsHere: line.rowsHere, rowsAtOwner: line.rowsAtOwner, equal: line.isEqual,
          ranges: line.ranges, different: line.different, missing: line.missing, extra: line.extra,
          quarantined: line.setAside)
      },
      records: result.records.map {
        CompareResponse.Record(entity: $0.entity, record: $0.record, kind: $0.kind, action: $0.action)
      },
      cut: result.isCut,
      repaired: result.repaired.map {
        CompareResponse.Repaired(
          repaired: $0.repaired, changedMeanwhile: $0.changedMeanwhile, refused: $0.refused)
      }, problem: result.failure.map { ImportLine.Problem($0) },
      microseconds: Int(time / .microseconds(1)))
  }

  func queue() async throws -> QueueResponse {
    QueueResponse(
      items: try await node.queue(scope: scope).map { line in
        QueueResponse.Item(
          record: line.record, code: line.rootOrgCode.string, entity: line.entity, reason: "\(line.reason)",
          item: line.item, sequence: line.sequence, operations: line.count, level: line.level,
          skipped: line.skipped?.string)
      })
  }

  func queueAction(_ record: String, _ request: QueueActionRequest) async throws -> QueueActionResponse {
    try await node.audit([actor.entry(.operation, detail: Text("queue \(request.action) \(record)"))])
    switch request.action {
    case "retry": return QueueActionResponse(closed: try await node.retry(record, actor: scope.actor.string))
    case "skip":
      guard let reason = request.reason, !reason.isEmpty, reason.utf8.count <= 500 else {
        throw Failure(.apiBadParameter, ["parameter": "reason", "expected": "1…500 bytes"])
      }
      try await node.skip(record, why: reason, actor: scope.actor.string)
      return QueueActionResponse(closed: false)
    default:
      throw Failure(
        .apiBadParameter, ["parameter": "action", "expected": "retry, skip", "found": request.action])
    }
  }

  func scrub() async throws -> ScrubResponse {
    node.requestScrub()
    return response(node.scrubReport)
  }

  func response(_ report: ScrubReport) -> ScrubResponse {
    ScrubResponse(
      stage: report.stage, passes: report.passes, started: report.lastStarted?.timeIntervalSince1970,
      finished: report.lastFinished?.timeIntervalSince1970, rows: report.tally.rows, entries: report.tally.entries,
      samples: report.tally.samples, frames: report.tally.frames, bytes: report.tally.bytes, damaged: report.damaged,
      places: report.places)
  }

  func wait(_ request: WaitRequest) async throws -> WaitResponse {
    let started = ContinuousClock.now
    let level: Node.Level
    switch request.level ?? "local" {
    case "local": level = .local
    case "parent": level = .parent
    case "root": level = .root
    default:
      throw Failure(
        .apiBadParameter,
        ["parameter": "level", "expected": "local, parent, root", "found": request.level ?? ""])
    }
    let seconds = request.seconds ?? 30
    guard (0...WaitRequest.secondsMax).contains(seconds) else {
      throw Failure(
        .apiBadParameter, ["parameter": "seconds", "expected": "0…\(WaitRequest.secondsMax)", "found": "\(seconds)"])
    }
    try await node.wait(token: request.token, level: level, seconds: seconds)
    return WaitResponse(milliseconds: Int((ContinuousClock.now - started) / .milliseconds(1)))
  }

  /// How fresh an answer over a subtree is at least, and the refusal when that is not enough.
  ///
  /// - Parameters:
  ///   - atLeast: a token to wait for first.
  ///   - maxAge: in seconds.
  func freshness(under: String?, atLeast: String?, maxAge: Int?) async throws -> FreshnessResponse {
    if let atLeast { try await node.wait(token: atLeast, level: .local, seconds: 30) }
    let freshness = try await node.freshness(under: under, scope: scope)
    if let maxAge {
      let old = freshness.stale(after: UInt64(max(0, maxAge)) * 1000)
      guard old.isEmpty else {
        throw Failure(
          .verifyTooOld,
          [
            "count": "\(old.count)", "nodes": "\(freshness.domains.count)", "seconds": "\(maxAge)",
            "codes": old.prefix(5).map(\.rootOrgCode.string).joined(separator: ", "),
          ])
      }
    }
    return response(freshness)
  }

  func response(_ freshness: AnswerFreshness) -> FreshnessResponse {
    FreshnessResponse(
      nodes: freshness.domains.count, oldestAge: freshness.oldestAge,
      stale: freshness.stale().map(\.rootOrgCode.string), quarantined: freshness.setAside, token: freshness.token,
      domains: freshness.domains.map {
        .init(
          code: $0.rootOrgCode.string, sequence: $0.sequence, lag: $0.lag, age: $0.age, state: $0.state.rawValue)
      })
  }
}
