import Catalog
import Foundation
import Simulation
import Testing

// Goal: nothing that a machine or a network may do makes a fleet break a rule or stay apart.
// Method: whole fleets of real engines from one seed each; the oracles are in Sources/Simulation and know formats only.

/// Deploy/test --soak: forty times the seeds.
private let soak: UInt64 = ProcessInfo.processInfo.environment["XYLEM_SOAK"] == nil ? 1 : 40

/// Runs plans side by side; results in the order of the plans.
func run(_ plans: [WorldPlan]) async -> [WorldResult] {
  await withTaskGroup(of: (Int, WorldResult).self) { group in
    for (number, plan) in plans.enumerated() {
      group.addTask { (number, World.run(plan, catalog: .bundled)) }
    }
    var results = [WorldResult?](repeating: nil, count: plans.count)
    for await (number, result) in group { results[number] = result }
    return results.compactMap { $0 }
  }
}

func expectSound(_ results: [WorldResult]) {
  for result in results where result.violation != nil { Issue.record("\(result.line)\n\(result.table)") }
}

/// Every rare thing must have happened in one of the runs: a set of seeds that never met it proves nothing about it.
///
/// - Parameter except: what a set is not there for.
func expectSeeing(_ results: [WorldResult], except: [String] = []) {
  guard let first = results.first else { return }
  for (place, figure) in first.figures.named.enumerated() where !except.contains(figure.name) {
    let sum = results.reduce(0) { $0 + $1.figures.named[place].count }
    #expect(sum > 0, "blind: \(figure.name) never happened in \(results.count) runs")
  }
}

@Suite struct FleetTests {
  @Test("fleet: three nodes in a row with loss, damage and crashes stay right and converge (60 seeds, 2,400 in a soak)")
  func chain() async {
    let results = await run((0..<60 * soak).map { .chain(3, seed: 1 + $0) })
    #expect(results.count == 60 * Int(soak))
    expectSound(results)
    expectSeeing(results)
  }

  @Test("fleet: five nodes in a tree with loss, damage and crashes stay right and converge (20 seeds, 800 in a soak)")
  func tree() async {
    let results = await run((0..<20 * soak).map { .tree(seed: 100_001 + $0) })
    #expect(results.count == 20 * Int(soak))
    expectSound(results)
    expectSeeing(results)
  }

  @Test("fleet: four nodes in a row where somebody dies at every hundredth effect (10 seeds, 400 in a soak)")
  func deaths() async {
    let results = await run(
      (200_001..<200_001 + 10 * soak).map { (seed: UInt64) -> WorldPlan in
        var plan = WorldPlan.chain(4, seed: seed)
        plan.crashPermille = 10
        plan.corruptionPermille = 20
        return plan
      })
    expectSound(results)
  }

  @Test("fleet: rot, loss, stray rows and poison are found, mended and stop nothing (12 seeds, 480 in a soak)")
  func rot() async {
    let results = await run(
      (300_001..<300_001 + 12 * soak).map { (seed: UInt64) -> WorldPlan in
        var plan = seed % 3 == 0 ? WorldPlan.tree(seed: seed) : .chain(3, seed: seed)
        plan.safetyMilliseconds = 8_000
        plan.rots = true
        return plan
      })
    expectSound(results)
    for (place, figure) in WorldFigures().planted.enumerated() {
      let sum = results.reduce(0) { $0 + $1.figures.planted[place].count }
      #expect(sum > 0, "blind: \(figure.name) never happened")
    }
  }

  @Test("fleet: domains go up by snapshot, are lost, restored and replaced above and below (40 seeds, 1,600 in a soak)")
  func snapshots() async {
    let results = await run(
      (400_001..<400_001 + 40 * soak).map { (seed: UInt64) -> WorldPlan in
        var plan = seed % 3 == 0 ? WorldPlan.tree(seed: seed) : .chain(3, seed: seed)
        plan.takesSnapshots = true
        return plan
      })
    expectSound(results)
    expectSeeing(results, except: ["duplicateFrames"])
  }

  @Test("fleet: a quiet world without faults refuses no link")
  func quiet() async {
    var plan = WorldPlan.chain(3, seed: 7)
    plan.crashPermille = 0
    plan.corruptionPermille = 0
    plan.breaks = false
    plan.operates = false
    let result = World.run(plan, catalog: .bundled)
    #expect(result.violation == nil, "\(result.line)\n\(result.table)")
    #expect(result.figures.refusals == 0 && result.figures.duplicateFrames == 0)
    #expect(result.figures.commits > 100)
  }

  @Test("fleet: one seed is one history, and another seed is another (8 seeds twice)")
  func determinism() async {
    let plans = (31...38).map { WorldPlan.chain(3, seed: UInt64($0)) }
    let first = await run(plans)
    let second = await run(plans)
    #expect(first.map(\.hash) == second.map(\.hash))
    #expect(first.map(\.figures) == second.map(\.figures))
    #expect(Set(first.map(\.hash)).count == plans.count)
  }
}
