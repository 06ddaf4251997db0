import Glibc
import Synchronization

/// What became of a write.
public enum WriteOutcome: Hashable, Sendable {
  case written
  /// The program that read a pipe has ended (`| head`): write no more, it is not an error.
  case readerGone
  /// The error number of write(2).
  case failed(Int32)
}

/// Where bytes go: a descriptor, or memory in tests.
public protocol ByteSink: Sendable {
  /// Writes all of `bytes`, or says why not.
  func write(_ bytes: [UInt8]) -> WriteOutcome
  /// Whether a person reads along.
  var isTerminal: Bool { get }
  /// Cells in a line of the terminal; nil when unknown or not a terminal.
  var width: Int? { get }
}

/// A file descriptor that this process was started with.
public struct DescriptorSink: ByteSink {
  private let descriptor: Int32

  /// - Parameter descriptor: stays open for as long as the sink is used; it is not closed here.
  public init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Writes all of `bytes`; waits while the descriptor is non-blocking and full.
  public func write(_ bytes: [UInt8]) -> WriteOutcome {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count >= 0 {
        written += count
        continue
      }
      switch errno {
      case EINTR: continue
      // Somebody made the shared descriptor non-blocking (ssh and some shells do): wait until it takes more.
      case EAGAIN:
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      case EPIPE: return .readerGone
      case let number: return .failed(number)
      }
    }
    return .written
  }

  /// Asked of the kernel each time.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Asked of the kernel each time, so a resized window counts at once.
  public var width: Int? {
    guard isTerminal else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// Keeps what was written, for tests of commands.
public final class MemorySink: ByteSink {
  public let isTerminal: Bool
  public let width: Int?
  private let bytes = Mutex<[UInt8]>([])
  private let answer: WriteOutcome

  /// - Parameter answer: what every write is told; bytes are kept only when it is `.written`.
  public init(isTerminal: Bool = false, width: Int? = nil, answer: WriteOutcome = .written) {
    self.isTerminal = isTerminal
    self.width = width
    self.answer = answer
  }

  /// Keeps `more` and gives the answer it was made with.
  public func write(_ more: [UInt8]) -> WriteOutcome {
    if answer == .written { bytes.withLock { $0 += more } }
    return answer
  }

  /// Everything so far.
  public var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}
