import Engine
import Formats
import Primitives

extension World {
  // MARK: Faults

  /// Whether the node dies here; if so it is dead on return.
  func dies(_ node: VirtualNode) -> Bool {
    guard isStormy, faults.chance(permille: plan.crashPermille) else { return false }
    crash(node)
    return true
  }

  func crash(_ node: VirtualNode) {
    figures.crashes += 1
    if node.flight != nil { figures.crashesInFlight += 1 }
    journal.note(now, "crash", node.number)
    node.refusalsBefore = node.refusals
    tell(node)
    node.engine = nil
    node.desk.crash()
    node.flight = nil
    node.upLine = nil
    loseUnsynced(node)
    for number in lines.indices {
      for side in [Side.child, .parent]
      where lines[number].node(side) == node.number && lines[number].isOpen[side.rawValue] {
        lines[number].isOpen[side.rawValue] = false
        end(number, towards: side.other)
      }
    }
    if !node.isRetired { schedule(.restart(node: node.number), after: UInt64(1 + faults.below(3000))) }
  }

  private func loseUnsynced(_ node: VirtualNode) {
    let rows = faults.below(node.store.unsyncedCount(.rows) + 1)
    let index = faults.below(node.store.unsyncedCount(.index) + 1)
    if rows < node.store.unsyncedCount(.rows) { figures.restartsBehindRows += 1 }
    if index < node.store.unsyncedCount(.index) { figures.restartsBehind += 1 }
    node.store.crash(keepingRows: rows, keepingIndex: index)
  }

  func breakSomething() {
    let open = lines.indices.filter { lines[$0].isOpen[0] && lines[$0].isOpen[1] && !lines[$0].isCut }
    switch faults.below(10) {
    case 0...3:
      guard !open.isEmpty else { return }
      cut(open[faults.below(open.count)])
    case 4...5:
      guard !open.isEmpty else { return }
      let side = faults.below(2)
      figures.stalls += 1
      let line = open[faults.below(open.count)]
      lines[line].stalledUntil[side] = now + UInt64(500 + faults.below(8000))
      lines[line].hasStalled = true
    case 6...7:
      let node = nodes[faults.below(nodes.count)]
      if node.engine != nil { crash(node) }
    case 8:
      figures.clockJumps += 1
      let year: Int64 = 31_536_000_000
      let node = nodes[faults.below(nodes.count)]
      node.skew = Int64(faults.below(3) - 1) * year + Int64(faults.below(100_000))
      node.jumpedAt = now
    default:
      // A burst of everything: lines that break while they are being made again.
      for line in open { cut(line) }
    }
  }

  // MARK: Lines

  func cut(_ number: Int) {
    figures.cuts += 1
    journal.note(now, "cut", number)
    end(number, towards: .child)
    end(number, towards: .parent)
  }

  /// Nothing more arrives at `side` but some of what is on its way, and the end, in its own time.
  private func end(_ number: Int, towards side: Side) {
    lines[number].cut()
    lines[number].end(towards: side, keeping: network.below(lines[number].queues[side.rawValue].count + 1))
    let late = network.chance(permille: 200) ? network.below(5000) : network.below(50)
    arrival(number, side, after: UInt64(late))
  }

  private func arrival(_ number: Int, _ side: Side, after delay: UInt64) {
    let time = Swift.max(lines[number].lastArrival[side.rawValue], now + delay)
    lines[number].lastArrival[side.rawValue] = time
    schedule(.arrive(line: number, side: side), after: time - now)
  }

  func transmit(_ encoded: Bytes, from node: VirtualNode, on number: Int) {
    let side: Side = lines[number].child == node.number ? .parent : .child
    var bytes = Bytes(encoded[4...])
    journal.note(now, "send", number * 2 + side.rawValue, UInt64(bytes.count) << 8 | UInt64(bytes[bytes.count - 1]))
    if isStormy, bytes[0] == 3, network.chance(permille: plan.corruptionPermille) { damage(&bytes) }
    if plan.mutant == .ticketsAreNotTold, bytes[0] == 13 { return }
    if isStormy, bytes[0] == 16, network.chance(permille: plan.corruptionPermille * 30) {
      damageRecalled(&bytes, number)
    }
    if bytes[0] == 2, plan.hasDeafClones, isStormy, nodes[lines[number].child].isClone { deafen(&bytes) }
    if isStormy, bytes[0] == 7 || bytes[0] == 9, network.chance(permille: plan.corruptionPermille * 10) {
      damageSnapshot(&bytes)
    }
    if isStormy, bytes[0] == 20, network.chance(permille: plan.corruptionPermille * 10) { damageDispatches(&bytes) }
    guard lines[number].send(bytes, to: side) else { return }
    if plan.mutant == .lineReorders { lines[number].reorder(side) }
    arrival(number, side, after: UInt64(1 + network.below(isStormy ? 120 : 20)))
  }

  /// A second machine takes no notice of what its parent has: it sends all of its own, whatever that is worth.
  private func deafen(_ message: inout Bytes) {
    guard case .welcome(let welcome)? = try? LinkMessage(message) else { return }
    figures.deafWelcomes += 1
    message = Bytes(
      LinkMessage.welcome(.init(node: welcome.node, positions: [], credit: welcome.credit)).encoded()[4...])
  }

  /// What a parent may do that wants to make our history instead of handing it back: flips a bit in a frame that comes
  /// down, or lets a stranger sign it, as it is, and tells the stranger's key.
  private func damageRecalled(_ message: inout Bytes, _ line: Int) {
    guard case .recalled(let recalled)? = try? LinkMessage(message), !recalled.frames.isEmpty else { return }
    var frames = recalled.frames
    var signers = recalled.signers
    let number = network.below(frames.count)
    if network.chance(permille: 250) {
      var frame: Bytes = [3] + frames[number]
      damage(&frame)
      frames[number] = Bytes(frame[1...])
    } else {
      figures.forgedHistories += 1
      // Of what an earlier owner made there is nothing but the parent's word; of its own epoch the child knows better.
      let child = nodes[lines[line].child].identity
      let own = frames.lastIndex { frame in
        guard let header = try? FrameHeader(frame: frame) else { return false }
        return header.log.node == child.node && header.epoch == child.epoch
      }
      // What follows would name its hash.
      if let own { frames.removeSubrange((own + 1)...) }
      let last = frames.count - 1
      sign(&frames[last], timed: network.chance(permille: 500))
      if own != nil, network.chance(permille: 700), let header = try? FrameHeader(frame: frames[last]) {
        signers.removeAll { $0.log == header.log }
        signers.append(.init(log: header.log, key: stranger.publicKey))
      }
    }
    let changed = LinkMessage.recalled(
      .init(frames: frames, signers: signers, cursor: recalled.cursor, isLast: recalled.isLast))
    message = Bytes(changed.encoded()[4...])
  }

  /// Lets a stranger sign a frame.
  ///
  /// - Parameter isTimed: the commit's time is another, which no rule but the signature speaks of.
  private func sign(_ frame: inout Bytes, timed isTimed: Bool) {
    if isTimed { frame[56 + network.below(8)] ^= 1 << UInt8(network.below(8)) }
    for byte in 0..<4 { frame[68 + byte] = UInt8(truncatingIfNeeded: stranger.id >> UInt32(24 - byte * 8)) }
    let signature = stranger.sign(Bytes(frame[..<FrameHeader.signedByteCount]))
    frame.replaceSubrange(FrameHeader.signedByteCount..<FrameHeader.byteCount, with: signature)
  }

  /// Flips a bit anywhere in a frame, headers as often as bodies, or lets a stranger sign a changed header.
  private func damage(_ message: inout Bytes) {
    let body = 1 + FrameHeader.byteCount
    switch network.below(5) {
    case 0, 1:
      figures.damagedFrames += 1
      message[body + network.below(message.count - body)] ^= 1 << UInt8(network.below(8))
    case 2, 3:
      figures.damagedHeaders += 1
      message[1 + network.below(FrameHeader.byteCount)] ^= 1 << UInt8(network.below(8))
    default:
      figures.forgedFrames += 1
      // A commit's time, which no rule but the signature speaks of; the forger names itself, or the owner.
      message[1 + 56 + network.below(8)] ^= 1 << UInt8(network.below(8))
      if network.chance(permille: 500) {
        for byte in 0..<4 { message[1 + 68 + byte] = UInt8(truncatingIfNeeded: stranger.id >> UInt32(24 - byte * 8)) }
      }
      let signature = stranger.sign(Bytes(message[1..<1 + FrameHeader.signedByteCount]))
      message.replaceSubrange(1 + FrameHeader.signedByteCount..<body, with: signature)
    }
  }

  /// The engine wants the link closed: what was sent before still arrives.
  func hangUp(_ node: VirtualNode, _ number: Int) {
    let side: Side = lines[number].child == node.number ? .child : .parent
    guard lines[number].isOpen[side.rawValue] else { return }
    closed(number, side)
    if !lines[number].isCut {
      lines[number].cut()
      lines[number].end(towards: side.other, keeping: .max)
      arrival(number, side.other, after: 1)
    }
  }

  /// This end no longer believes in the line.
  private func closed(_ number: Int, _ side: Side) {
    lines[number].isOpen[side.rawValue] = false
    let node = nodes[lines[number].node(side)]
    node.engine?.disconnected(LinkID(UInt64(number)))
    if side == .child, node.upLine == number {
      node.upLine = nil
      schedule(.dial(node: node.number), after: UInt64(1 + network.below(isStormy ? 2000 : 200)))
    }
  }

  func arrive(_ number: Int, _ side: Side) throws(Violation) {
    let stalled = lines[number].stalledUntil[side.rawValue]
    if stalled > now {
      lines[number].lastArrival[side.rawValue] = Swift.max(lines[number].lastArrival[side.rawValue], stalled)
      return schedule(.arrive(line: number, side: side), after: stalled - now)
    }
    guard let item = lines[number].take(side), lines[number].isOpen[side.rawValue] else { return }
    let node = nodes[lines[number].node(side)]
    guard let engine = node.engine else { return }
    switch item {
    case .end:
      journal.note(now, "line ended", number * 2 + side.rawValue)
      closed(number, side)
    case .message(let bytes):
      if bytes[0] == 3, let frame = try? codec.parse(Bytes(bytes[1...])), let head = engine.head(of: frame.header.log),
        head.last >= frame.header.last
      {
        figures.duplicateFrames += 1
      }
      let wasLinked = engine.isLinkedToParent
      do { try engine.received(bytes, on: LinkID(UInt64(number)), clock: node.clock(now)) } catch {
        throw Violation("engine", "node \(node.number) blames itself for a message: \(error)")
      }
      if !wasLinked, engine.isLinkedToParent { try checkWelcome(node, number) }
    }
    try step(node)
    try checkWatermarks(node)
  }

  func dial(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, node.upLine == nil, !node.isRetired, let parent = node.parent.map({ nodes[$0] })
    else { return }
    guard let parentEngine = parent.engine else {
      return schedule(.dial(node: node.number), after: UInt64(50 + network.below(1000)))
    }
    let number = lines.count
    journal.note(now, "line", number, UInt64(node.number))
    lines.append(Line(number: number, child: node.number, parent: parent.number))
    node.upLine = number
    parentEngine.childConnected(LinkID(UInt64(number)))
    engine.parentConnected(LinkID(UInt64(number)))
    try step(node)
  }

  // MARK: Liveness

  /// Nothing breaks from here on: every node is up, every line is made anew.
  func heal() throws(Violation) {
    isStormy = false
    // Second machines are switched off; what only they had is evidence.
    for node in nodes where node.isClone {
      node.isRetired = true
      if node.engine != nil { crash(node) }
    }
    for node in nodes where node.engine == nil && !node.isRetired { try open(node) }
    for number in lines.indices {
      if lines[number].isOpen[0] || lines[number].isOpen[1], !lines[number].isCut { cut(number) }
      lines[number].empty()
    }
    journal.note(now, "healed", 0)
  }
}
