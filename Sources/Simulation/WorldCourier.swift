import Engine
import Formats
import Primitives
import Replication

/// A file on its way between two nodes.
struct Stick {
  let bytes: Bytes
  let sender: Int
  /// For whom it is, and to whom it was carried.
  let recipient: Int
  let target: Int
  /// Cut, flipped or forged: nobody may take it.
  let isBad: Bool
}

/// What a package is known by.
struct PackageName: Hashable {
  let log: LogID
  let recipient: NodeID
  let number: UInt64
}

/// Packages as another way between nodes: lost, doubled, late, cut, forged, carried to the wrong place, mixed with
/// lines, and interrupted while they are taken.
extension World {
  /// One node in three below the top has no network, one in three has a stick beside its line.
  func chooseOffline() {
    figures.hasFiles = true
    for node in nodes where node.parent != nil {
      switch courier.below(3) {
      case 0:
        node.isOffline = true
        node.usesFiles = true
      case 1: node.usesFiles = true
      default: break
      }
    }
    // A run without any would prove nothing.
    if let last = nodes.last, last.parent != nil, !nodes.contains(where: \.isOffline) {
      last.isOffline = true
      last.usesFiles = true
    }
  }

  func handOutSticks() {
    for node in nodes where node.usesFiles {
      schedule(.export(node: node.number), after: UInt64(100 + courier.below(2000)))
    }
  }

  /// Makes the next package of a node, or its parent's receipt for it.
  func export(_ node: VirtualNode) throws(Violation) {
    // Months may pass between two packages: now and then nobody comes for a long time.
    let pause = isStormy ? (courier.chance(permille: 100) ? 6000 : 200 + courier.below(1500)) : 150 + courier.below(100)
    schedule(.export(node: node.number), after: UInt64(pause))
    guard let number = node.parent else { return }
    let parent = nodes[number]
    guard try introduce(node, parent) else { return }
    if courier.chance(permille: 500) { try make(node, for: parent) } else { try make(parent, for: node) }
  }

  /// Gives each of the two the other's card; false while one of them is down.
  private func introduce(_ child: VirtualNode, _ parent: VirtualNode) throws(Violation) -> Bool {
    for (one, other) in [(parent, child), (child, parent)] {
      guard let engine = one.engine, let card = other.engine?.card else { return false }
      do { _ = try engine.introduce(card, clock: one.clock(now)) } catch {
        throw Violation("package", "node \(one.number) does not take the card of node \(other.number): \(error)")
      }
      try step(one)
    }
    return child.engine != nil && parent.engine != nil
  }

  private func make(_ node: VirtualNode, for target: VirtualNode) throws(Violation) {
    guard let engine = node.engine else { return }
    let isUp = node.parent == target.number
    do throws(PackageError) {
      guard
        let draft = try engine.draftPackage(
          to: target.identity.rootOrgCode, scope(engine, target), clock: node.clock(now), release: "simulated",
          bytesMax: isStormy ? 1 + courier.below(6000) : Engine.packageBytesMax)
      else { return }
      let package: Package
      do { package = try draft.seal() } catch { throw PackageError.fault(error) }
      try engine.recordSent(draft, package.hash)
      journal.note(now, "package", node.number, draft.facts.number)
      if draft.isAgain { figures.files.again += 1 }
      if isUp { figures.files.up += 1 } else { figures.files.back += 1 }
      node.outbox.append((node.life, package, target.number))
    } catch {
      if case .unknownNumber = error { return }
      throw Violation("package", "node \(node.number) makes none for node \(target.number): \(error)")
    }
    if plan.mutant == .packageLeavesEarly { try release(node) }
    try step(node)
  }

  private func scope(_ engine: Engine, _ target: VirtualNode) -> PackageScope {
    guard isStormy else { return .unacknowledged }
    switch courier.below(10) {
    case 0: return .everything
    case 1:
      let sent = engine.packageNumbers(target.identity.node).sent
      return sent == 0 || engine.isRoot ? .unacknowledged : .again(1 + UInt64(courier.below(Int(sent))))
    case 3: return .following
    case 2: return .after(Sequence64(UInt64(courier.below(Int(engine.lastSequence.value) + 1))))
    default: return .unacknowledged
    }
  }

  /// Lets packages go whose record is durable.
  func releasePackages(_ node: VirtualNode) throws(Violation) {
    guard !node.outbox.isEmpty, let engine = node.engine, node.flight == nil, !engine.wantsWrite else { return }
    try release(node)
  }

  private func release(_ node: VirtualNode) throws(Violation) {
    let ready = node.outbox.filter { $0.life == node.life }
    node.outbox = []
    for (_, package, target) in ready {
      let facts = package.header.facts
      let name = PackageName(log: facts.sender, recipient: facts.recipient, number: facts.number)
      if let known = packageHashes[name], known != package.hash {
        throw Violation("package number", "node \(node.number) made two packages \(facts.number)")
      }
      packageHashes[name] = package.hash
      send(package, from: node, to: target)
    }
  }

  private func send(_ package: Package, from node: VirtualNode, to recipient: Int) {
    guard isStormy else { return put(package.bytes, node, recipient, recipient, isBad: false) }
    switch courier.below(20) {
    case 0...2: figures.files.lost += 1
    case 3...4:
      figures.files.doubled += 1
      put(package.bytes, node, recipient, recipient, isBad: false)
      put(package.bytes, node, recipient, recipient, isBad: false)
    case 5...6:
      figures.files.damaged += 1
      var bytes = package.bytes
      if courier.chance(permille: 400) {
        bytes.removeLast(1 + courier.below(bytes.count))
      } else {
        bytes[courier.below(bytes.count)] ^= 1 << UInt8(courier.below(8))
      }
      put(bytes, node, recipient, recipient, isBad: true)
    case 7:
      guard let forged = forge(package) else { return }
      figures.files.forged += 1
      put(forged, node, recipient, recipient, isBad: true)
    case 8:
      figures.files.astray += 1
      put(package.bytes, node, recipient, courier.below(nodes.count), isBad: false)
    default: put(package.bytes, node, recipient, recipient, isBad: false)
    }
  }

  /// The same claims with nothing behind them, under a stranger's signature.
  private func forge(_ package: Package) -> Bytes? {
    try? PackageKeys(stranger).seal(package.header.facts, PackageBody()).bytes
  }

  private func put(_ bytes: Bytes, _ node: VirtualNode, _ recipient: Int, _ target: Int, isBad: Bool) {
    let number = sticks.count
    sticks.append(
      Stick(bytes: bytes, sender: node.number, recipient: recipient, target: target, isBad: isBad))
    let delay = isStormy ? 50 + courier.below(courier.chance(permille: 100) ? 8000 : 1200) : 20 + courier.below(80)
    schedule(.carry(stick: number), after: UInt64(delay))
  }

  // MARK: Taking

  func carry(_ number: Int) throws(Violation) {
    let stick = sticks[number]
    let node = nodes[stick.target]
    guard let engine = node.engine else { return schedule(.carry(stick: number), after: 500) }
    journal.note(now, "stick", stick.target, UInt64(number))
    let isTaken: Bool
    do throws(PackageError) { isTaken = try take(stick, node, engine) } catch {
      try judge(error, stick)
      return try step(node)
    }
    guard !isTaken || !stick.isBad && stick.target == stick.recipient else {
      throw Violation("package", "node \(node.number) took a bad file, or another node's")
    }
    try step(node)
    try checkWatermarks(node)
  }

  /// Returns whether the file was taken as far as the node lived.
  private func take(_ stick: Stick, _ node: VirtualNode, _ engine: Engine) throws(PackageError) -> Bool {
    let package: Package
    do {
      package = try Package(stick.bytes)
      try package.checkBody()
    } catch { throw .fault(error) }
    let ticket = try engine.judge(package)
    let body: PackageBody
    do { body = try ticket.open() } catch { throw .fault(error) }
    if ticket.isAlready {
      figures.files.already += 1
      return true
    }
    guard ticket.header.facts.kind == .up else {
      try engine.takeReturn(body, of: ticket)
      return true
    }
    var rest = body.frames[...]
    while !rest.isEmpty {
      let some = rest.prefix(1 + courier.below(5))
      try engine.take(some, of: ticket)
      rest = rest.dropFirst(some.count)
      if courier.chance(permille: 200) { do { try step(node) } catch { throw .engine(.corrupt("\(error)")) } }
      // Between two steps of one package, where no other effect would let the node die.
      if isStormy, node.engine === engine, courier.chance(permille: 20) { crash(node) }
      guard node.engine === engine else {
        figures.files.interrupted += 1
        return true
      }
    }
    try engine.finish(ticket, body.messages)
    return true
  }

  /// Which refusals a world without errors of its own may see.
  private func judge(_ error: PackageError, _ stick: Stick) throws(Violation) {
    switch error {
    case .unknownPeer:
      // The card was lost with a crash, or the file went astray.
      return
    case .gap: figures.files.gaps += 1
    case .notForUs:
      guard stick.isBad || stick.target != stick.recipient else { fallthrough }
    case .fault, .wrongNetwork:
      guard stick.isBad else { fallthrough }
    default:
      throw Violation("package", "node \(stick.target) refuses a file of node \(stick.sender): \(error)")
    }
  }
}
