import Catalog
import Simulation
import Testing

// Goal: nodes that exchange files end equal, whatever happens to the files and to the nodes meanwhile.

private func plans(_ range: ClosedRange<UInt64>, _ make: (UInt64) -> WorldPlan) -> [WorldPlan] {
  range.map { seed in
    var plan = make(seed)
    plan.carriesFiles = true
    return plan
  }
}

@Suite struct FileTests {
  @Test("files: a row of three, some without a network, stays right and converges (40 seeds)")
  func chain() async {
    let results = await run(plans(300_001...300_040) { .chain(3, seed: $0) })
    expectSound(results)
    expectSeeing(results)
  }

  @Test("files: a tree of five, some without a network, stays right and converges (10 seeds)")
  func tree() async {
    let results = await run(plans(310_001...310_010) { .tree(seed: $0) })
    expectSound(results)
  }

  @Test("files: a quiet world with files refuses nothing, and one seed is one history")
  func quiet() async {
    var plan = WorldPlan.chain(3, seed: 11)
    plan.carriesFiles = true
    plan.crashPermille = 0
    plan.corruptionPermille = 0
    plan.breaks = false
    let results = await run([plan, plan])
    expectSound(results)
    #expect(results.map(\.hash) == [results[0].hash, results[0].hash])
    #expect(results[0].figures.refusals == 0 && results[0].figures.files.up > 0)
  }
}
