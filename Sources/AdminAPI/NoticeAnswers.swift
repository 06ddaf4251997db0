import AdminProtocol
import Formats
import Hummingbird
import Messages
import Xylem

/// Notices: what goes down the tree for people.
extension AdminRouting {
  /// The answer to a request about notices; nil for any other.
  func answerNotices(_ request: Request, _ words: [String]) async throws -> Response? {
    guard words.count >= 2, words.starts(with: ["v1", "notices"]) else { return nil }
    switch (request.method, words.count) {
    case (.get, 2): return try json(request, await backend.notices())
    case (.post, 2):
      return try json(
        request, await backend.sendNotice(try await read(request, NoticeRequest.self, NoticeRequest.members)))
    case (.get, 3): return try json(request, await backend.notice(words[2]))
    case (.post, 3):
      let action = try await read(request, NoticeActionRequest.self, NoticeActionRequest.members)
      return try json(request, await backend.noticeAction(words[2], action))
    default: return nil
    }
  }
}

extension NodeBackend {
  func notices() async throws -> NoticesResponse {
    NoticesResponse(notices: try await node.notices().map(answer))
  }

  func notice(_ id: String) async throws -> NoticesResponse {
    NoticesResponse(notices: [answer(try await node.notice(id))])
  }

  func sendNotice(_ request: NoticeRequest) async throws -> NoticesResponse {
    try await node.requireWholeDomain(scope)
    let audience: NoticeAudience
    switch (request.under, request.level, request.to, request.about) {
    case (let code?, nil, nil, nil): audience = .under(code)
    case (nil, let level?, nil, nil): audience = .level(level)
    case (nil, nil, let codes?, nil): audience = .orgs(codes)
    case (nil, nil, nil, let record?): audience = .ownerOf(try await recordName(record))
    default:
      throw Failure(
        .apiBadParameter, ["parameter": "under", "expected": "exactly one of under, level, to, about", "found": "-"])
    }
    let sent = try await node.send(
      title: request.title, text: request.text, to: audience, actor: scope.actor.string,
      dryRun: request.dryRun ?? false)
    return NoticesResponse(notices: sent.notice.map { [answer($0)] } ?? [], meant: sent.meant)
  }

  func noticeAction(_ id: String, _ request: NoticeActionRequest) async throws -> NoticesResponse {
    try await node.requireWholeDomain(scope)
    switch request.action {
    case "read": return NoticesResponse(notices: [answer(try await node.read(id, actor: scope.actor.string))])
    case "recall": return NoticesResponse(notices: [answer(try await node.recall(id, actor: scope.actor.string))])
    default:
      throw Failure(
        .apiBadParameter, ["parameter": "action", "expected": "read, recall", "found": request.action])
    }
  }

  private func answer(_ line: NoticeLine) -> NoticesResponse.Notice {
    let head = line.facts.head
    let kind =
      switch head.kind {
      case DispatchKind.notice: "notice"
      case DispatchKind.correction: "correction"
      case DispatchKind.recall: "recall"
      default: "kind \(head.kind)"
      }
    return .init(
      id: head.id.text, kind: kind, time: head.time, from: line.origin, levelsAbove: line.facts.distance,
      audience: line.audience, title: line.body?.title.string, text: line.body?.text.string,
      record: line.body?.subject?.key.text, forThisNode: line.facts.isForUs, read: line.facts.isRead,
      recalled: line.facts.isRecalled, meant: line.meant, delivered: Int(line.facts.counts.delivered),
      readCount: Int(line.facts.counts.read),
      children: line.children.map {
        .init(code: $0.code, meant: $0.meant, delivered: Int($0.counts.delivered), read: Int($0.counts.read))
      })
  }
}
