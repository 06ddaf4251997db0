import Catalog
import Simulation
import Testing

// Goal: records that move between domains count exactly once in every store, and nothing that is said downwards is lost
// or taken twice, with lines that break, nodes that die and nodes that files alone reach.

@Suite struct HandoverWorldTests {
  @Test("worlds: records move in a tree while everything breaks, and each counts once everywhere (16 seeds)")
  func tree() async {
    let results = await run(
      (400_001...400_016).map { (seed: UInt64) -> WorldPlan in
        var plan = WorldPlan.tree(seed: seed)
        plan.operates = false
        return plan
      })
    expectSound(results)
    expectSeeing(results)
  }

  @Test("worlds: records move between nodes that only files reach (10 seeds)")
  func files() async {
    let results = await run(
      (410_001...410_010).map { (seed: UInt64) -> WorldPlan in
        var plan = WorldPlan.tree(seed: seed)
        plan.carriesFiles = true
        return plan
      })
    expectSound(results)
    #expect(results.reduce(0) { $0 + $1.figures.handoversMoved } > 0)
  }
}
