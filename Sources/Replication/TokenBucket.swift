/// Lets a few events through at once and one more every so often.
public struct TokenBucket: Hashable, Sendable {
  private let size: Int
  private var tokens: Int
  private var filled: UInt64 = 0

  /// Full.
  public init(size: Int) {
    self.size = size
    tokens = size
  }

  /// Takes a token if there is one; `interval` clock ticks bring one back. A clock that jumps back fills nothing.
  public mutating func take(at clock: UInt64, every interval: UInt64) -> Bool {
    if clock < filled || filled == 0 { filled = clock }
    let gained = (clock - filled) / interval
    filled += gained * interval
    tokens = gained >= UInt64(size) ? size : Swift.min(size, tokens + Int(gained))
    guard tokens > 0 else { return false }
    tokens -= 1
    return true
  }
}
