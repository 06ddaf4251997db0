import Engine
import Formats
import Ports
import Primitives
import Replication

/// Sees every synced batch of every node, and so knows every history of every log, and which one was registered above.
struct Witness {
  struct Position: Hashable {
    let log: LogID
    let last: Sequence64
  }
  struct Place: Hashable {
    let node: Int
    let log: LogID
  }
  struct Seat: Hashable {
    let node: Int
    let partition: PartitionID
  }

  /// What clients wrote in a frame, by its hash, as its owner synced it. Two histories of one log are two hashes.
  private(set) var archive: [Digest256: [DomainModel.Taken]] = [:]
  /// By a frame's hash, the hash of the frame before it in the history of its partition, over the bounds of logs.
  private(set) var previous: [Digest256: Digest256] = [:]
  /// The one frame that ends at a position in any ancestor's store.
  var registered: [Position: Digest256] = [:]
  /// How far any ancestor ever had a log.
  var registeredLast: [LogID: Sequence64] = [:]
  var partitions: [LogID: PartitionID] = [:]
  /// Logs whose tail was lost with every disk that had it: how far the best of the others had them.
  private(set) var survivable: [LogID: Sequence64] = [:]
  /// How far each node has each log.
  var heads: [Place: (last: Sequence64, hash: Digest256)] = [:]
  /// Which log of a partition each node takes frames of.
  var currents: [Seat: LogID] = [:]
  private var applied: [Int: UInt64] = [:]

  /// Looks at a store as it was put into a node: created, restored, copied or emptied.
  mutating func sawStart(
    of node: VirtualNode, among nodes: [VirtualNode], codec: FrameCodec
  ) throws(Violation) {
    heads = heads.filter { $0.key.node != node.number }
    currents = currents.filter { $0.key.node != node.number }
    applied[node.number] = nil
    var places: [(key: Bytes, value: Bytes)] = []
    do {
      try node.store.scan(.order, from: [], to: nil) { key, value in
        places.append((Bytes(key), Bytes(value)))
        return true
      }
      let bases = try SnapshotAudit.bases(of: node.store, codec)
      for place in places {
        let sequence = try sawPlace(place.key, of: node)
        if let partition = Keys.parseSnapshot(place.value) {
          guard let base = bases[partition], base.covered?.last.value == sequence else { continue }
          try sawSnapshot(base.manifest, of: node, among: nodes)
          continue
        }
        guard let value = try node.store.get(.log, place.value), let frame = try? codec.parse(Bytes(value[8...])) else {
          throw Violation("I6 apply order", "node \(node.number) lacks a frame that it applied")
        }
        // What a later snapshot stands for.
        if let covered = bases[frame.header.partition]?.covered, covered.last.value > sequence { continue }
        try follow(frame, node, nodes, codec)
      }
    } catch let violation as Violation { throw violation } catch { throw Violation("store", "\(error)") }
  }

  /// Numbers of the apply order come one after the other.
  private mutating func sawPlace(_ key: Bytes, of node: VirtualNode) throws(Violation) -> UInt64 {
    let sequence = key.withUnsafeBytes { Keys.parseOrder($0)?.value ?? 0 }
    guard sequence == (applied[node.number] ?? 0) + 1 else {
      throw Violation("I6 apply order", "node \(node.number) applied \(sequence) after \(applied[node.number] ?? 0)")
    }
    applied[node.number] = sequence
    return sequence
  }

  /// A disk is about to go: of logs that nobody else holds as far, only so much can be asked for later.
  mutating func willLose(_ node: VirtualNode, among nodes: [VirtualNode], keeping kept: SimulatedStore?) {
    for log in registeredLast.keys.sorted() {
      guard let held = heads[Place(node: node.number, log: log)]?.last else { continue }
      var others = Sequence64.zero
      if let kept, let bytes = try? kept.get(.meta, MetaKey.head(log)), let state = try? LogState(bytes) {
        others = state.last
      }
      var above = others
      for other in nodes where other !== node && !other.isClone && !other.isRetired {
        let last = heads[Place(node: other.number, log: log)]?.last ?? .zero
        others = Swift.max(others, last)
        if other.identity.partition != partitions[log] { above = Swift.max(above, last) }
      }
      if node.identity.partition != partitions[log], above < held {
        // No ancestor knows any more which of two histories it had taken.
        registered = registered.filter { $0.key.log != log || $0.key.last <= above }
      }
      if others < held { survivable[log] = Swift.min(survivable[log] ?? others, others) }
    }
  }

  /// Holds a synced batch against the history: own frames make it, others' frames must follow it (I3, I4, I6).
  ///
  /// - Returns: how many frames the batch had.
  mutating func saw(
    _ batch: WriteBatch, of node: VirtualNode, among nodes: [VirtualNode], codec: FrameCodec
  ) throws(Violation) -> Int {
    var frames = 0
    for change in batch.changes {
      guard case .put(let space, let key, let value) = change else { continue }
      if space == .order {
        _ = try sawPlace(key, of: node)
        if let partition = Keys.parseSnapshot(value) {
          try sawSnapshot(try SnapshotAudit.manifest(of: partition, in: batch, codec), of: node, among: nodes)
        }
      }
      // Chunks of snapshots lie before every log.
      guard space == .log, Keys.parseFrame(key) != nil else { continue }
      frames += 1
      let frame: Frame
      do { frame = try codec.parse(Bytes(value[8...])) } catch {
        throw Violation("I14 damage", "node \(node.number) stored a damaged frame: \(error)")
      }
      try follow(frame, node, nodes, codec)
    }
    return frames
  }

  private mutating func follow(
    _ frame: Frame, _ node: VirtualNode, _ nodes: [VirtualNode], _ codec: FrameCodec
  ) throws(Violation) {
    let header = frame.header
    let what =
      "log \(header.log.node.value).\(header.log.incarnation) \(header.first.value)…\(header.last.value) at node \(node.number)"
    guard let owner = nodes.first(where: { $0.identity.node == header.log.node }),
      owner.identity.partition == header.partition
    else { throw Violation("foreign partition", what) }
    do { try codec.verify(frame, by: owner.identity.key) } catch {
      throw Violation("signature", "\(what): \(error)")
    }
    let place = Place(node: node.number, log: header.log)
    let head = heads[place] ?? (.zero, .zero)
    guard header.first == head.last.next, header.previous == head.hash else {
      throw Violation("I6 gap", "\(what) does not follow \(head.last.value)")
    }
    try succeed(frame, node, what, codec)
    heads[place] = (header.last, frame.hash)
    if node.identity.partition == header.partition {
      // A frame that comes back is known; any other was made here just now.
      guard archive[frame.hash] == nil else { return }
      previous[frame.hash] = header.previous
      if header.first == Sequence64.zero.next, let body = try? codec.open(frame),
        let succession = Succession(opening: header.log, in: body)
      {
        previous[frame.hash] = succession.hash
      }
      archive[frame.hash] = node.model.taken.filter {
        $0.log == header.log && $0.sequence >= header.first && $0.sequence <= header.last
      }
      return
    }
    guard archive[frame.hash] != nil else { throw Violation("I4 prefix", "\(what) is not its owner's") }
    let position = Position(log: header.log, last: header.last)
    guard registered[position] ?? frame.hash == frame.hash else {
      throw Violation("I3 one writer", "\(what): two histories were merged")
    }
    registered[position] = frame.hash
    partitions[header.log] = header.partition
    registeredLast[header.log] = Swift.max(registeredLast[header.log] ?? .zero, header.last)
  }

  /// A partition's logs are one line in every store: each begins where the one before ended, and nothing is added to
  /// that one afterwards (I3).
  private mutating func succeed(
    _ frame: Frame, _ node: VirtualNode, _ what: String, _ codec: FrameCodec
  ) throws(Violation) {
    let header = frame.header
    let seat = Seat(node: node.number, partition: header.partition)
    guard let current = currents[seat] else {
      currents[seat] = header.log
      return
    }
    if current == header.log { return }
    guard header.first == Sequence64.zero.next else { throw Violation("I3 fenced writer", "\(what) was closed before") }
    guard let body = try? codec.open(frame), let succession = Succession(opening: header.log, in: body),
      let head = heads[Place(node: node.number, log: current)], succession.follows == current,
      succession.last == head.last, succession.hash == head.hash
    else { throw Violation("I3 succession", "\(what) does not follow \(current.node.value).\(current.incarnation)") }
    currents[seat] = header.log
  }

  /// Whether a node has a log durably and another that follows it.
  func isClosed(_ log: LogID, of partition: PartitionID, at node: Int) -> Bool {
    guard let current = currents[Seat(node: node, partition: partition)], current != log else { return false }
    return heads[Place(node: node, log: log)] != nil
  }

  /// What clients wrote in the domain of a store, as far as the store goes.
  func model(of store: SimulatedStore, _ partition: PartitionID, codec: FrameCodec) throws(Violation) -> DomainModel {
    var model = DomainModel()
    var keys: [Bytes] = []
    do {
      try store.scan(.order, from: [], to: nil) { _, value in
        keys.append(Bytes(value))
        return true
      }
      let base = try SnapshotAudit.bases(of: store, codec)[partition]
      for (number, key) in keys.enumerated() {
        if let base, base.covered?.last.value == UInt64(number + 1) {
          model = DomainModel()
          for commit in try history(upTo: base.manifest.current.hash) { model.take(commit) }
          continue
        }
        guard let value = try store.get(.log, key), let frame = try? codec.parse(Bytes(value[8...])),
          frame.header.partition == partition
        else { continue }
        guard let commits = archive[frame.hash] else {
          throw Violation("I4 prefix", "a frame of log \(frame.header.log.value) that nobody made")
        }
        for commit in commits { model.take(commit) }
      }
    } catch let violation as Violation { throw violation } catch { throw Violation("store", "\(error)") }
    return model
  }
}
