import Engine
import Formats
import Ports
import Primitives
import Replication

/// Sees every dispatch in every synced batch: what its origin made of it, and how often each store took it.
struct DispatchWitness {
  private struct Place: Hashable {
    let node: Int
    let id: DispatchID
  }
  /// The signed bytes as the origin wrote them: with and without body.
  private(set) var genuine: [DispatchID: Dispatch] = [:]
  /// Dispatches that some recall withdrew.
  private(set) var withdrawn: Set<DispatchID> = []
  private var taken: [Place: Int] = [:]

  /// A store was put into a node: what it holds was taken in another life.
  mutating func sawStart(of node: VirtualNode, codec: FrameCodec) throws(Violation) {
    taken = taken.filter { $0.key.node != node.number }
    do {
      try node.store.scan(.meta, from: MetaKey.dispatches, to: MetaKey.dispatches.prefixEnd()) { key, _ in
        var reader = ByteReader(Bytes(key), from: 1, to: key.count)
        if let id = try? reader.dispatchID() { taken[Place(node: node.number, id: id)] = 1 }
        return true
      }
    } catch { throw Violation("store", "\(error)") }
  }

  mutating func saw(_ batch: WriteBatch, of node: VirtualNode, codec: FrameCodec) throws(Violation) {
    var found: [(id: DispatchID, value: Bytes)] = []
    var gone: [DispatchID] = []
    var places: [Bytes] = []
    batch.forEach { change, _ in
      guard change.space == .meta, let first = change.key.first else { return }
      if change.kind == .put, first == MetaKey.outboxEntries[0] { places.append(Bytes(change.value)) }
      guard first == MetaKey.dispatches[0] else { return }
      var reader = ByteReader(Bytes(change.key), from: 1, to: change.key.count)
      guard let id = try? reader.dispatchID() else { return }
      if change.kind == .put { found.append((id, Bytes(change.value))) } else { gone.append(id) }
    }
    // In one batch a dispatch may come and be read or withdrawn: the first word counts as its coming.
    for (id, value) in found {
      guard value.count > 2, let dispatch = try? Dispatch(Bytes(value[2...]), hashing: codec.hashing) else {
        throw Violation("D1 genuine", "node \(node.number) wrote dispatch \(id.text) as no dispatch")
      }
      if value[1] == 0, genuine[id] == nil { genuine[id] = dispatch }
      guard let original = genuine[id], dispatch.withdrawn == original.withdrawn,
        !dispatch.isWhole || !original.isWhole || dispatch.body == original.body
      else { throw Violation("D1 genuine", "node \(node.number) took \(id.text), which its origin never made so") }
      if dispatch.head.kind == DispatchKind.recall {
        var reader = ByteReader(dispatch.body)
        if let target = try? reader.dispatchID() { withdrawn.insert(target) }
      }
      let isComing = value[0] & 6 == 0
      let place = Place(node: node.number, id: id)
      if isComing {
        taken[place, default: 0] += 1
        guard taken[place] == 1 else {
          throw Violation("D2 once", "node \(node.number) took dispatch \(id.text) a second time")
        }
      } else if taken[place] == nil {
        taken[place] = 1
      }
    }
    for id in gone { taken[Place(node: node.number, id: id)] = nil }
  }
}

/// People talk down the tree, and oracles watch what becomes of it.
extension World {
  func speak(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, !node.isRetired else { return }
    let clock = node.clock(now)
    do throws(DispatchRefusal) {
      switch speaking.below(10) {
      case 0...4:
        guard let audience = audience(engine) else { return }
        let body = NoticeBody(title: "通知", text: Text(String(repeating: "字", count: speaking.below(400))))
        _ = try engine.say(body, to: audience, actor: "secretary", clock: clock)
        figures.dispatches += 1
      case 5...6:
        let own = engine.dispatchFacts.filter {
          $0.distance == 0 && !$0.isRecalled && $0.head.kind == DispatchKind.notice
        }
        guard !own.isEmpty else { return }
        _ = try engine.recall(own[speaking.below(own.count)].head.id, actor: "secretary", clock: clock)
        figures.dispatchRecalls += 1
      default:
        let open = engine.dispatchFacts.filter { $0.isForUs && !$0.isRead && !$0.isRecalled }
        guard !open.isEmpty else { return }
        _ = try engine.read(open[speaking.below(open.count)].head.id, actor: "clerk", clock: clock)
        figures.dispatchReads += 1
      }
    } catch {
      switch error {
      case .nobody: return
      case .engine(.readOnly): return
      default: throw Violation("engine", "node \(node.number) cannot speak: \(error)")
      }
    }
    try step(node)
  }

  private func audience(_ engine: Engine) -> Audience? {
    let orgs = engine.directory.orgs
    guard !orgs.isEmpty else { return nil }
    func place(_ random: inout SeededRandom) -> Audience.Place {
      let org = orgs[random.below(orgs.count)]
      // Roots are meant more often than anything else.
      if random.chance(permille: 500) {
        let root = RecordID(mint: org.partition.value, counter: 0)
        return .init(org: root, partition: org.partition)
      }
      return .init(org: org.id, partition: org.partition)
    }
    switch speaking.below(4) {
    case 0: return .level(UInt8(1 + speaking.below(3)))
    case 1: return .list((0...speaking.below(3)).map { _ in place(&speaking) })
    default: return .subtree(place(&speaking))
    }
  }

  /// Flips a bit of a dispatch on its way down, or lets a stranger sign it in its origin's name.
  func damageDispatches(_ message: inout Bytes) {
    guard case .dispatches(let some)? = try? LinkMessage(message),
      let number = some.list.firstIndex(where: { $0.count > 170 })
    else { return }
    figures.dispatchesDamaged += 1
    var list = some.list
    if network.chance(permille: 500) {
      list[number][network.below(list[number].count)] ^= 1 << UInt8(network.below(8))
    } else if let dispatch = try? Dispatch(list[number], hashing: codec.hashing) {
      // Another time, which nothing but the signature speaks of.
      let signed = dispatch.withdrawn.count - PublicKey.signatureByteCount
      list[number][32 + network.below(8)] ^= 1
      let signature = stranger.sign(Bytes(list[number][..<signed]))
      list[number].replaceSubrange(signed..<signed + PublicKey.signatureByteCount, with: signature)
    }
    message = Bytes(
      LinkMessage.dispatches(.init(stream: some.stream, first: some.first, list: list)).encoded()[4...])
  }

  // MARK: Oracles

  /// Who is meant, worked out from the fleet alone.
  private func meant(_ audience: Audience, by origin: VirtualNode) -> [VirtualNode] {
    nodes.filter { node in
      guard !node.isClone, !node.isRetired, let distance = distance(node, below: origin), distance > 0 else {
        return false
      }
      func owns(_ place: Audience.Place) -> Bool { node.identity.partition == place.partition }
      switch audience {
      case .subtree(let top):
        if owns(top) { return true }
        // Whoever hangs below hangs under the root org of the domain above.
        guard let owner = nodes.first(where: { $0.identity.partition == top.partition && !$0.isClone }) else {
          return false
        }
        return top.org == owner.identity.rootOrg && self.distance(node, below: owner) != nil
      case .level(let level): return distance == Int(level)
      case .list(let places): return places.contains(where: owns)
      case .other: return false
      }
    }
  }

  private func distance(_ node: VirtualNode, below top: VirtualNode) -> Int? {
    var current = node
    var distance = 0
    while current.number != top.number {
      guard let parent = current.parent else { return nil }
      current = nodes[parent]
      distance += 1
    }
    return distance
  }

  /// What still keeps a dispatch from being everywhere it must be; nil when nothing does.
  func whatIsUntold() throws(Violation) -> String? {
    for origin in nodes where !origin.isRetired {
      guard let engine = origin.engine else { return "node \(origin.number) is down" }
      for facts in engine.dispatchFacts where facts.distance == 0 {
        let id = facts.head.id
        let meant = meant(facts.head.audience, by: origin)
        var read = 0
        for node in meant {
          guard let there = node.engine?.facts(of: id) else {
            // A node that came to a recalled dispatch too late never sees it.
            if facts.isRecalled { continue }
            if dispatchWitness.withdrawn.contains(id) { continue }
            return "D3 node \(node.number) lacks dispatch \(id.text): \(facts.head.kind) \(facts.head.audience)"
          }
          guard there.isForUs else { return "D3 node \(node.number) does not know that \(id.text) is for it" }
          if there.isRead { read += 1 }
          // Where no disk is replaced, what somebody withdrew is withdrawn everywhere, at its origin too.
          let isWithdrawn = facts.isRecalled || !plan.hasOperators && dispatchWitness.withdrawn.contains(id)
          guard there.isRecalled || !isWithdrawn else { return "D5 node \(node.number) still shows \(id.text)" }
        }
        guard !dispatchWitness.withdrawn.contains(id) else { continue }
        guard facts.counts.delivered == meant.count, facts.counts.read == read else {
          let (told, there) = (facts.counts, "\(meant.count), \(read)")
          return "D3 node \(origin.number) counts \(told.delivered), \(told.read) of \(there) for \(id.text)"
        }
      }
    }
    return try whatIsUnlisted()
  }

  /// Orgs that a node cannot name though the top knows them.
  private func whatIsUnlisted() throws(Violation) -> String? {
    guard let root = nodes.first?.engine else { return "node 0 is down" }
    for node in nodes where !node.isRetired {
      for org in root.directory.orgs {
        let found: Engine.FoundOrg?
        do { found = try node.engine?.findOrg(code: org.code) } catch { throw Violation("engine", "\(error)") }
        guard found?.code == org.code else {
          let held = nodes.map { one -> String in
            let size = try? one.engine?.directorySize()
            return "node \(one.number) \(size?.domains ?? 0) domains, refused \(one.engine?.dispatchesRefused ?? 0)"
          }
          return "D6 node \(node.number) does not know org \(org.code) of \(org.partition.value), directories \(held)"
        }
      }
    }
    return nil
  }

  /// Nothing lies where nobody meant it to be.
  func checkDispatches() throws(Violation) {
    for origin in nodes where !origin.isRetired {
      for facts in origin.engine?.dispatchFacts ?? [] where facts.distance == 0 {
        let meant = meant(facts.head.audience, by: origin)
        for node in nodes where !node.isRetired && !node.isClone && node.number != origin.number {
          guard let there = node.engine?.facts(of: facts.head.id) else { continue }
          let isOnLevelsWay = if case .level = facts.head.audience { true } else { false }
          guard isOnLevelsWay || meant.contains(where: { distance($0, below: node) != nil }) else {
            throw Violation(
              "D4 astray",
              "node \(node.number) holds dispatch \(facts.head.id.text), which is not its way: \(facts.head.kind) \(facts.head.audience)"
            )
          }
          guard there.isForUs == meant.contains(where: { $0.number == node.number }) else {
            throw Violation("D4 astray", "node \(node.number) takes dispatch \(facts.head.id.text) wrongly")
          }
        }
      }
    }
  }
}
