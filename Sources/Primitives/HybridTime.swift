/// A label for "when": 48 bits of milliseconds since 1970-01-01T00:00Z and a 16-bit counter that keeps one node's
/// commits in order when its clock stands still or steps back. Never decides order between nodes, ownership or expiry.
public struct HybridTime: Hashable, Comparable, Sendable {
  public let value: UInt64

  public init(value: UInt64) { self.value = value }

  public init(milliseconds: UInt64, counter: UInt16 = 0) {
    value = Swift.min(milliseconds, 1 << 48 - 1) << 16 | UInt64(counter)
  }

  public static let zero = HybridTime(value: 0)
  public var milliseconds: UInt64 { value >> 16 }
  public var counter: UInt16 { UInt16(truncatingIfNeeded: value) }

  /// A time after this one for a clock that reads `milliseconds`: the clock's when it moved on, else this one's
  /// successor.
  public func advanced(clock milliseconds: UInt64) -> HybridTime {
    let read = HybridTime(milliseconds: milliseconds)
    return read > self ? read : HybridTime(value: value == .max ? value : value + 1)
  }

  public static func < (left: HybridTime, right: HybridTime) -> Bool { left.value < right.value }
}
