import Console
import Foundation
import Messages

/// What a benchmark found, as it is told and as it is kept for a comparison.
public struct BenchReport: Codable, Sendable {
  /// Of the JSON shape.
  public static let schema = "xylemd/bench/v1"
  public let schema: String
  public let machine: MachineFacts
  public let profile: BenchProfile
  /// Members that import, queries and replication worked with; 0 when none did.
  public let members: Int
  public let figures: [BenchFigure]

  /// A report of `figures`, which it brings into the order of ``BenchKind/all``.
  public init(machine: MachineFacts, profile: BenchProfile, members: Int, figures: [BenchFigure]) {
    schema = BenchReport.schema
    self.machine = machine
    self.profile = profile
    self.members = members
    let order = BenchKind.all.map(\.key)
    func place(_ figure: BenchFigure) -> Int { order.firstIndex(of: figure.key) ?? order.count }
    self.figures = figures.sorted { place($0) < place($1) }
  }

  /// Reads what `-o json` printed.
  ///
  /// - Throws: `XYL-CLI-0009` and `XYL-CLI-0010` for a file that is missing or no such report.
  public static func read(_ path: String) throws(Failure) -> BenchReport {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.clientFileMissing, ["file": path])
    }
    do {
      let report = try JSONDecoder().decode(BenchReport.self, from: data)
      guard report.schema == schema else { throw CocoaError(.coderReadCorrupt) }
      return report
    } catch { throw Failure(.clientFileUnreadable, ["file": path, "reason": "it is no report of bench -o json"]) }
  }

  /// The report as JSON, with every figure in full.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// The figures as a table, with what the profile asks, and beside an earlier report by how much each moved.
  public func table(comparedWith before: BenchReport? = nil, _ language: Language) -> Table {
    var columns = [
      Column("figure", title: Phrase("指标", "FIGURE")[language]),
      Column("value", title: Phrase("结果", "RESULT")[language], alignment: .right),
      Column("p50", title: "P50 ms", alignment: .right), Column("p90", title: "P90 ms", alignment: .right),
      Column("p99", title: "P99 ms", alignment: .right),
      Column("max", title: Phrase("最大 ms", "MAX ms")[language], alignment: .right),
      Column("count", title: Phrase("次数", "COUNT")[language], alignment: .right),
      Column("bar", title: Phrase("要求", "ASKED")[language] + " · " + profile.label[language], alignment: .right),
      Column("verdict", title: Phrase("结论", "VERDICT")[language]),
    ]
    if before != nil {
      columns += [
        Column("before", title: Phrase("此前", "BEFORE")[language], alignment: .right),
        Column("change", title: Phrase("变化", "CHANGE")[language], alignment: .right),
      ]
    }
    var table = Table(columns)
    for figure in figures {
      let kind = BenchKind.of(figure.key)
      let spread = figure.spread
      var row: [Cell] = [
        .text(figure.key, shown: kind?.label[language] ?? figure.key),
        cell(figure.value, figure.unit, language), milliseconds(spread?.p50), milliseconds(spread?.p90),
        milliseconds(spread?.p99), milliseconds(spread?.max), spread.map { .integer($0.count) } ?? .null,
        kind?.bar(profile).map { cell($0, figure.unit, language, kind?.isLowerBetter == true ? "≤ " : "≥ ") } ?? .null,
        .text(BenchReport.verdict(kind?.meets(figure.value, profile), language)),
      ]
      if let before {
        let old = before.figures.first { $0.key == figure.key && $0.unit == figure.unit }
        row.append(old.map { cell($0.value, $0.unit, language) } ?? .null)
        row.append(old.flatMap { change(from: $0.value, to: figure.value) }.map { .text($0) } ?? .null)
      }
      table.append(row)
    }
    return table
  }

  /// The most demanding profile whose every bar is met, and what keeps the machine from the next one.
  public func fitness(_ language: Language) -> String {
    func failing(_ profile: BenchProfile) -> [BenchFigure] {
      figures.filter { BenchKind.of($0.key)?.meets($0.value, profile) == false }
    }
    let judged = figures.contains { BenchKind.of($0.key)?.bar(profile) != nil }
    guard judged else { return "" }
    let fit = BenchProfile.allCases.last { failing($0).isEmpty }
    let next = BenchProfile.allCases.first { !failing($0).isEmpty }
    let good =
      fit.map { Phrase("适合：\($0.label.zh)", "Fit for: \($0.label.en)")[language] }
      ?? Phrase("不适合任何一级", "Fit for no level")[language]
    guard let next else { return good }
    let reasons = failing(next).map { BenchKind.of($0.key)?.label[language] ?? $0.key }
      .joined(separator: language == .zh ? "、" : ", ")
    return good + Phrase("；\(next.label.zh)不足：\(reasons)", "; for \(next.label.en) it lacks: \(reasons)")[language]
  }

  private static func verdict(_ isMet: Bool?, _ language: Language) -> String {
    switch isMet {
    case true?: Phrase("达标", "ok")[language]
    case false?: Phrase("不足", "below")[language]
    case nil: "—"
    }
  }

  private func milliseconds(_ value: Double?) -> Cell {
    value.map { .decimal(BenchReport.digits($0)) } ?? .null
  }

  private func cell(_ value: Double, _ unit: BenchFigure.Unit, _ language: Language, _ sign: String = "") -> Cell {
    let digits = BenchReport.digits(value)
    let shown =
      switch unit {
      case .perSecond: Human.exact(Int(value.rounded())) + "/s"
      case .milliseconds: digits + " ms"
      case .mebibytesPerSecond: digits + " MiB/s"
      case .bytes: Human.bytes(Int(value))
      }
    return .decimal(digits, shown: sign + shown)
  }

  private func change(from old: Double, to new: Double) -> String? {
    guard old > 0 else { return nil }
    return String(format: "%+.0f %%", (new / old - 1) * 100)
  }

  static func digits(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }
}
