import Catalog
import Primitives
import Query

/// One demand on other records, over columns. Like the gate of a reader of rows, it is worked out once: each record's
/// test is a look-up then.
final class ColumnGate {
  private enum Form {
    /// The record refers to some that fulfil the condition; known by code, 2 for what was not asked yet.
    case referredBy(ColumnInput, Set<RecordID>)
    /// How many records that fulfil the condition are owned before each place in preorder.
    case ownedUnder(place: ColumnInput, sums: [Int32])
  }

  private let form: Form
  private let mustExist: Bool
  private let context: QuestionContext
  private var known: [UInt8] = []

  init(_ related: Selection.Related, _ builder: EvaluatorBuilder, _ store: ColumnStore) throws(NotInColumns) {
    mustExist = related.mustExist
    context = builder.context
    let scan = try ColumnScan(related, store, builder.context)
    switch related.link {
    case .referredBy(let item):
      let input = try builder.item(item)
      form = .referredBy(input, ColumnGate.records(scan))
      known = [UInt8](repeating: 2, count: Int(input.range.upperBound) + 1)
    case .ownedUnder:
      guard let owner = ColumnInput.owner(scan.builder.entity, store) else {
        throw NotInColumns(name: "\(related.entity.name).org")
      }
      form = .ownedUnder(
        place: try builder.owner(), sums: ColumnGate.sums(scan, owner, orgs: context.directory.orgs.count))
    }
  }

  private static func records(_ scan: ColumnScan) -> Set<RecordID> {
    var records: Set<RecordID> = []
    scan.forEachBlock { segment, start, picks in
      for pick in 0..<picks.count { records.insert(segment.keys.key(start + Int(picks.rows[pick])).record) }
      return true
    }
    return records
  }

  private static func sums(_ scan: ColumnScan, _ owner: ColumnInput, orgs: Int) -> [Int32] {
    // Codes are place + 1, so a count lands where the sum up to its place ends.
    var counts = [Int32](repeating: 0, count: orgs + 1)
    var last: Segment?
    scan.forEachBlock { segment, start, picks in
      if segment !== last {
        owner.turn(to: segment)
        last = segment
      }
      owner.load(start..<min(start + blockRows, segment.count))
      for pick in 0..<picks.count { counts[Int(owner.codes[Int(picks.rows[pick])])] += 1 }
      return true
    }
    // Records without a known place are nobody's.
    counts[0] = 0
    var total: Int32 = 0
    for place in counts.indices {
      total += counts[place]
      counts[place] = total
    }
    return counts
  }

  /// Whether the record of a row of the loaded block passes.
  func passes(_ row: Int) -> Bool {
    switch form {
    case .referredBy(let input, let records):
      let code = Int(input.codes[row])
      if known[code] == 2 {
        let exists =
          switch input.coding.value(Int32(code)) {
          case .reference(let record): records.contains(record)
          case .references(let list): list.contains { records.contains($0) }
          default: false
          }
        known[code] = exists == mustExist ? 1 : 0
      }
      return known[code] == 1
    case .ownedUnder(let place, let sums):
      let code = Int(place.codes[row])
      guard code > 0 else { return !mustExist }
      let org = context.directory.orgs[code - 1]
      return (sums[Int(org.end)] > sums[Int(org.start)]) == mustExist
    }
  }
}
