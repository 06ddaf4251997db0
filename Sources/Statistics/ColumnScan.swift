import Access
import Catalog
import Primitives
import Query

/// A selection's records, block by block, over columns: scope, subtree, condition, and what must or must not exist
/// beside them.
struct ColumnScan {
  let builder: EvaluatorBuilder
  private let extent: OrgExtent?
  private let places: TreePlaces
  private let condition: Condition?
  private let gates: [ColumnGate]
  /// Where records stand, when some partition is only partly inside.
  private let owner: ColumnInput?

  /// - Parameter extent: of orgs that may be seen and are asked for; nil for all.
  init(
    _ selection: Selection, _ extent: OrgExtent?, _ store: ColumnStore, _ context: QuestionContext
  ) throws(NotInColumns) {
    builder = try EvaluatorBuilder(selection.entity, store, context)
    self.extent = extent
    places = store.places
    if let condition = selection.condition {
      self.condition = try Condition(condition.whole, builder)
    } else {
      condition = nil
    }
    var gates: [ColumnGate] = []
    for related in selection.related { gates.append(try ColumnGate(related, builder, store)) }
    self.gates = gates
    owner = extent == nil ? nil : try builder.owner(isForInterval: true)
  }

  /// All records that fulfil a demand on related records, wherever they stand.
  init(_ related: Selection.Related, _ store: ColumnStore, _ context: QuestionContext) throws(NotInColumns) {
    builder = try EvaluatorBuilder(related.entity, store, context, knowsPlace: false)
    extent = nil
    places = store.places
    condition = try Condition(related.condition.whole, builder)
    gates = []
    owner = nil
  }

  /// Calls `body` with the picked rows of each block that has some, in the order of storage as far as segments are
  /// sorted, until it returns false. Inputs of the builder have the block loaded.
  ///
  /// - Returns: how many rows were looked at.
  @discardableResult
  func forEachBlock<Failure: Error>(
    _ body: (Segment, Int, Picks) throws(Failure) -> Bool
  ) throws(Failure) -> Int {
    let truths = BlockBuffer<UInt8>(filledWith: 0)
    let rows = BlockBuffer<Int32>(filledWith: 0)
    let identity = BlockBuffer<Int32>(filledWith: 0)
    // Pointers into them are in use until the last block is done.
    defer { withExtendedLifetime((truths, rows, identity)) {} }
    for row in 0..<blockRows { identity.pointer[row] = Int32(row) }
    var looked = 0
    for segment in builder.entity.segments {
      var isWhole = true
      if let extent {
        let part = places.extent(segment.partition, in: extent)
        guard part.touches else { continue }
        isWhole = part.isWhole
      }
      let inputs = builder.inputs.filter { !isWhole || $0 !== owner || builder.isOwnerRead }
      for input in inputs { input.turn(to: segment) }
      for start in stride(from: 0, to: segment.count, by: blockRows) {
        let range = start..<min(start + blockRows, segment.count)
        for input in inputs { input.load(range) }
        looked += range.count
        let all = Picks(rows: UnsafePointer(identity.pointer), count: range.count)
        let picks = pick(segment, range, all, isWhole, truths.pointer, rows.pointer)
        if picks.count > 0, try !body(segment, start, picks) { return looked }
      }
    }
    return looked
  }

  private func pick(
    _ segment: Segment, _ range: Range<Int>, _ all: Picks, _ isWhole: Bool, _ truths: UnsafeMutablePointer<UInt8>,
    _ rows: UnsafeMutablePointer<Int32>
  ) -> Picks {
    let count = range.count
    let isPlain = isWhole && condition == nil && gates.isEmpty
    if isPlain, segment.deadCount == 0 { return all }
    if let condition { condition.fill(truths, all) } else { truths.update(repeating: Truth.yes, count: count) }
    if !isWhole, let extent, let owner {
      let codes = owner.codes
      // Codes of places begin at 1.
      if extent.ranges.count == 1 {
        let (low, high) = (extent.ranges[0].lowerBound + 1, extent.ranges[0].upperBound + 1)
        for row in 0..<count where codes[row] < low || codes[row] >= high { truths[row] = Truth.no }
      } else {
        for row in 0..<count where !extent.contains(codes[row] - 1) { truths[row] = Truth.no }
      }
    }
    if segment.deadCount > 0 {
      for row in 0..<count where segment.dead[range.lowerBound + row] != 0 { truths[row] = 0 }
    }
    var picked = 0
    for row in 0..<count {
      rows[picked] = Int32(row)
      picked += truths[row] == Truth.yes ? 1 : 0
    }
    guard !gates.isEmpty, picked > 0 else { return Picks(rows: UnsafePointer(rows), count: picked) }
    var passed = 0
    for pick in 0..<picked {
      let row = Int(rows[pick])
      guard gates.allSatisfy({ $0.passes(row) }) else { continue }
      rows[passed] = rows[pick]
      passed += 1
    }
    return Picks(rows: UnsafePointer(rows), count: passed)
  }
}
