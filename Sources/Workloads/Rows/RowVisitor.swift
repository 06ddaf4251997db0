import Primitives

/// A row as it is handed out: good, or spoiled in a known way.
public struct PlannedRow {
  /// Its cells.
  public let row: RowBuilder
  /// Nil for a good row.
  public let planted: Planted?
}

extension CityPlan {
  /// How many good rows of an entity stand in a node's directory. Constant time but for children of members.
  public func rowCount(of entity: WorkloadEntity, node: Int) -> Int {
    switch entity {
    case .unit: unitsOfNode[node].count
    case .org: organisationsOfNode[node].count
    case .member, .memberEdu: organisationsOfNode[node].reduce(0) { $0 + organisations[$1].size }
    case .applicant: applicantsOfNode[node].count
    case .activity: organisationsOfNode[node].reduce(0) { $0 + activityCounts[$1] }
    case .hardship: countMembers(node) { $0.isHardship }
    case .floating: countMembers(node) { $0.isFloating }
    }
  }

  private func countMembers(_ node: Int, _ isCounted: (Member) -> Bool) -> Int {
    organisationsOfNode[node].reduce(0) { count, organisation in
      organisations[organisation].members.reduce(count) { isCounted(members[$1]) ? $0 + 1 : $0 }
    }
  }

  /// Hands out the rows of one file in order, bad rows among them. The same calls give the same rows in any order.
  ///
  /// - Parameters:
  ///   - plantedCount: how many bad rows to put in, from ``plantedCounts()``; 0 for good rows only.
  ///   - hasHugeField: whether the first bad row holds the data set's field of 10 MiB.
  public func visitRows(
    of entity: WorkloadEntity, node: Int, dateStyle: DateStyle = .dashes, plantedCount: Int = 0,
    hasHugeField: Bool = false, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    let root = SeededRandom(seed: seed)
    let planter = Planter(
      entity: entity, rows: rowCount(of: entity, node: node), count: plantedCount, hasHugeField: hasHugeField,
      dateStyle: dateStyle, random: root.stream("planted/\(entity.name)/\(nodes[node].orgCode)"))
    var file = FileRows(row: RowBuilder(dateStyle: dateStyle), planter: planter)
    switch entity {
    case .unit: try visitUnits(node, root, &file, visit)
    case .org: try visitOrganisations(node, root, &file, visit)
    case .member: try visitMembers(node, root, &file, visit)
    case .memberEdu: try visitEducation(node, root, &file, visit)
    case .applicant: try visitApplicants(node, root, &file, visit)
    case .activity: try visitActivities(node, root, &file, visit)
    case .hardship: try visitHardship(node, root, &file, visit)
    case .floating: try visitFloating(node, root, &file, visit)
    }
  }

  /// How many bad rows each file gets: five in a thousand of all rows so far, less those already given, nodes in order
  /// and entities in the order of import. `hugeField` names the node whose activities hold the field of 10 MiB.
  public func plantedCounts() -> (byNode: [[Int]], hugeFieldNode: Int) {
    var counts: [[Int]] = []
    var rows = 0
    var largest = (node: 0, rows: -1)
    for node in nodes.indices {
      var row: [Int] = []
      for entity in WorkloadEntity.allCases {
        let count = rowCount(of: entity, node: node)
        row.append((rows + count) * 5 / 1000 - rows * 5 / 1000)
        rows += count
        if entity == .activity, count > largest.rows { largest = (node, count) }
      }
      counts.append(row)
    }
    let activity = WorkloadEntity.activity.rawValue
    counts[largest.node][activity] = max(1, counts[largest.node][activity])
    return (counts, largest.node)
  }
}

/// The rows of one file on their way out: each good row, then the bad ones that follow it.
struct FileRows {
  var row: RowBuilder
  var planter: Planter
  private var number = 0

  init(row: RowBuilder, planter: Planter) {
    self.row = row
    self.planter = planter
  }

  /// - Parameters:
  ///   - write: draws the good row.
  ///   - writeBad: draws a row like it about nobody else; told the kind of error and given the planter's random
  /// numbers.
  mutating func emit(
    _ visit: (PlannedRow) throws -> Void, write: (inout RowBuilder) -> Void,
    writeBad: (inout RowBuilder, PlantedKind, inout Planter) -> Void
  ) rethrows {
    row.reset()
    write(&row)
    try visit(PlannedRow(row: row, planted: nil))
    while planter.isDue(after: number) {
      let kind = planter.nextKind()
      row.reset()
      writeBad(&row, kind, &planter)
      let planted = planter.spoil(&row, kind)
      try visit(PlannedRow(row: row, planted: planted))
    }
    number += 1
  }
}
