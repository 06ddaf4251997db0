import Catalog
import Messages
import Primitives
import Workloads
import Xylem

/// An invented city as clerks' files, drawn while they are read: nothing but a node's rows is ever in memory.
struct BenchCity: Sendable {
  let plan: CityPlan

  /// What a bench imports, in the order in which the rows refer to each other.
  static let entities: [WorkloadEntity] = [.unit, .org, .member, .memberEdu]

  init(members: Int) throws(Failure) {
    do throws(CityPlanError) { plan = try CityPlan(seed: 1, members: members, nodes: .small) } catch {
      let expected =
        switch error {
        case .tooFewMembers(let minimum): "at least \(minimum)"
        case .tooManyMembers(let maximum): "at most \(maximum)"
        }
      throw Failure(.clientBadArgument, ["argument": "--members", "expected": expected, "found": "\(members)"])
    }
  }

  /// Code and name of the org above all others.
  var root: (code: String, name: String) { (plan.nodes[0].orgCode, "中共" + plan.nodes[0].displayName) }

  /// A county, for questions about a part.
  var county: String { plan.nodes.first { $0.kind == .county }?.orgCode ?? plan.nodes[0].orgCode }

  func rows(_ entity: WorkloadEntity) -> Int {
    plan.nodes.indices.reduce(0) { $0 + plan.rowCount(of: entity, node: $1) }
  }

  /// The file of an entity: its header, then the rows of one node of the plan after the other.
  func file(_ entity: WorkloadEntity) -> CityFile { CityFile(plan: plan, entity: entity) }
}

/// One entity's rows as a sequence of chunks.
struct CityFile: AsyncSequence, Sendable {
  let plan: CityPlan
  let entity: WorkloadEntity

  struct AsyncIterator: AsyncIteratorProtocol {
    let plan: CityPlan
    let entity: WorkloadEntity
    private var node = 0
    private var chunk: Bytes

    init(_ file: CityFile) {
      plan = file.plan
      entity = file.entity
      chunk = Bytes((entity.header(.bundled).joined(separator: ",") + "\n").utf8)
    }

    mutating func next() async -> Bytes? {
      while chunk.isEmpty, node < plan.nodes.count {
        plan.visitRows(of: entity, node: node) { planned in
          chunk += planned.row.bytes
          chunk.append(0x0A)
        }
        node += 1
      }
      guard !chunk.isEmpty else { return nil }
      defer { chunk = [] }
      return chunk
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
