import Messages

/// What a progress bar counts.
public enum ProgressUnit: Hashable, Sendable {
  case bytes
  /// Things with a name: rows, tables, members.
  case items(Phrase)
}

/// The arithmetic and the text of one progress bar. Time is an argument: the bar can be tested without waiting.
struct ProgressMeter {
  let label: String
  let unit: ProgressUnit
  /// Nil when nobody knows how much there is.
  let total: Int?
  private(set) var done = 0
  private let start: Duration
  /// Rate is measured over this window, so that an ETA follows what happens now and not what happened an hour ago.
  private var samples: [(time: Duration, done: Int)]
  private static let sampleCount = 16
  private static let sampleSpacing: Duration = .milliseconds(500)

  init(label: String, unit: ProgressUnit, total: Int?, at now: Duration) {
    self.label = label
    self.unit = unit
    self.total = total
    start = now
    samples = [(now, 0)]
  }

  mutating func advance(to done: Int, at now: Duration) {
    self.done = done
    if let last = samples.last, now - last.time >= ProgressMeter.sampleSpacing {
      samples.append((now, done))
      if samples.count > ProgressMeter.sampleCount { samples.removeFirst() }
    }
  }

  /// Units a second over the window; nil until there is something to measure.
  func rate(at now: Duration) -> Double? {
    guard let first = samples.first, now > first.time, done > first.done else { return nil }
    return Double(done - first.done) / ((now - first.time) / .seconds(1))
  }

  /// Time to the end at the present rate; nil when it cannot be told.
  func remaining(at now: Duration) -> Duration? {
    guard let total, let rate = rate(at: now), rate > 0 else { return nil }
    let seconds = Double(max(0, total - done)) / rate
    // Beyond a year the figure says nothing, and far beyond it does not fit a Duration.
    return seconds < 31_536_000 ? .seconds(seconds.rounded(.up)) : nil
  }

  /// One line of at most `width` cells.
  func line(at now: Duration, width: Int, _ language: Language) -> String {
    let figures = self.figures(at: now, language)
    guard let share else { return truncated("\(label)  \(figures)", to: width) }
    let barCells = min(30, width - displayWidth(label) - displayWidth(figures) - 5)
    guard barCells >= 8 else { return truncated("\(label)  \(figures)", to: width) }
    let filled = Int(share * Double(barCells))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: barCells - filled)
    return "\(label)  [\(bar)] \(figures)"
  }

  /// The line for a log, with how long it took.
  func closing(at now: Duration, _ language: Language) -> String {
    let elapsed = Human.duration(now - start, language)
    return language == .zh
      ? "\(label)  \(amount(done, language)) · 用时 \(elapsed)" : "\(label)  \(amount(done, language)) in \(elapsed)"
  }

  /// `62 % · 1.2 GiB of 2 GiB · 41 MiB/s · 19 s left`.
  func figures(at now: Duration, _ language: Language) -> String {
    var parts: [String] = []
    if let total, let share {
      parts.append("\(Int(share * 100)) %")
      let whole = amount(total, language)
      parts.append(language == .zh ? "\(number(done, language)) / \(whole)" : "\(number(done, language)) of \(whole)")
    } else {
      parts.append(amount(done, language))
    }
    if let rate = rate(at: now), rate < 1e15 { parts.append(number(Int(rate.rounded()), language) + "/s") }
    if done != total, let remaining = remaining(at: now) {
      let time = Human.duration(remaining, language)
      parts.append(language == .zh ? "剩余 \(time)" : "\(time) left")
    }
    return parts.joined(separator: " · ")
  }

  /// 0…1; nil when the total is unknown. More than the total is 1: an estimate may have been low.
  private var share: Double? {
    guard let total else { return nil }
    return total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
  }

  private func number(_ value: Int, _ language: Language) -> String {
    unit == .bytes ? Human.bytes(value) : Human.approximate(value, language)
  }

  private func amount(_ value: Int, _ language: Language) -> String {
    switch unit {
    case .bytes: Human.bytes(value)
    case .items(let name): "\(Human.approximate(value, language)) \(name[language])"
    }
  }
}
