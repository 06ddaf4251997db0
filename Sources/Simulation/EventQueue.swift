/// Something that happens at a virtual time.
enum Event {
  /// A client of the node commits something.
  case work(node: Int)
  /// The driver's clock of the node.
  case tick(node: Int)
  /// A slow disk finished the batch that was taken in this life of the node.
  case diskDone(node: Int, life: Int)
  /// The next thing on a line reaches its end.
  case arrive(line: Int, side: Side)
  /// The node dials its parent.
  case dial(node: Int)
  case restart(node: Int)
  /// Somebody makes a package for the node's parent, or the parent one for the node.
  case export(node: Int)
  /// A stick reaches the one it was carried to.
  case carry(stick: Int)
  /// Somebody at the node says something to those below, withdraws it, or reads what came.
  case speak(node: Int)
  /// The node hands a record to another domain, or wants one back.
  case move(node: Int)
  /// Something breaks.
  case fault
  /// Somebody copies a disk, puts one back, or starts a copy.
  case operate
}

/// The two ends of a line; as a direction, towards which end.
enum Side: Int {
  case child = 0
  case parent = 1

  var other: Side { self == .child ? .parent : .child }
}

/// Events by time; events of one time in the order in which they were added. A binary heap.
struct EventQueue {
  private struct Entry {
    let time: UInt64
    let order: UInt64
    let event: Event

    func precedes(_ other: Entry) -> Bool { time != other.time ? time < other.time : order < other.order }
  }

  private var heap: [Entry] = []
  private var added: UInt64 = 0

  mutating func add(_ event: Event, at time: UInt64) {
    added += 1
    heap.append(Entry(time: time, order: added, event: event))
    var child = heap.count - 1
    while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The next event, unless it comes after `limit`.
  mutating func next(notAfter limit: UInt64) -> (time: UInt64, event: Event)? {
    guard let first = heap.first, first.time <= limit else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var smallest = parent
      for child in [parent * 2 + 1, parent * 2 + 2] where child < heap.count && heap[child].precedes(heap[smallest]) {
        smallest = child
      }
      if smallest == parent { break }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
    return (first.time, first.event)
  }
}

/// Folds every event into one hash, and keeps the last ones in words for a failing run.
struct Journal {
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var recent: [String] = []
  static let recentMax = 60

  mutating func note(_ time: UInt64, _ what: StaticString, _ first: Int, _ second: UInt64 = 0) {
    for word in [time, UInt64(what.utf8CodeUnitCount), UInt64(first), second] { mix(word) }
    what.withUTF8Buffer { for byte in $0 { mix(UInt64(byte)) } }
    recent.append("\(time) \(what) \(first) \(second)")
    if recent.count > Journal.recentMax * 2 { recent.removeFirst(Journal.recentMax) }
  }

  mutating func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0x0000_0100_0000_01B3
    hash ^= hash >> 29
  }
}
