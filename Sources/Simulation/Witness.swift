import Engine
import Formats
import Ports
import Primitives

/// Sees every synced batch of every node, and so knows the one history of every log.
struct Witness {
  private struct Position: Hashable {
    let log: LogID
    let last: Sequence64
  }
  private struct Place: Hashable {
    let node: Int
    let log: LogID
  }

  /// Hash of the frame that ends at a position, as its owner synced it.
  private var history: [Position: Digest256] = [:]
  /// How far each node has each log.
  private var heads: [Place: (last: Sequence64, hash: Digest256)] = [:]
  private var applied: [Int: UInt64] = [:]

  mutating func sawStart(of node: VirtualNode, codec: FrameCodec) throws(Violation) {
    var batch = WriteBatch()
    do {
      for space in [Keyspace.log, .order] {
        try node.store.scan(space, from: [], to: nil) { key, value in
          batch.put(space, Bytes(key), Bytes(value))
          return true
        }
      }
    } catch { throw Violation("store", "\(error)") }
    _ = try saw(batch, of: node, among: [node], codec: codec)
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
        let sequence = key.withUnsafeBytes { Keys.parseOrder($0)?.value ?? 0 }
        guard sequence == (applied[node.number] ?? 0) + 1 else {
          throw Violation(
            "I6 apply order", "node \(node.number) applied \(sequence) after \(applied[node.number] ?? 0)")
        }
        applied[node.number] = sequence
      }
      guard space == .log else { continue }
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
    let what = "log \(header.log.value) \(header.first.value)…\(header.last.value) at node \(node.number)"
    guard let owner = nodes.first(where: { $0.identity.log == header.log }),
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
    heads[place] = (header.last, frame.hash)
    let position = Position(log: header.log, last: header.last)
    if owner === node, history[position] == nil { history[position] = frame.hash }
    guard history[position] == frame.hash else { throw Violation("I4 prefix", "\(what) is not the owner's") }
  }
}
