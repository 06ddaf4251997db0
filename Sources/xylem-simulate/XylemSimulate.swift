import ArgumentParser
import Catalog
import Console
import Foundation
import Messages
import Simulation

/// Whole fleets of real engines in virtual time: every fault from a seed, every rule watched by an oracle.
@main
struct XylemSimulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xylem-simulate",
    abstract: "Runs fleets of real engines against loss, damage, crashes and clocks, one seed one history.",
    discussion: """
      xylem-simulate --seeds 1000 --nodes 5
      xylem-simulate --seed 4711 --nodes 5        one seed again, with its whole line
      xylem-simulate --mutant all --seeds 20      every planted bug must be caught

      Exits with 2 when a rule was broken, a mutant lived, a history could not be repeated, or a rare event never happened.
      """)

  @Option(help: "How many seeds.") var seeds: UInt64 = 100
  @Option(help: "The first of them.") var start: UInt64 = 1
  @Option(help: "This seed alone.") var seed: UInt64?
  @Option(help: "Nodes of a fleet, 2…200.") var nodes = 5
  @Option(help: "Plants a bug: its name, or all.") var mutant: String?
  @Option(help: "Only this kind of history: rot, files, operators or snapshots; else all in turn.")
  var history: String?
  @Option(help: "Writes the figures as JSON.") var json: String?

  private static let histories = ["rot", "files", "operators", "snapshots"]

  func validate() throws {
    guard (2...200).contains(nodes) else { throw ValidationError("--nodes takes 2 to 200") }
    guard (1...10_000_000).contains(seeds), start <= .max - seeds else {
      throw ValidationError("--seeds takes 1 to 10,000,000")
    }
    if let history, !XylemSimulate.histories.contains(history) {
      throw ValidationError("--history takes \(XylemSimulate.histories.joined(separator: ", "))")
    }
    if let mutant, mutant != "all", WorldPlan.Mutant(rawValue: mutant) == nil {
      let known = WorldPlan.Mutant.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--mutant takes all, \(known)")
    }
  }

  func run() async throws {
    let out = Console.Output.standard()
    if let mutant {
      let chosen = WorldPlan.Mutant.allCases.filter { mutant == "all" || $0.rawValue == mutant }
      guard await hunt(chosen, out) else { throw ExitCode(2) }
      return
    }
    let list = seed.map { [$0] } ?? Array(start..<start + seeds)
    guard try await sail(list, out) else { throw ExitCode(2) }
  }

  // MARK: Seeds

  /// Returns whether every run kept every rule.
  private func sail(_ list: [UInt64], _ out: Console.Output) async throws -> Bool {
    let began = ContinuousClock.now
    let bar = out.progress("simulate", total: list.count, unit: .items(Phrase("种子", "seeds")))
    var report = SimulationReport()
    await FleetRuns.each(list.map { plan($0) }) { result in
      bar.add(1)
      report.add(result)
      if result.violation != nil {
        out.warn(result.line)
        out.say(result.table)
        let kind = history.map { " --history \($0)" } ?? ""
        out.say("again: xylem-simulate --seed \(result.seed) --nodes \(nodes)\(kind)")
      }
    }
    // One history in fifty is played twice: a run that cannot be repeated proves nothing.
    let twice = stride(from: 0, to: list.count, by: 50).map { list[$0] }
    await FleetRuns.each(twice.map { plan($0) }) { result in
      if report.hashes[result.seed] != result.hash {
        report.unrepeatable.append(result.seed)
        out.warn("seed \(result.seed) is another history the second time")
      }
    }
    bar.finish()
    let elapsed = ContinuousClock.now - began
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    if list.count == 1 { out.say(report.lastLine) }
    try out.data(report.summary(nodes: nodes, seconds: seconds, repeated: twice.count) + "\n")
    // A handful of seeds cannot meet everything that is rare.
    let blind = list.count >= 50 ? report.neverHappened : []
    for name in blind { out.warn("blind: \(name) never happened") }
    if let json { try report.json(seconds: seconds).write(to: URL(fileURLWithPath: json)) }
    return report.violations == 0 && report.unrepeatable.isEmpty && blind.isEmpty
  }

  private func plan(_ seed: UInt64, _ mutant: WorldPlan.Mutant? = nil) -> WorldPlan {
    var plan = WorldPlan(parents: FleetRuns.shape(nodes, seed: seed), seed: seed, mutant: mutant)
    // Four kinds of history in turn: rot and poison are planted, files travel between nodes, operators replace
    // disks, and the same where domains are synced by snapshot. A bug of the engine's own is looked for where operators
    // are.
    let wanted = history.flatMap { XylemSimulate.histories.firstIndex(of: $0) }.map { UInt64($0) }
    let kind: UInt64 = mutant?.isEnginesOwn == true ? 2 : wanted ?? seed % 4
    plan.rots = plan.rots || kind == 0
    // Who has files only is never told what is set aside above it.
    plan.carriesFiles = kind == 1 && !plan.rots
    plan.takesSnapshots = plan.takesSnapshots || kind == 3
    if mutant?.needsLastingDisks ?? false { plan.operates = false }
    return plan
  }

  // MARK: Mutants

  /// Returns whether every mutant was caught and the same seeds are sound without it.
  private func hunt(_ mutants: [WorldPlan.Mutant], _ out: Console.Output) async -> Bool {
    var table = Table([
      Column("mutant", title: "Mutant"), Column("seed", title: "Caught at seed"), Column("rule", title: "By rule"),
    ])
    var isSound = true
    for mutant in mutants {
      var catcher: WorldResult?
      for seed in start..<start + seeds where catcher == nil {
        let result = World.run(plan(seed, mutant), catalog: .bundled)
        if result.violation != nil { catcher = result }
      }
      table.append([
        .text(mutant.rawValue), catcher.map { .integer(Int(clamping: $0.seed)) } ?? .text("LIVED"),
        .text(catcher?.violation?.rule ?? "-"),
      ])
      isSound = isSound && catcher != nil
      if let seed = catcher?.seed {
        // The very same history but for the bug.
        var same = plan(seed, mutant)
        same.mutant = nil
        if let broken = World.run(same, catalog: .bundled).violation {
          out.warn("seed \(seed) breaks \(broken.rule) without the mutant too: \(broken.detail)")
          isSound = false
        }
      }
    }
    do { try out.table(table, TableStyle(.table)) } catch { return false }
    return isSound
  }
}
