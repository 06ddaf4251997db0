import AdminProtocol
import Hummingbird
import Messages
import Xylem

/// Records on their way between domains.
extension AdminRouting {
  /// The answer to a request about hand-overs; nil for any other.
  func answerHandovers(_ request: Request, _ words: [String]) async throws -> Response? {
    guard words.count >= 2, words.starts(with: ["v1", "handovers"]) else { return nil }
    switch (request.method, words.count) {
    case (.get, 2): return try json(request, await backend.handovers())
    case (.post, 2):
      return try json(
        request, await backend.startHandover(try await read(request, HandoverRequest.self, HandoverRequest.members)))
    case (.get, 3): return try json(request, await backend.handover(words[2]))
    case (.post, 4) where words[3] == "void":
      let why = try await read(request, HandoverVoidRequest.self, HandoverVoidRequest.members)
      return try json(request, await backend.voidHandover(words[2], why))
    default: return nil
    }
  }
}

extension NodeBackend {
  func handovers() async throws -> HandoversResponse {
    try await node.requireWholeDomain(scope)
    return HandoversResponse(handovers: try await node.handovers().map(answer))
  }

  func handover(_ id: String) async throws -> HandoversResponse {
    try await node.requireWholeDomain(scope)
    return HandoversResponse(handovers: [answer(try await node.handover(id))])
  }

  func startHandover(_ request: HandoverRequest) async throws -> HandoversResponse {
    try await node.requireWholeDomain(scope)
    if request.dryRun ?? false {
      let plan = try await node.planHandover(record: try await recordName(request.record), to: request.to)
      return HandoversResponse(
        handovers: [],
        plan: .init(
          record: request.record, org: plan.target.code.string, orgName: plan.target.name.string, rows: plan.rows,
          bytes: plan.bytes))
    }
    let begun = try await node.startHandover(
      record: try await recordName(request.record), to: request.to, days: request.days ?? 90, actor: scope.actor.string)
    return HandoversResponse(handovers: [answer(begun)])
  }

  func voidHandover(_ id: String, _ request: HandoverVoidRequest) async throws -> HandoversResponse {
    try await node.requireWholeDomain(scope)
    let line = try await node.voidHandover(id, reason: request.reason, actor: scope.actor.string)
    return HandoversResponse(handovers: [answer(line)])
  }

  /// A record's name: as it is, or of `entity/key` with its natural key.
  func recordName(_ text: String) async throws -> String {
    guard let slash = text.firstIndex(of: "/") else { return text }
    let (entity, key) = (String(text[..<slash]), String(text[text.index(after: slash)...]))
    try requireEntity(entity)
    guard let found = try await node.record(entity, key: key, scope: scope)?.first else {
      throw Failure(.nodeRecordNotFound, ["entity": entity, "record": key])
    }
    return found.key.text
  }

  private func answer(_ line: HandoverLine) -> HandoversResponse.Handover {
    let facts = line.facts
    let reasons = [facts.arbiter?.reason, facts.target?.reason, facts.source?.reason].compactMap { $0?.string }
    return .init(
      id: line.name, record: facts.facts.record.text, source: line.source, target: line.target, org: line.org,
      sourceState: facts.source.map { "\($0.state)" }, targetState: facts.target.map { "\($0.state)" },
      arbiterState: facts.arbiter.map { "\($0.state)" }, told: facts.told.map { "\($0)" },
      reason: reasons.first { !$0.isEmpty }, expires: facts.facts.expires, frozenHere: facts.isFrozenHere,
      hiddenHere: facts.isSourceHidden)
  }
}
