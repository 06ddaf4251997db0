import Primitives

/// Frames that arrived and are not applied yet, per link: no child's backlog stands in front of another's commit.
///
/// Each link may put ``quantum`` bytes into one batch; what comes beyond waits here and is taken in turn, one frame a
/// link. What waits is bounded by the credit of its link: credit follows what is applied, not what arrived.
struct FrameQueues {
  /// Frame bytes that one link may put into one batch before the others had their turn.
  static let quantum = 1 << 20

  private struct Queue {
    var frames: [Bytes] = []
    var next = 0
    var isEmpty: Bool { next == frames.count }
  }

  private var queues: [LinkID: Queue] = [:]
  /// Bytes of the open batch by link.
  private var taken: [LinkID: Int] = [:]
  /// Who was served last: the next turn begins behind it.
  private var last: LinkID?

  /// Links with frames that wait.
  var waiting: [LinkID] { queues.keys.sorted() }
  var isEmpty: Bool { queues.isEmpty }

  /// Frames that wait for a link.
  func count(_ id: LinkID) -> Int { queues[id].map { $0.frames.count - $0.next } ?? 0 }

  /// Whether a frame that arrives may be applied at once.
  func isOpen(_ id: LinkID) -> Bool { queues[id] == nil && hasShare(id) }

  /// Whether the link may still put something into the open batch.
  func hasShare(_ id: LinkID) -> Bool { taken[id, default: 0] < FrameQueues.quantum }

  mutating func push(_ frame: Bytes, _ id: LinkID) { queues[id, default: Queue()].frames.append(frame) }

  func first(_ id: LinkID) -> Bytes? { queues[id].map { $0.frames[$0.next] } }

  mutating func removeFirst(_ id: LinkID) {
    guard var queue = queues.removeValue(forKey: id) else { return }
    queue.frames[queue.next] = []
    queue.next += 1
    if !queue.isEmpty { queues[id] = queue }
  }

  mutating func took(_ bytes: Int, _ id: LinkID) {
    taken[id, default: 0] += bytes
    last = id
  }

  /// Links in the order of their turns.
  var turns: [LinkID] {
    let ids = waiting
    guard let last, let start = ids.firstIndex(where: { $0 > last }) else { return ids }
    return Array(ids[start...] + ids[..<start])
  }

  mutating func batchTaken() { taken.removeAll(keepingCapacity: true) }

  mutating func forget(_ id: LinkID) {
    queues[id] = nil
    taken[id] = nil
  }
}
