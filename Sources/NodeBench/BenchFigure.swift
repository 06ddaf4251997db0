import Histogram

/// One figure of a benchmark: a rate, or a time with its distribution.
public struct BenchFigure: Codable, Hashable, Sendable {
  /// What a figure is counted in.
  public enum Unit: String, Codable, Sendable {
    case perSecond = "1/s"
    case milliseconds = "ms"
    case mebibytesPerSecond = "MiB/s"
    case bytes = "B"
  }

  /// How times spread, in milliseconds: percentiles are exact to three digits.
  public struct Spread: Codable, Hashable, Sendable {
    public let count: Int
    public let p50: Double
    public let p90: Double
    public let p99: Double
    public let p999: Double
    public let max: Double
  }

  /// Which figure: one of ``BenchKind/all``.
  public let key: String
  public let unit: Unit
  /// The rate; of times the 99th percentile, which is what users remember.
  public let value: Double
  /// Nil for a rate.
  public let spread: Spread?

  /// A rate or a size.
  public init(_ key: String, _ value: Double, _ unit: Unit) {
    self.key = key
    self.unit = unit
    self.value = value
    spread = nil
  }

  /// What a recorder saw.
  ///
  /// - Requires: at least one time was recorded.
  public init(_ key: String, _ times: LatencyRecorder) {
    let spread = times.spread
    self.key = key
    unit = .milliseconds
    value = spread.p99
    self.spread = spread
  }
}

/// Times of many repetitions, kept as an HdrHistogram: memory does not grow with the run, and the tail is exact to
/// three digits from a microsecond to an hour.
public struct LatencyRecorder: Sendable {
  private var histogram = Histogram<UInt64>(
    highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)

  /// An empty recorder.
  public init() {}

  /// How many times were recorded.
  public var count: Int { Int(histogram.totalCount) }

  /// Records a time; what is longer than an hour counts as an hour.
  public mutating func record(_ time: Duration) {
    let microseconds = UInt64(Swift.max(0, time / .microseconds(1)))
    histogram.record(Swift.min(microseconds, 3_600_000_000))
  }

  /// Takes the other's times too.
  public mutating func add(_ other: LatencyRecorder) { histogram.add(other.histogram) }

  var spread: BenchFigure.Spread {
    func at(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1000 }
    return .init(
      count: count, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: Double(histogram.maxRecorded) / 1000)
  }
}

/// Times one piece of work.
func timed<Result>(_ work: () async throws -> Result) async rethrows -> (Result, Duration) {
  let clock = ContinuousClock()
  let start = clock.now
  let result = try await work()
  return (result, clock.now - start)
}
