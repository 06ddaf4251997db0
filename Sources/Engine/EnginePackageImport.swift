import Formats
import Ports
import Primitives
import Replication

/// A package that may be opened here: what the engine knew when it was asked. Opening and checking need no engine,
/// and take long.
public struct PackageTicket: Sendable {
  public let package: Package
  public let place: SeriesPlace
  /// Nothing in it is new.
  public let isAlready: Bool
  let keys: PackageKeys
  let heads: [LogID: LogState]
  let peer: PackagePeer

  /// What the package says it is.
  public var header: PackageHeader { package.header }

  /// Opens the body and holds its frames against the logs, all before anything is applied.
  ///
  /// - Throws: ``PackageFault``; cost: hashing, decryption and hashing again.
  public func open() throws(PackageFault) -> PackageBody {
    let body = try package.open(with: keys.sealing)
    guard header.facts.kind == .up, !isAlready else { return body }
    var chain = PackageChain(heads: heads)
    if let fault = chain.fault(body.frames, header, with: FrameCodec()) { throw .content(fault) }
    return body
  }
}

/// Packages that this node takes.
extension Engine {
  /// Asks whether a package is for us, from whom it says, and what it would bring.
  ///
  /// - Throws: why it cannot be taken: `.wrongNetwork`, `.notForUs`, `.unknownPeer`, `.fenced`, `.fault(.signature)`,
  ///   `.broken`, `.gap`, `.diverged`.
  public func judge(_ package: Package) throws(PackageError) -> PackageTicket {
    let facts = package.header.facts
    guard facts.network == networkHash else { throw .wrongNetwork }
    guard facts.recipient == identity.node else { throw .notForUs(facts.recipientCode) }
    guard let peer = packages.peers[facts.sender.node], (peer.role == .child) == (facts.kind == .up) else {
      throw .unknownPeer(facts.senderCode)
    }
    guard package.isSigned(by: peer.card.signingKey) else { throw .fault(.signature) }
    guard facts.senderPartition == peer.card.partition else { throw .fault(.content("another partition")) }
    try refuseFenced(facts, peer)
    let taken = packages.taken[facts.sender]
    let place = SeriesPlace(number: facts.number, hash: package.hash, previous: facts.previous, after: taken)
    guard place != .broken else { throw .broken(number: facts.number) }
    guard facts.recipientKey == PackageKeys(key).sealing.publicKey else { throw .fault(.notForUs) }
    var isAlready = place == .again
    if facts.kind == .up {
      switch PackageFit(package.header, heads: heads) {
      case .new: isAlready = false
      // Without frames it speaks of outboxes alone.
      case .already: isAlready = !facts.ends.isEmpty || place == .again
      case .gap(let log, let have, let start):
        throw .gap(
          log: log, isOwnLog: log == facts.sender, have: have, start: start, number: facts.number,
          expected: (taken?.number ?? 0) &+ 1)
      case .diverged(let log, let sequence): throw .diverged(log: log, at: sequence)
      }
    }
    return PackageTicket(
      package: package, place: place, isAlready: isAlready, keys: PackageKeys(key), heads: heads, peer: peer)
  }

  /// Refuses a child that owns its partition no more, or an earlier life of a node.
  private func refuseFenced(_ facts: PackageHeader.Facts, _ peer: PackagePeer) throws(PackageError) {
    let known = packages.taken.keys.sorted().last { $0.node == facts.sender.node }
    let newest = facts.kind == .up ? heads.keys.sorted().last { $0.node == facts.sender.node } : nil
    guard facts.sender >= peer.card.log, facts.sender >= known ?? facts.sender, facts.sender >= newest ?? facts.sender
    else { throw .fenced(facts.senderCode) }
    guard facts.kind == .up else { return }
    guard let assignment = assignments[facts.senderPartition], assignment.owner == facts.sender.node,
      assignment.key == peer.card.signingKey, holders[facts.senderPartition] == identity.partition
    else { throw .fenced(facts.senderCode) }
  }

  // MARK: Up

  /// Takes some frames of an opened package, in order, by the same checks as from a link. A frame that is here already
  /// changes nothing, so a package that was interrupted is simply taken again.
  ///
  /// - Throws: `.refused`, `.engine`; frames before the refused one stay.
  public func take(_ frames: ArraySlice<Bytes>, of ticket: PackageTicket) throws(PackageError) {
    let facts = ticket.header.facts
    var line = Downlink(child: facts.sender, partition: facts.senderPartition, credit: .max)
    line.logs = facts.ends.map(\.log)
    links[.package] = .down(line)
    linkOrder.append(.package)
    do throws(EngineError) {
      for bytes in frames {
        guard case .down(let line) = links[.package] else { break }
        try receivedFrame(bytes, line, .package)
      }
    } catch {
      _ = endPackageLine()
      throw .engine(error)
    }
    if let refusal = endPackageLine() { throw .refused(refusal) }
  }

  /// Records a package as taken, with the next batch: after its last frame, so that the record never promises more than
  /// is there.
  ///
  /// - Parameter messages: what the package says of outboxes.
  /// - Throws: `.fault(.content)` when its logs do not end where it says.
  public func finish(_ ticket: PackageTicket, _ messages: [LinkMessage] = []) throws(PackageError) {
    let facts = ticket.header.facts
    if facts.kind == .up {
      guard case .already = PackageFit(ticket.header, heads: heads, without: logsLeftOut) else {
        throw .fault(.content("its frames do not reach the end that it names"))
      }
      take(messages, ofChild: facts.senderPartition)
    }
    guard facts.number > packages.taken[facts.sender]?.number ?? 0 else { return }
    let record = TakenPackage(number: facts.number, hash: ticket.package.hash)
    packages.taken[facts.sender] = record
    writes.put(.meta, MetaKey.taken(facts.sender), record.encoded)
  }

  // MARK: Back

  /// Takes a return package: what is durable above, checked as the welcome of a link is, and kept for the next start.
  ///
  /// - Throws: `.behind` and `.reclaimed`, each of which closes this node for writing: sync what waits before anybody
  ///   is told; `.diverged`, `.fault(.content)`; nothing of it is believed then.
  public func takeReturn(_ body: PackageBody, of ticket: PackageTicket) throws(PackageError) {
    let facts = ticket.header.facts
    for row in body.rows { try refuseAssignment(row, ticket) }
    var uplink = Uplink()
    do {
      sealOpenCommits()
      let welcome = LinkMessage.Welcome(node: facts.sender.node, positions: facts.ends, credit: 0)
      let outcome = try uplink.received(
        welcome, standing: .init(own: identity.log, isRecovering: false), offered: heads.keys.sorted(),
        end: durableApplied, from: self)
      if case .recalls = outcome, lacksOwn(welcome) {
        // A file cannot hand the tail back: nothing is written until a link has, or an operator decided.
        beginRecovering()
        throw PackageError.behind(Text("the parent holds more of this node's log than the node"))
      }
    } catch let ending as Uplink.Ending {
      guard case .refuse = ending else { throw .fault(.content("no answer")) }
      throw .diverged(log: identity.log, at: heads[identity.log]?.last ?? .zero)
    } catch let error as EngineError { throw .engine(error) } catch let error as PackageError { throw error } catch {
      requirementFailed("an uplink throws two kinds of errors")
    }
    note(body.watermarks)
    for mark in body.watermarks where heads[mark.log] != nil {
      let level = mark.level
      let known = level == LinkMessage.Watermark.root ? rootWatermarks[mark.log] : watermark(mark.log, level: level)
      var writer = ByteWriter(capacity: 8)
      writer.u64((known ?? mark.last).value)
      writes.put(.meta, MetaKey.watermark(mark.log, level: level), writer.bytes)
    }
    answered(facts.answers)
    do throws(EngineError) { try take(messages: body.messages) } catch { throw .engine(error) }
    try finish(ticket)
  }

  /// The parent says to whom our partition is assigned; when that is not us we are fenced.
  private func refuseAssignment(_ row: PackageBody.StoredRow, _ ticket: PackageTicket) throws(PackageError) {
    let isIntact = row.key.withUnsafeBytes { key in
      row.row.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: codec.hashing) }
    }
    guard isIntact, let place = row.key.withUnsafeBytes({ Keys.parseRow($0) }), let view = try? RowView(row.row),
      let assignment = Assignment(view.value), Assignment.key(assignment.partition) == place.key,
      assignment.isSigned(by: ticket.peer.card.signingKey, network: networkHash, holder: place.partition)
    else { throw .fault(.content("an assignment that the parent did not sign")) }
    guard assignment.partition == identity.partition else { return }
    guard assignment.epoch >= identity.epoch else {
      throw .fault(.content("an assignment of an epoch before this node's"))
    }
    guard assignment.owner == identity.node, assignment.epoch == identity.epoch, assignment.key == identity.key else {
      let text = "a package of the parent: the partition is node \(assignment.owner.value)'s"
      fence(.init(.fenced, Text("\(text) in epoch \(assignment.epoch.value), this is node \(identity.node.value)")))
      throw .reclaimed(owner: assignment.owner, epoch: assignment.epoch)
    }
  }
}
