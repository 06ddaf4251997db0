import Engine
import Formats
import Foundation
import Messages
import Primitives

/// A neighbour that packages are exchanged with.
public struct PackageNeighbour: Sendable {
  public let isParent: Bool
  public let card: NodeCard
  /// The last package made for it, and the last one taken from it; 0 before the first.
  public let sent: UInt64
  public let taken: UInt64
}

/// What an import of a package did, or would do.
public struct PackageOutcome: Sendable {
  public let header: PackageHeader
  /// Short name of the package: the first digits of its hash in groups.
  public let hash: String
  /// Nothing in it was new.
  public let isAlready: Bool
  /// How many packages of the sender before this one never came; nothing of theirs is missing.
  public let skipped: UInt64
  /// Up: how far the sender's own log is here now. Back: how far ours is at the parent now.
  public let position: UInt64
}

extension Node {
  /// This node's card, for its neighbours.
  public func card() async throws(Failure) -> NodeCard {
    try await thread.perform { $0.card }
  }

  /// Everybody whose card is here.
  public func packageNeighbours() async throws(Failure) -> [PackageNeighbour] {
    try await thread.perform { engine in
      engine.packagePeers.map { peer in
        let numbers = engine.packageNumbers(peer.card.log.node)
        return PackageNeighbour(
          isParent: peer.role == .parent, card: peer.card, sent: numbers.sent, taken: numbers.taken)
      }
    }
  }

  /// Takes a neighbour's card; durable on return.
  ///
  /// - Parameters:
  ///   - text: the card's file.
  ///   - isParent: what the node is to this one; nil when the codes tell.
  ///   - replacing: forget the parent, or the child's card, known so far.
  /// - Throws: `XYL-LNK-0021` for a card that is damaged, of no neighbour or of another one than known; `XYL-LNK-0002`
  ///   when the child may not be one.
  public func introduce(
    _ text: String, file: String = "-", isParent: Bool? = nil, replacing: Bool = false
  ) async throws(Failure) -> PackageNeighbour {
    let card: NodeCard
    do { card = try NodeCard(text) } catch {
      throw Failure(.linkCardRefused, ["file": file, "reason": "line \(error.offset): \(error.expected)"])
    }
    let now = NodeClock.milliseconds
    let asked = isParent.map { $0 ? PackagePeer.Role.parent : .child }
    let role = try await naming(file) { () async throws(Failure) in
      try await self.thread.performWritten { engine in
        try engine.introduce(card, as: asked, replacing: replacing, clock: now)
      }
    }
    let numbers = try await thread.perform { $0.packageNumbers(card.log.node) }
    return PackageNeighbour(isParent: role == .parent, card: card, sent: numbers.sent, taken: numbers.taken)
  }

  /// Makes the next package for a neighbour. Its record is durable on return, so the bytes may leave.
  ///
  /// - Parameters:
  ///   - code: root org code of the neighbour; nil is the parent.
  ///   - release: this program's, named in the package.
  /// - Returns: the whole file, or nil when the parent has acknowledged everything. When
  ///   ``PackageHeader/Facts/hasMore`` is set, ask again with `.following` for the rest.
  /// - Throws: `XYL-LNK-0020` without the neighbour's card, `XYL-LNK-0022` for an unknown number.
  public func exportPackage(
    to code: String? = nil, _ scope: PackageScope = .unacknowledged, release: String
  ) async throws(Failure) -> Package? {
    let now = NodeClock.milliseconds
    let recipient = code.map { Text($0) }
    let thread = thread
    return try await naming(code ?? "-") { () async throws(Failure) in
      // A second export that took the number meanwhile is rare: the draft is made anew.
      for _ in 0..<3 {
        let draft = try await thread.perform { engine in
          try engine.draftPackage(to: recipient, scope, clock: now, release: Text(release))
        }
        guard let draft else { return nil }
        let package: Package
        do { package = try await self.readers.perform { try draft.seal() } } catch { throw Failure(anyError: error) }
        let isRecorded = try await thread.performWritten { engine in
          do throws(PackageError) { try engine.recordSent(draft, package.hash) } catch {
            guard error == .busy else { throw error }
            return false
          }
          return true
        }
        if isRecorded { return package }
      }
      throw Failure(.nodeBusy, ["queue": "exports", "limit": "1"])
    }
  }

  /// Takes a package: whole, or nothing of it. Durable on return.
  ///
  /// - Parameters:
  ///   - file: its name, for messages.
  ///   - dryRun: checks everything and changes nothing.
  /// - Throws: `XYL-LNK-0014` for another node's, `0015` for a damaged one, `0016` when earlier ones are missing,
  ///   `0020` for an unknown sender, `0023` for a sender that is fenced or has two histories.
  public func importPackage(
    _ bytes: Bytes, file: String, dryRun: Bool = false
  ) async throws(Failure) -> PackageOutcome {
    try await naming(file) { () async throws(Failure) in
      let (package, ticket, body) = try await self.opened(bytes)
      if !dryRun, !ticket.isAlready {
        if package.header.facts.kind == .back {
          // What it says against this node must be on the disk before anybody is told.
          let objection = try await self.thread.performWritten { engine -> PackageError? in
            do throws(PackageError) { try engine.takeReturn(body, of: ticket) } catch { return error }
            return nil
          }
          if let objection { throw PackageFailure.of(objection) }
        } else {
          try await self.apply(body, of: ticket)
        }
      }
      return try await self.outcome(package, ticket, dryRun: dryRun)
    }
  }

  /// Reads, checks and opens a file, the long parts beside the node's thread.
  private func opened(_ bytes: Bytes) async throws(Failure) -> (Package, PackageTicket, PackageBody) {
    do {
      let package = try await readers.perform {
        let package = try Package(bytes)
        try package.checkBody()
        return package
      }
      let ticket = try await thread.perform { try $0.judge(package) }
      let body = try await readers.perform { try ticket.open() }
      return (package, ticket, body)
    } catch { throw Failure(anyError: error) }
  }

  /// Frame bytes that are applied before the node looks after others.
  private static let stepBytesMax = 2 << 20

  private func apply(_ body: PackageBody, of ticket: PackageTicket) async throws(Failure) {
    let frames = body.frames
    var start = 0
    while start < frames.count {
      var end = start
      var byteCount = 0
      while end < frames.count, byteCount < Node.stepBytesMax {
        byteCount += frames[end].count
        end += 1
      }
      let step = frames[start..<end]
      try await thread.perform { try $0.take(step, of: ticket) }
      start = end
    }
    let messages = body.messages
    try await thread.performWritten { try $0.finish(ticket, messages) }
  }

  private func outcome(
    _ package: Package, _ ticket: PackageTicket, dryRun: Bool
  ) async throws(Failure) -> PackageOutcome {
    let facts = package.header.facts
    let position = try await thread.perform { engine in
      facts.kind == .up
        ? engine.head(of: facts.sender)?.last.value ?? 0 : engine.watermark(engine.identity.log, level: 1).value
    }
    var skipped: UInt64 = 0
    if case .skips(let count) = ticket.place { skipped = count }
    return PackageOutcome(
      header: package.header, hash: package.hash.grouped(groups: 8), isAlready: ticket.isAlready, skipped: skipped,
      position: position)
  }

  /// Gives a failure the name of the file it speaks of.
  private func naming<Result: Sendable>(
    _ file: String, _ body: () async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    do { return try await body() } catch {
      throw error.value(of: "file") == PackageFailure.noFile
        ? Failure(error.code, fields: error.fields.map { $0.name == "file" ? .init(name: "file", value: file) : $0 })
        : error
    }
  }
}
