import Access
import Console
import Messages
import Primitives
import Workloads
import Xylem

/// Import, commits and queries on one node in a scratch directory, as operators would see them: through the public API,
/// on the real disk, with everything synced.
public struct RegisterBench {
  /// What to measure.
  public enum Part: Sendable {
    case importing, commits, queries
  }

  private let folder: ScratchFolder
  private let city: BenchCity
  private let seconds: Double
  private let output: Output

  /// - Parameters:
  ///   - members: at least 2,000; the rest of the city scales with them.
  ///   - seconds: how long commits and each question are repeated.
  /// - Throws: `XYL-CLI-0006` for a number of members that no city has.
  public init(in folder: ScratchFolder, members: Int, seconds: Double, output: Output) throws(Failure) {
    self.folder = folder
    city = try BenchCity(members: members)
    self.seconds = seconds
    self.output = output
  }

  /// Fills a node and measures the parts asked for.
  ///
  /// - Throws: what the node throws; the scratch directory may be full.
  public func run(_ parts: [Part]) async throws(Failure) -> [BenchFigure] {
    let directory = folder.path + "/node"
    let root = city.root
    try Node.create(at: directory, network: "bench", code: root.code, name: root.name, parentCode: "")
    var node = try await Node.open(at: directory, options: RegisterBench.options)
    do {
      var figures = try await fill(node, isTimed: parts.contains(.importing))
      if parts.contains(.importing) {
        await node.close()
        figures.append(
          BenchFigure(
            "import.disk", Double(ScratchFolder.bytes(of: directory)) / Double(city.plan.figures.members), .bytes))
        let (again, time) = try await timed { try await Node.open(at: directory, options: RegisterBench.options) }
        node = again
        figures.append(BenchFigure("import.open", time / .milliseconds(1), .milliseconds))
      }
      if parts.contains(.commits) { figures += try await CommitBench(node, seconds: seconds, output: output).run() }
      if parts.contains(.queries) {
        figures += try await QueryBench(node, city, seconds: seconds, output: output).run()
      }
      await node.close()
      return figures
    } catch {
      await node.close()
      throw Failure(error)
    }
  }

  static var options: Node.Options {
    var options = Node.Options()
    options.today = CityPlan.today
    return options
  }

  private func fill(_ node: Node, isTimed: Bool) async throws(Failure) -> [BenchFigure] {
    let total = BenchCity.entities.reduce(0) { $0 + city.rows($1) }
    let bar = output.progress(
      Phrase("导入", "import")[output.language], total: total, unit: .items(Phrase("行", "rows")))
    defer { bar.finish() }
    var (before, figures) = (0, [BenchFigure]())
    for entity in BenchCity.entities {
      let done = before
      let summary = try await node.importTable(
        entity.name, file: entity.name + ".csv", chunks: city.file(entity), actor: "bench"
      ) { event in
        if case .progress(let rows, _) = event { bar.advance(to: done + rows) }
      }
      before += summary.rows
      bar.advance(to: before)
      if isTimed, entity == .member {
        figures.append(BenchFigure("import.members", Double(summary.rows) / max(summary.seconds, 0.001), .perSecond))
      }
    }
    if isTimed { figures.append(BenchFigure("import.memory", Double(ProcessFacts.residentBytes), .bytes)) }
    return figures
  }
}
