import NIOCore
import Primitives
import Synchronization

/// Tells a connection's handler that its peer lets more wait than it may.
struct TooMuchWaits: Sendable {}

/// What waits to be written on one connection.
///
/// Any thread puts messages in; the connection's event loop takes all that gathered and writes them with one flush.
final class Link: Sendable {
  private struct State {
    var waiting: [Bytes] = []
    var isScheduled = false
    var isClosing = false
    /// Whether the peer's certificate was renewed over this link.
    var hasRenewed = false
    /// Bytes given to us and not yet taken by the kernel.
    var unsentBytes = 0
    /// When the kernel last took some, or when the first began to wait.
    var lastTaken = NIODeadline.now()
  }

  /// Large messages are written in pieces, for a piece that left is the sign that a slow peer still reads.
  private static let pieceBytes = 64 << 10

  let number: UInt64
  let channel: any Channel
  let isParent: Bool
  /// What was found out about the peer; nil on a link without certificates.
  let examination: Examination?
  private let unsentBytesMax: Int
  private let state = Mutex(State())

  init(number: UInt64, channel: any Channel, isParent: Bool, examination: Examination?, unsentBytesMax: Int) {
    self.number = number
    self.channel = channel
    self.isParent = isParent
    self.examination = examination
    self.unsentBytesMax = unsentBytesMax
  }

  /// Whether ``close(within:)`` was called: nothing more is sent then, and nothing more delivered.
  var isClosing: Bool { state.withLock { $0.isClosing } }

  /// True once for a link: a certificate that was just renewed is not renewed again.
  func mayRenew() -> Bool {
    state.withLock { state in
      defer { state.hasRenewed = true }
      return !state.hasRenewed
    }
  }

  /// For how long the peer has taken nothing of what waits for it; zero when nothing waits.
  func stuck(_ now: NIODeadline) -> TimeAmount {
    state.withLock { $0.unsentBytes > 0 ? now - $0.lastTaken : .zero }
  }

  /// Queues a message; the connection is dropped when more waits than may. Never calls back before it returns.
  func send(_ bytes: Bytes) {
    let (fits, mustSchedule) = state.withLock { state -> (Bool, Bool) in
      guard !state.isClosing else { return (true, false) }
      guard bytes.count <= unsentBytesMax - state.unsentBytes else { return (false, false) }
      if state.unsentBytes == 0 { state.lastTaken = .now() }
      state.unsentBytes += bytes.count
      state.waiting.append(bytes)
      defer { state.isScheduled = true }
      return (true, !state.isScheduled)
    }
    if mustSchedule { channel.eventLoop.execute { self.write() } }
    if !fits {
      channel.eventLoop.execute { [channel] in
        channel.pipeline.fireUserInboundEventTriggered(TooMuchWaits())
      }
    }
  }

  /// Ends the sending direction after all that was sent before, and the connection when the peer has ended its own, or
  /// after `deadline`.
  ///
  /// The whole connection is not closed at once: a kernel that is closed upon with unread bytes resets the
  /// connection, and the peer loses what we flushed, a refusal for instance.
  func close(within deadline: TimeAmount) {
    let wasClosing = state.withLock { state in
      defer { state.isClosing = true }
      return state.isClosing
    }
    guard !wasClosing else { return }
    channel.eventLoop.execute { [self] in
      write()
      channel.writeAndFlush(ByteBuffer()).whenComplete { [channel] _ in channel.close(mode: .output, promise: nil) }
      let force = channel.eventLoop.scheduleTask(in: deadline) { [channel] in channel.close(promise: nil) }
      channel.closeFuture.whenComplete { _ in force.cancel() }
    }
  }

  private func write() {
    let messages = state.withLock { state in
      defer { (state.waiting, state.isScheduled) = ([], false) }
      return state.waiting
    }
    guard !messages.isEmpty else { return }
    for message in messages {
      var buffer = channel.allocator.buffer(bytes: message)
      while let piece = buffer.readSlice(length: min(Link.pieceBytes, buffer.readableBytes)), piece.readableBytes > 0 {
        let count = piece.readableBytes
        channel.write(piece).whenSuccess { [self] in taken(count) }
      }
    }
    channel.flush()
  }

  private func taken(_ count: Int) {
    state.withLock { state in
      state.unsentBytes -= count
      state.lastTaken = .now()
    }
  }
}
