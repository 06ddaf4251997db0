import Engine
import Formats
import Messages
import Primitives

/// A notice, correction request or recall as people see it.
public struct NoticeLine: Sendable {
  public let facts: DispatchFacts
  /// Code of the domain that sent it; the node in hexadecimal where nobody told the code.
  public let origin: String
  /// Whom it is for, in words of the CLI: `under 033001`, `level 1`, codes.
  public let audience: String
  /// Nil when it is withdrawn, or of a kind without text.
  public let body: NoticeBody?
  /// How many nodes at and below this one are meant, as far as this node knows.
  public let meant: Int
  /// For each child: its root org's code, how many are meant there, and what it told.
  public let children: [(code: String, meant: Int, counts: DispatchCounts)]
}

/// Whom a notice shall reach.
public enum NoticeAudience: Sendable {
  /// Everybody at or under an org.
  case under(String)
  /// Everybody so many links below; 1 are this node's children.
  case level(Int)
  /// The owners of these orgs.
  case orgs([String])
  /// The owner of a record that needs a correction, by the record's name.
  case ownerOf(String)
}

extension Node {
  /// Notices that are here: those for this node, those it sent, and with `all` those on their way through.
  ///
  /// Newest first.
  public func notices(all: Bool = false) async throws(Failure) -> [NoticeLine] {
    try await thread.perform { engine in
      try engine.dispatchFacts.filter { all || $0.isForUs || $0.distance == 0 }.filter {
        all || $0.head.kind == DispatchKind.notice || $0.head.kind == DispatchKind.correction
      }.map { try engine.noticeLine($0) }.sorted {
        $0.facts.head.time != $1.facts.head.time
          ? $0.facts.head.time > $1.facts.head.time : $0.facts.head.id < $1.facts.head.id
      }
    }
  }

  /// One notice, with what every child told of it.
  ///
  /// - Throws: `XYL-LNK-0030` when it is not here.
  public func notice(_ name: String) async throws(Failure) -> NoticeLine {
    try await thread.perform { engine in
      guard let id = DispatchID(text: name), let facts = engine.facts(of: id) else {
        throw Failure(.linkNoticeUnknown, ["notice": name])
      }
      return try engine.noticeLine(facts)
    }
  }

  /// Sends a notice to nodes below, or with ``NoticeAudience/ownerOf(_:)`` a correction request; durable on return.
  ///
  /// - Parameter dryRun: says only how many nodes are meant.
  /// - Returns: the notice, nil for a dry run, and how many nodes are meant.
  /// - Throws: `XYL-NOD-0005` for an unknown org, `XYL-NOD-0006` for an unknown record, `XYL-LNK-0032` when nobody is
  ///   meant, `XYL-LNK-0033` when too many are live, `XYL-API-0006` for a text that is too long.
  public func send(
    title: String, text: String, to audience: NoticeAudience, actor: String, dryRun: Bool = false
  ) async throws(Failure) -> (notice: NoticeLine?, meant: Int) {
    for (name, value, most) in [("title", title, NoticeBody.titleBytesMax), ("text", text, NoticeBody.textBytesMax)]
    where value.utf8.count > most {
      throw Failure(
        .apiBadParameter, ["parameter": name, "expected": "at most \(most) bytes", "found": "\(value.utf8.count)"])
    }
    return try await thread.performDurably { engine in
      let (audience, subject, name) = try engine.audience(audience)
      let meant = engine.addressed(audience).count
      guard meant > 0 else { throw Failure(.linkNoticeNobody, ["audience": name]) }
      if dryRun { return ((nil, meant), nil) }
      let body = NoticeBody(title: Text(title), text: Text(text), subject: subject)
      let sent: (id: DispatchID, sequence: Sequence64)
      do throws(DispatchRefusal) {
        sent = try engine.say(body, to: audience, actor: Text(actor), clock: NodeClock.milliseconds)
      } catch { throw Failure(dispatch: error, name) }
      let line = try engine.facts(of: sent.id).map { try engine.noticeLine($0) }
      return ((line, meant), sent.sequence)
    }
  }

  /// Withdraws a notice everywhere; durable on return, and on its way.
  ///
  /// - Throws: `XYL-LNK-0030` when it is not here, `XYL-LNK-0031` when another node sent it.
  public func recall(_ name: String, actor: String) async throws(Failure) -> NoticeLine {
    try await acting(on: name) { engine, id throws(DispatchRefusal) in
      try engine.recall(id, actor: Text(actor), clock: NodeClock.milliseconds).sequence
    }
  }

  /// Reads a notice that is for this node: the sender learns that somebody did. Durable on return.
  ///
  /// - Throws: `XYL-LNK-0030` when it is not here, not for this node, or withdrawn.
  public func read(_ name: String, actor: String) async throws(Failure) -> NoticeLine {
    try await acting(on: name) { engine, id throws(DispatchRefusal) in
      try engine.read(id, actor: Text(actor), clock: NodeClock.milliseconds).sequence
    }
  }

  private func acting(
    on name: String, _ act: @escaping @Sendable (Engine, DispatchID) throws(DispatchRefusal) -> Sequence64
  ) async throws(Failure) -> NoticeLine {
    try await thread.performDurably { engine in
      guard let id = DispatchID(text: name) else { throw Failure(.linkNoticeUnknown, ["notice": name]) }
      let sequence: Sequence64
      do throws(DispatchRefusal) { sequence = try act(engine, id) } catch {
        let origin = engine.facts(of: id).flatMap { try? engine.originCode($0.head)?.string }
        throw Failure(dispatch: error, origin ?? "-")
      }
      guard let facts = engine.facts(of: id) else { throw Failure(.linkNoticeUnknown, ["notice": name]) }
      return (try engine.noticeLine(facts), sequence)
    }
  }
}

extension Failure {
  /// - Parameter detail: the audience in words, or who sent the notice.
  init(dispatch error: DispatchRefusal, _ detail: String) {
    switch error {
    case .unknown(let id): self.init(.linkNoticeUnknown, ["notice": id.text])
    case .notOurs(let id): self.init(.linkNoticeNotOurs, ["notice": id.text, "origin": detail])
    case .full(let limit): self.init(.linkNoticesFull, ["limit": "\(limit)"])
    case .nobody: self.init(.linkNoticeNobody, ["audience": detail])
    case .engine(let error): self.init(engine: error)
    }
  }
}

extension Engine {
  /// What a caller's words mean here, and how they are said back.
  fileprivate func audience(
    _ words: NoticeAudience
  ) throws -> (Audience, NoticeBody.Subject?, String) {
    func place(_ code: String) throws -> Audience.Place {
      guard let org = directory.org(code: Text(code)) else { throw Failure(.nodeUnknownOrg, ["org": code]) }
      return .init(org: org.id, partition: org.partition)
    }
    switch words {
    case .under(let code): return (.subtree(try place(code)), nil, "under \(code)")
    case .level(let level):
      guard (1...LinkMessage.Ancestry.stepsMax).contains(level) else {
        throw Failure(
          .apiBadParameter,
          ["parameter": "level", "expected": "1…\(LinkMessage.Ancestry.stepsMax)", "found": "\(level)"])
      }
      return (.level(UInt8(level)), nil, "level \(level)")
    case .orgs(let codes):
      guard (1...Audience.placesMax).contains(codes.count) else {
        throw Failure(
          .apiBadParameter,
          ["parameter": "to", "expected": "1…\(Audience.placesMax)", "found": "\(codes.count)"])
      }
      return (.list(try codes.map(place)), nil, codes.joined(separator: " "))
    case .ownerOf(let record):
      guard let key = RecordKey(text: record), let partition = try domain(of: key) else {
        throw Failure(.nodeRecordNotFound, ["entity": "-", "record": record])
      }
      let root = RecordID(mint: partition.value, counter: 0)
      return (
        .list([.init(org: root, partition: partition)]), .init(partition: partition, key: key), "record \(record)"
      )
    }
  }

  fileprivate func noticeLine(_ facts: DispatchFacts) throws(EngineError) -> NoticeLine {
    let words: String
    switch facts.head.audience {
    case .subtree(let place): words = "under \(try name(place))"
    case .level(let level): words = "level \(level)"
    case .list(let places):
      var names: [String] = []
      for place in places { names.append(try name(place)) }
      words = names.joined(separator: " ")
    case .other: words = "-"
    }
    var codes: [PartitionID: String] = [:]
    for assignment in knownAssignments { codes[assignment.partition] = assignment.rootOrgCode.string }
    let children = receipts(of: facts.head.id).map { (codes[$0.child] ?? "-", $0.meant, $0.counts) }
    let below = addressed(facts.head.audience, distance: facts.distance).count
    return NoticeLine(
      facts: facts,
      origin: try originCode(facts.head)?.string ?? String(facts.head.id.origin.node.value, radix: 16),
      audience: words, body: try notice(facts.head.id), meant: below + (facts.isForUs ? 1 : 0), children: children)
  }

  private func name(_ place: Audience.Place) throws(EngineError) -> String {
    try orgCode(place)?.string ?? "\(String(place.org.mint, radix: 16))-\(place.org.counter)"
  }
}
