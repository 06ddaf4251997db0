import Console
import Foundation
import Messages
import NodeBench
import Testing

@Suite("benchmarks for operators")
struct NodeBenchTests {
  private let output = Output(
    data: MemorySink(), talk: MemorySink(), language: .en, now: { .zero })

  private func inFolder<Result>(_ body: (ScratchFolder) async throws -> Result) async throws -> Result {
    let folder = try ScratchFolder(in: NSTemporaryDirectory())
    defer { folder.remove() }
    return try await body(folder)
  }

  @Test("a node of 2,000 members gives every figure of import, commits and questions, and the folder is gone after")
  func node() async throws {
    var path = ""
    let figures = try await inFolder { folder in
      path = folder.path
      return try await RegisterBench(in: folder, members: 2_000, seconds: 0.02, output: output)
        .run([.importing, .commits, .queries])
    }
    let wanted = BenchKind.all.map(\.key).filter { key in
      ["import.", "commit.", "query."].contains { key.hasPrefix($0) }
    }
    #expect(figures.map(\.key).sorted() == wanted.sorted())
    for figure in figures { #expect(figure.value > 0, "\(figure.key)") }
    for figure in figures where figure.key.hasPrefix("query.") && figure.key != "query.first" {
      let spread = try #require(figure.spread)
      #expect(spread.count >= 3 && spread.p50 <= spread.p99 && spread.p99 <= spread.max)
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("a chain of three nodes under TLS brings every member to the top")
  func chain() async throws {
    let figures = try await inFolder { folder in
      try await ReplicationBench(in: folder, members: 2_000, seconds: 0.02, output: output).run()
    }
    #expect(figures.map(\.key) == ["replicate.members", "replicate.time"])
    #expect(figures.allSatisfy { $0.value > 0 })
  }

  @Test("fewer members than a city has are refused by name of the option")
  func tooFew() async throws {
    try await inFolder { folder in
      let failure = #expect(throws: Failure.self) {
        try RegisterBench(in: folder, members: 10, seconds: 1, output: output)
      }
      #expect(failure?.code == .clientBadArgument)
    }
  }

  @Test("a missing directory is named")
  func missing() {
    let failure = #expect(throws: Failure.self) { try ScratchFolder(in: "/nowhere/at/all") }
    #expect(failure?.code == .configDirectoryMissing)
  }
}

@Suite("verdicts of benchmarks")
struct BenchReportTests {
  private func report(_ figures: [BenchFigure], _ profile: BenchProfile = .county) -> BenchReport {
    BenchReport(machine: .read(directory: "/"), profile: profile, members: 0, figures: figures)
  }

  @Test("every bar rises, or for times falls, from township to nation")
  func bars() {
    for kind in BenchKind.all {
      let bars = BenchProfile.allCases.compactMap { kind.bar($0) }
      guard kind.key != "query.first" else { continue }
      #expect(bars == (kind.isLowerBetter ? bars.sorted(by: >) : bars.sorted()), "\(kind.key)")
    }
    #expect(Set(BenchKind.all.map(\.key)).count == BenchKind.all.count)
  }

  @Test("the most demanding profile that is met is named, and what the next one lacks")
  func fitness() {
    let fair = [BenchFigure("import.members", 1_500, .perSecond), BenchFigure("query.first", 10, .milliseconds)]
    #expect(report(fair).fitness(.en) == "Fit for: county; for city it lacks: members imported")
    let poor = [BenchFigure("import.members", 10, .perSecond)]
    #expect(report(poor).fitness(.en) == "Fit for no level; for township it lacks: members imported")
    #expect(report([BenchFigure("import.members", 1e6, .perSecond)]).fitness(.zh) == "适合：全国")
    #expect(report([BenchFigure("import.disk", 400, .bytes)]).fitness(.en).isEmpty)
  }

  @Test("a report reads back equal, and beside an earlier one says by how much a figure moved")
  func comparison() throws {
    let before = report([BenchFigure("import.members", 1_000, .perSecond)])
    let path = NSTemporaryDirectory() + "/bench-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try before.json().write(toFile: path, atomically: true, encoding: .utf8)
    let read = try BenchReport.read(path)
    #expect(read.figures == before.figures && read.machine == before.machine)
    let text = try report([BenchFigure("import.members", 1_250, .perSecond)])
      .table(comparedWith: read, .en).text(TableStyle(.csv))
    #expect(text.contains("import.members,1250"), "\(text)")
    #expect(text.contains("+25 %"), "\(text)")
  }

  @Test("another file is refused as no report")
  func foreign() throws {
    let path = NSTemporaryDirectory() + "/bench-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try "{\"schema\":\"other\"}".write(toFile: path, atomically: true, encoding: .utf8)
    #expect(throws: Failure.self) { try BenchReport.read(path) }
    let missing = #expect(throws: Failure.self) { try BenchReport.read(path + ".missing") }
    #expect(missing?.code == .clientFileMissing)
  }
}
