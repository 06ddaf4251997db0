/// Full jitter: a random part of a bound that doubles, so that 700 children of a restarted parent do not come at once.
public struct BackOff: Hashable, Sendable {
  /// Bound of the first pause, in milliseconds.
  public var firstMilliseconds: Int64 = 100
  /// Bound of every later pause, in milliseconds.
  public var mostMilliseconds: Int64 = 10_000
  private var attempts: Int64 = 0

  public init() {}

  /// The bound of the next pause, in milliseconds.
  public var bound: Int64 {
    // The shift stays below 2^13 times the first bound, so nothing overflows for bounds below 2^50.
    min(mostMilliseconds, firstMilliseconds << min(attempts, 13))
  }

  /// A pause of 0…``bound`` milliseconds; the bound doubles.
  public mutating func next(using random: inout some RandomNumberGenerator) -> Int64 {
    let pause = Int64.random(in: 0...max(0, bound), using: &random)
    attempts = min(attempts + 1, 13)
    return pause
  }

  /// Starts over.
  public mutating func reset() { attempts = 0 }
}
