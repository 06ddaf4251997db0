import Primitives
import Synchronization

/// Events in order, put in at one end and taken out at the other in rounds: what a round costs does not grow with what
/// waits behind it.
struct EventQueue<Event> {
  private var events: [Event?] = []
  private var first = 0

  var isEmpty: Bool { first == events.count }
  var count: Int { events.count - first }

  mutating func append(_ event: Event) { events.append(event) }

  /// Takes the oldest, `most` of them at most.
  mutating func take(_ most: Int) -> [Event] {
    let end = Swift.min(events.count, first + most)
    var taken: [Event] = []
    taken.reserveCapacity(end - first)
    for place in first..<end {
      if let event = events[place] { taken.append(event) }
      // What was taken holds nothing alive any more.
      events[place] = nil
    }
    first = end
    // Each is moved once at most for each time it was put in.
    if first * 2 >= events.count {
      events.removeSubrange(..<first)
      first = 0
    }
    return taken
  }
}

/// What links put into a node's mailbox and the node has not looked at: bounded, so that a peer which talks faster than
/// the node works costs itself its link and nobody any memory.
///
/// Frames on their way are bounded by credit already, 4 MiB a link; everything else that an honest peer says is an
/// answer, or one a second. So a link that passes these bounds is not a busy one.
final class LinkMail: Sendable {
  /// Bytes of one link: a node that stands still for minutes meets no honest link here.
  static let bytesMax = 32 << 20
  static let messagesMax = 16_384
  /// Of all links together; above it, what one link may have is ``bytesMaxOfOne``.
  static let bytesMaxInAll = 256 << 20
  /// A large window of frames, one that overdraws it, and room for answers.
  static let bytesMaxOfOne = 12 << 20
  /// What a message takes besides its bytes: its place in the mailbox.
  static let messageOverhead = 128

  /// What is to be done with a message that came.
  enum Verdict {
    case taken
    /// The link is over its bound, from this message on: close it.
    case overflows
    /// It was over before: nothing of it is heard any more.
    case closed
  }

  private struct Box {
    var bytes = 0
    var messages = 0
    var isClosed = false
  }
  private struct State {
    var boxes: [UInt64: Box] = [:]
    var bytes = 0
  }
  private let state = Mutex(State())

  /// A message came on a link.
  func put(_ link: UInt64, _ byteCount: Int) -> Verdict {
    state.withLock { state in
      var box = state.boxes[link] ?? Box()
      if box.isClosed { return .closed }
      let bytes = byteCount + LinkMail.messageOverhead
      let most =
        state.bytes + bytes > LinkMail.bytesMaxInAll ? LinkMail.bytesMaxOfOne : LinkMail.bytesMax
      guard box.bytes + bytes <= most, box.messages < LinkMail.messagesMax else {
        box.isClosed = true
        state.boxes[link] = box
        return .overflows
      }
      box.bytes += bytes
      box.messages += 1
      state.bytes += bytes
      state.boxes[link] = box
      return .taken
    }
  }

  /// The node looked at a message of a link.
  func took(_ link: UInt64, _ byteCount: Int) {
    state.withLock { state in
      let bytes = byteCount + LinkMail.messageOverhead
      state.boxes[link]?.bytes -= bytes
      state.boxes[link]?.messages -= 1
      state.bytes -= bytes
    }
  }

  /// The node learned that a link is gone: nothing of it waits any more.
  func forget(_ link: UInt64) { state.withLock { state in state.boxes[link] = nil } }

  /// Bytes that wait, of all links.
  var waiting: Int { state.withLock { $0.bytes } }
}
