import Catalog
import Primitives
import Simulation

/// Many runs side by side, one thread each.
enum FleetRuns {
  /// Runs every plan and tells the results in the order of the plans.
  static func each(_ plans: [WorldPlan], _ tell: (WorldResult) -> Void) async {
    await withTaskGroup(of: (Int, WorldResult).self) { group in
      // A few ahead of what was told: results of a million seeds must not wait in memory.
      var next = 0
      var told = 0
      var waiting: [Int: WorldResult] = [:]
      func feed() {
        while next < plans.count, next - told < 64 {
          let (number, plan) = (next, plans[next])
          group.addTask { (number, World.run(plan, catalog: .bundled)) }
          next += 1
        }
      }
      feed()
      while let (number, result) = await group.next() {
        waiting[number] = result
        while let ready = waiting.removeValue(forKey: told) {
          tell(ready)
          told += 1
        }
        feed()
      }
    }
  }

  /// A tree of `count` nodes: rows, brooms and bushes, none deeper than six levels.
  static func shape(_ count: Int, seed: UInt64) -> [Int?] {
    var random = SeededRandom(seed: seed ^ 0x5EED_7EEE)
    var parents: [Int?] = [nil]
    var depths = [0]
    for number in 1..<count {
      // One third grows under the newest node, so that chains as deep as a nation's appear often.
      var parent = random.below(3) == 0 ? number - 1 : random.below(number)
      if depths[parent] >= 5 { parent = 0 }
      parents.append(parent)
      depths.append(depths[parent] + 1)
    }
    return parents
  }
}
