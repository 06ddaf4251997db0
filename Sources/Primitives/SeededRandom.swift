/// xoshiro256** by Blackman and Vigna: the same seed gives the same numbers on every machine. Not for secrets.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameter seed: any number; it is spread by splitmix64, so neighbouring seeds give unrelated streams.
  public init(seed: UInt64) {
    var word = seed
    func next() -> UInt64 {
      word &+= 0x9E37_79B9_7F4A_7C15
      var mixed = word
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
    state = (next(), next(), next(), next())
  }

  public mutating func next() -> UInt64 {
    let result = (state.1 &* 5).rotatedLeft(7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3.rotatedLeft(45)
    return result
  }

  /// A number in `0..<bound`.
  ///
  /// - Requires: `bound` is positive.
  public mutating func below(_ bound: Int) -> Int {
    require(bound > 0, "a bound is positive")
    // Lemire's multiplication; its bias at 64 bits is below 2^-40 for every bound we draw.
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number in `[0, 1)` with 53 random bits.
  public mutating func fraction() -> Double { Double(next() >> 11) * 0x1.0p-53 }

  /// True `permille` times in a thousand.
  public mutating func chance(permille: Int) -> Bool { below(1000) < permille }

  /// An independent stream for a named part, so that a new draw in one part shifts no other.
  public func stream(_ name: String) -> SeededRandom {
    var seed: UInt64 = state.0 ^ state.3.rotatedLeft(17)
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return SeededRandom(seed: seed)
  }
}

extension UInt64 {
  fileprivate func rotatedLeft(_ count: UInt64) -> UInt64 { self << count | self >> (64 - count) }
}
