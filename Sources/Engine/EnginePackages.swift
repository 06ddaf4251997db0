import Formats
import Ports
import Primitives
import Replication

/// What an export shall contain.
public enum PackageScope: Hashable, Sendable {
  /// Everything that the parent has not acknowledged, by link or by package.
  case unacknowledged
  /// Of our own log everything after a commit; of the others what is not acknowledged.
  case after(Sequence64)
  /// Every frame that is here.
  case everything
  /// The rest of an export whose last package says that more follows.
  case following
  /// What package `number` contained, under the same number: for one that got lost.
  case again(UInt64)
}

/// A package about to be sealed: everything that the engine had to say. Sealing needs no engine, and takes long.
public struct PackageDraft: Sendable {
  public let facts: PackageHeader.Facts
  public let body: PackageBody
  public let keys: PackageKeys
  /// Made before: its record is there already.
  public let isAgain: Bool

  /// The whole file.
  public func seal() throws(PackageFault) -> Package { try keys.seal(facts, body) }
}

/// Packages that this node makes.
extension Engine {
  /// Frame bytes of one package; the next number takes the rest. One frame may overdraw.
  public static let packageBytesMax = 64 << 20
  /// Packages to one recipient that are remembered, and can be made again.
  static let sentPackagesMax: UInt64 = 256

  /// Gathers the next package for a neighbour: for the parent what it has not acknowledged, for a child what is
  /// durable here and above. Only durable frames and heads go into it.
  ///
  /// The number is taken by ``recordSent(_:_:)``; nothing may leave the node before that record is durable.
  ///
  /// - Parameters:
  ///   - code: root org code of the neighbour; nil is the parent.
  ///   - release: this program's, for whoever cannot read the package.
  /// - Returns: nil when the parent has acknowledged everything.
  /// - Throws: `.unknownPeer`, `.unknownNumber`, `.engine`.
  public func draftPackage(
    to code: Text? = nil, _ scope: PackageScope = .unacknowledged, clock: UInt64, release: Text,
    bytesMax: Int = Engine.packageBytesMax
  ) throws(PackageError) -> PackageDraft? {
    guard let peer = code.map({ code in packagePeers.first { $0.card.rootOrgCode == code } }) ?? packages.parent else {
      throw .unknownPeer(code ?? "parent")
    }
    let card = peer.card
    let last = packages.sent[card.log.node]
    var facts = PackageHeader.Facts(
      kind: peer.role == .parent ? .up : .back, network: networkHash, sender: identity.log,
      senderPartition: identity.partition, senderCode: identity.rootOrgCode, recipient: card.log.node,
      recipientCode: card.rootOrgCode, recipientKey: card.sealingKey, number: (last?.facts.number ?? 0) &+ 1,
      previous: last?.hash ?? .zero, created: clock, catalog: catalogID, release: release)
    do throws(EngineError) {
      if peer.role == .child {
        let body = try acknowledgements(for: card, &facts)
        return PackageDraft(facts: facts, body: body, keys: PackageKeys(key), isAgain: false)
      }
      if case .again(let number) = scope {
        guard let record = try sentPackage(card.log.node, number), record.facts.kind == .up else {
          throw EngineError.notFound(PackageDraft.nothing)
        }
        var body = try frames(of: record.facts, card.log.node)
        body.messages = try messagesSent(to: card.log.node, number)
        return PackageDraft(facts: record.facts, body: body, keys: PackageKeys(key), isAgain: true)
      }
      var body = try frames(scope, for: card.log.node, &facts, bytesMax)
      body.messages = messagesForParent
      return body.frames.isEmpty && !hasNewsForParent
        ? nil : PackageDraft(facts: facts, body: body, keys: PackageKeys(key), isAgain: false)
    } catch {
      if error == .notFound(PackageDraft.snapshot) { throw .needsSnapshot(card.rootOrgCode) }
      if case .again(let number) = scope, error == .notFound(PackageDraft.nothing) { throw .unknownNumber(number) }
      throw .engine(error)
    }
  }

  /// Remembers a package by its hash, with the next batch. When that is durable the file may leave.
  ///
  /// - Throws: `.busy` when another export took the number meanwhile.
  public func recordSent(_ draft: PackageDraft, _ hash: Digest256) throws(PackageError) {
    if draft.isAgain { return }
    let facts = draft.facts
    guard facts.number == (packages.sent[facts.recipient]?.facts.number ?? 0) &+ 1 else { throw .busy }
    let record = SentPackage(facts: facts, hash: hash)
    packages.sent[facts.recipient] = record
    writes.put(.meta, MetaKey.sent(identity.log, to: facts.recipient, facts.number), record.encoded)
    if facts.kind == .up { recordMessages(draft) }
    if facts.number > Engine.sentPackagesMax {
      forget(MetaKey.sent(identity.log, to: facts.recipient, facts.number - Engine.sentPackagesMax))
      forget(MetaKey.sentMessages(identity.log, to: facts.recipient, facts.number - Engine.sentPackagesMax))
    }
  }

  private func sentPackage(_ node: NodeID, _ number: UInt64) throws(EngineError) -> SentPackage? {
    if let last = packages.sent[node], last.facts.number == number { return last }
    guard let bytes = try value(.meta, MetaKey.sent(identity.log, to: node, number)) else { return nil }
    do { return try SentPackage(bytes) } catch { throw .corrupt("package record \(number)") }
  }

  // MARK: Up

  /// The frames that leave, chosen by the machine that chooses them on a link.
  private func frames(
    _ scope: PackageScope, for parent: NodeID, _ facts: inout PackageHeader.Facts, _ bytesMax: Int
  ) throws(EngineError) -> PackageBody {
    var positions: [LinkMessage.Position] = []
    let sent = scope == .following ? try endsOfExport(to: parent) : [:]
    for log in heads.keys.sorted() {
      guard scope != .everything, let head = durableHeads[log] else { continue }
      var last = Swift.min(watermark(log, level: 1), head.last)
      if case .after(let sequence) = scope, log == identity.log { last = try frameEnd(of: log, notAfter: sequence) }
      last = Swift.max(last, sent[log] ?? .zero)
      guard last > .zero, let hash = try hash(of: log, endingAt: last) else { continue }
      positions.append(.init(log: log, last: last, hash: hash))
    }
    var body = PackageBody()
    var byteCount = 0
    try forEachFrame(after: positions, for: parent) { bytes, header throws(EngineError) in
      guard byteCount < bytesMax else {
        facts.hasMore = true
        return false
      }
      byteCount += bytes.count
      body.frames.append(bytes)
      note(header, bytes, in: &facts)
      return true
    }
    // What is left out without having been acknowledged must be there before the rest means anything: an assignment in
    // one log comes before the frames of another that it allows.
    for position in positions where position.last > watermark(position.log, level: 1) {
      guard !facts.starts.contains(where: { $0.log == position.log }) else { continue }
      facts.starts.append(.init(log: position.log, last: position.last))
    }
    facts.starts.sort { $0.log < $1.log }
    facts.ends.sort { $0.log < $1.log }
    return body
  }

  /// How far the packages of an unfinished export went, by log: the last one and those before it that said more
  /// follows.
  private func endsOfExport(to node: NodeID) throws(EngineError) -> [LogID: Sequence64] {
    var ends: [LogID: Sequence64] = [:]
    var record = packages.sent[node]
    while let package = record, package.facts.kind == .up, package.facts.hasMore {
      for end in package.facts.ends { ends[end.log] = Swift.max(ends[end.log] ?? .zero, end.last) }
      record = package.facts.number > 1 ? try sentPackage(node, package.facts.number - 1) : nil
    }
    return ends
  }

  /// The frames that an earlier package contained.
  private func frames(of facts: PackageHeader.Facts, _ parent: NodeID) throws(EngineError) -> PackageBody {
    var positions: [LinkMessage.Position] = []
    for log in heads.keys.sorted() {
      guard let end = facts.ends.first(where: { $0.log == log }) else {
        // Nothing of it was in the package: as if the parent had all.
        if let head = durableHeads[log] { positions.append(.init(log: log, last: head.last, hash: head.hash)) }
        continue
      }
      guard let start = facts.starts.first(where: { $0.log == end.log })?.last, start > .zero else { continue }
      guard let hash = try hash(of: log, endingAt: start) else { throw .notFound(PackageDraft.nothing) }
      positions.append(.init(log: log, last: start, hash: hash))
    }
    var body = PackageBody()
    var reached: [LogID: LinkMessage.Position] = [:]
    try forEachFrame(after: positions, for: parent) { bytes, header throws(EngineError) in
      guard let end = facts.ends.first(where: { $0.log == header.log }), header.last <= end.last else { return true }
      body.frames.append(bytes)
      reached[header.log] = .init(
        log: header.log, last: header.last, hash: codec.hashing.digest(Bytes(bytes[..<FrameHeader.signedByteCount])))
      return true
    }
    guard facts.ends.allSatisfy({ reached[$0.log] == $0 }) else { throw .notFound(PackageDraft.nothing) }
    return body
  }

  /// Every durable frame after `positions`, in apply order, until `body` returns false.
  private func forEachFrame(
    after positions: [LinkMessage.Position], for parent: NodeID,
    _ body: (Bytes, FrameHeader) throws(EngineError) -> Bool
  ) throws(EngineError) {
    var uplink = Uplink()
    do {
      _ = try uplink.received(
        .init(node: parent, positions: positions, credit: .max),
        standing: .init(own: identity.log, isRecovering: false), offered: heads.keys.sorted(),
        end: durableApplied, from: self)
      while let bytes = try uplink.nextFrame(durable: durableApplied, from: self) {
        let header: FrameHeader
        do { header = try FrameHeader(frame: bytes) } catch { throw EngineError.corrupt("a frame of the apply order") }
        guard try body(bytes, header) else { return }
      }
      // Behind it nothing may pass: an export that ended here would look complete.
      if uplink.snapshotDue != nil { throw EngineError.notFound(PackageDraft.snapshot) }
    } catch let error as EngineError { throw error } catch {
      // Positions came from our own log: what does not fit it is missing or damaged here.
      throw .corrupt("the apply order: \(error)")
    }
  }

  private func note(_ header: FrameHeader, _ bytes: Bytes, in facts: inout PackageHeader.Facts) {
    let hash = codec.hashing.digest(Bytes(bytes[..<FrameHeader.signedByteCount]))
    let end = LinkMessage.Position(log: header.log, last: header.last, hash: hash)
    if let place = facts.ends.firstIndex(where: { $0.log == header.log }) {
      facts.ends[place] = end
    } else {
      facts.ends.append(end)
      facts.starts.append(.init(log: header.log, last: Sequence64(header.first.value - 1)))
    }
  }

  /// Where the last frame of `log` ends that ends at or before `sequence`; zero before the first.
  private func frameEnd(of log: LogID, notAfter sequence: Sequence64) throws(EngineError) -> Sequence64 {
    do {
      let found = try store.last(
        .log, from: Keys.log(log), to: Keys.frame(log, last: Sequence64(Swift.min(sequence.value, .max - 1)).next))
      return found.flatMap { Keys.parseFrame($0.key)?.last } ?? .zero
    } catch { throw .store(error) }
  }

  // MARK: Back

  /// What is durable here and above of a child's logs, the child's assignment, and which of its packages came last.
  private func acknowledgements(
    for card: NodeCard, _ facts: inout PackageHeader.Facts
  ) throws(EngineError) -> PackageBody {
    var body = PackageBody()
    for log in durableHeads.keys.sorted() {
      guard let head = durableHeads[log], isBelow(head.partition, card.partition) else { continue }
      facts.ends.append(.init(log: log, last: head.last, hash: head.hash))
      body.watermarks.append(.init(level: 1, log: log, last: head.last))
      body.watermarks.append(contentsOf: knownMarks(log))
    }
    let key = Keys.row(identity.partition, Assignment.key(card.partition))
    // It may wait for the batch that the package's own record goes with, which is durable before the file leaves.
    if let row = try currentRow(key, Scratch()) { body.rows.append(.init(key: key, row: row)) }
    facts.answers = packageNumbers(card.log.node).taken
    body.messages = try messages(for: card.partition)
    return body
  }
}

extension PackageDraft {
  /// Stands for "no such package" where only an engine's error fits.
  static let nothing = RecordKey(entity: EntityID(0), record: RecordID(mint: 0, counter: 0))
  /// Stands for "a snapshot lies in the way".
  static let snapshot = RecordKey(entity: EntityID(0), record: RecordID(mint: 0, counter: 1))
}
