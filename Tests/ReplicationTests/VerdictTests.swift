import Replication
import Testing

@Suite struct VerdictTests {
  private func verdict(
    linked: Bool? = true, silence: UInt64? = 500, lag: UInt64 = 0, standstill: UInt64? = 60_000, age: UInt64? = 500,
    diverged: Bool = false
  ) -> LinkVerdict {
    LinkVerdict(
      .init(isLinked: linked, silence: silence, lag: lag, standstill: standstill, age: age, isDiverged: diverged))
  }

  @Test("verdict: each has its facts, and the worst that is true is said")
  func verdicts() {
    #expect(verdict() == .idle)
    #expect(verdict(standstill: 100) == .ok)
    #expect(verdict(lag: 5, standstill: 100) == .ok)
    #expect(verdict(lag: 5, standstill: 100, age: 20_000) == .slow)
    #expect(verdict(lag: 5, standstill: 20_000, age: 20_000) == .stalled)
    #expect(verdict(silence: 5_001) == .stalled && verdict(silence: 5_000) == .idle)
    #expect(verdict(linked: nil, silence: 59_000) == .idle && verdict(linked: nil, silence: 61_000) == .stalled)
    #expect(verdict(linked: false) == .broken && verdict(linked: nil, silence: nil) == .unknown)
    #expect(verdict(linked: false, silence: nil, standstill: nil) == .unknown)
    #expect(verdict(linked: false, diverged: true) == .diverged)
  }

  @Test("token bucket: a burst, then one an interval; a clock that jumps back gives nothing away")
  func bucket() {
    var bucket = TokenBucket(size: 3)
    #expect((0..<5).map { _ in bucket.take(at: 1_000, every: 100) } == [true, true, true, false, false])
    #expect(bucket.take(at: 1_100, every: 100) && !bucket.take(at: 1_150, every: 100))
    #expect(!bucket.take(at: 500, every: 100) && bucket.take(at: 600, every: 100))
    #expect((0..<4).filter { _ in bucket.take(at: 1_000_000, every: 100) }.count == 3)
  }
}
