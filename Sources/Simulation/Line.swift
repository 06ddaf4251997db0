import Primitives

/// One connection between a child and its parent, as TCP with a record check gives it: messages in order while it
/// stands; when
/// it is cut, an arbitrary suffix of what is on its way is lost, and each end learns of it in its own time.
struct Line {
  enum Item {
    /// One message without its length.
    case message(Bytes)
    /// The end: the receiver learns that the line is gone.
    case end
  }

  let number: Int
  let child: Int
  let parent: Int
  /// What is on its way, by direction.
  private(set) var queues: [[Item]] = [[], []]
  /// Whether the end on this side believes in the line.
  var isOpen = [true, true]
  /// Nothing sent after a cut arrives.
  private(set) var isCut = false
  var stalledUntil: [UInt64] = [0, 0]
  /// Whether it ever was: who does not answer in time may have had no chance.
  var hasStalled = false
  var lastArrival: [UInt64] = [0, 0]

  init(number: Int, child: Int, parent: Int) {
    self.number = number
    self.child = child
    self.parent = parent
  }

  func node(_ side: Side) -> Int { side == .child ? child : parent }

  /// Returns whether the message is on its way.
  mutating func send(_ bytes: Bytes, to side: Side) -> Bool {
    guard !isCut else { return false }
    queues[side.rawValue].append(.message(bytes))
    return true
  }

  /// Puts the last message before the one in front of it: what no line may do.
  mutating func reorder(_ side: Side) {
    let queue = queues[side.rawValue]
    guard queue.count >= 2, case .message(let last) = queue[queue.count - 1],
      case .message(let before) = queue[queue.count - 2], last.first == 3, before.first == 3
    else { return }
    queues[side.rawValue].swapAt(queue.count - 1, queue.count - 2)
  }

  mutating func take(_ side: Side) -> Item? {
    queues[side.rawValue].isEmpty ? nil : queues[side.rawValue].removeFirst()
  }

  /// The end towards `side` leaves: `keep` messages still arrive there, then the end does.
  mutating func end(towards side: Side, keeping keep: Int) {
    let queue = queues[side.rawValue]
    if case .end = queue.last { return }
    queues[side.rawValue] = Array(queue[..<Swift.min(keep, queue.count)]) + [.end]
  }

  /// Whether the last message on its way to a side begins with this byte.
  func lastMessage(to side: Side, is tag: UInt8) -> Bool {
    guard case .message(let bytes) = queues[side.rawValue].last else { return false }
    return bytes[0] == tag
  }

  mutating func cut() { isCut = true }

  /// Loses every message that is on its way; ends still arrive. What a storm damaged must not arrive after it.
  mutating func empty() {
    for side in queues.indices { queues[side].removeAll { if case .message = $0 { true } else { false } } }
    stalledUntil = [0, 0]
  }
}
