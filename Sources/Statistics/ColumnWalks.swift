import Access
import Catalog
import Primitives

/// The way along relations from a record to an item of another, over columns: inside one partition but for orgs, as a
/// reader of rows goes.
final class ColumnWalk {
  private enum Step {
    /// To the record that this column refers to, among these.
    case reference(column: Int, Coding, to: EntityColumns)
    case parent(EntityColumns)
  }

  let coding: Coding
  let range: ClosedRange<Int32>
  private let steps: [Step]
  private let column: Int
  private let directory: OrgDirectory
  /// What a reference at the beginning leads to, by its code, in the segment at hand.
  private var known: [Int32: Int32] = [:]
  private var lastRecord: RecordID?
  private var lastCode: Int32 = 0

  /// Nil when some item on the way is no column, or some entity's columns are not here.
  init?(_ path: FieldPath, _ entity: EntityColumns, _ store: ColumnStore) {
    var current = entity
    var steps: [Step] = []
    for step in path.steps {
      switch step {
      case .reference(let item):
        guard let target = current.entity.item(item)?.type.target, let next = store.columns(target),
          let column = current.column(item), let coding = current.coding(column: column)
        else { return nil }
        steps.append(.reference(column: column, coding, to: next))
        current = next
      case .parent:
        guard let parent = current.entity.parent, let next = store.columns(parent) else { return nil }
        steps.append(.parent(next))
        current = next
      case .child: return nil
      }
    }
    guard let column = current.column(path.item), let coding = current.coding(column: column) else { return nil }
    self.steps = steps
    self.column = column
    directory = store.places.directory
    self.coding = coding
    range = current.ranges[column]
  }

  func turn(to segment: Segment) {
    known.removeAll(keepingCapacity: true)
    lastRecord = nil
  }

  /// The code at the end of the way from the record at `row`.
  func code(_ segment: Segment, _ row: Int) -> Int32 {
    switch steps[0] {
    case .reference(let column, _, _):
      let reference = segment.columns[column][row]
      if let code = known[reference] { return code }
      let code = walk(segment, row)
      known[reference] = code
      return code
    case .parent:
      let record = segment.keys.key(row).record
      if record == lastRecord { return lastCode }
      lastCode = walk(segment, row)
      lastRecord = record
      return lastCode
    }
  }

  private func walk(_ segment: Segment, _ row: Int) -> Int32 {
    var segment = segment
    var partition = segment.partition
    var row = row
    for step in steps {
      let record: RecordID
      let target: EntityColumns
      switch step {
      case .reference(let column, let coding, let next):
        guard let other = coding.value(segment.columns[column][row]).firstReference else { return 0 }
        record = other
        target = next
        if next.entity.name == "org" { partition = directory.org(record)?.partition ?? partition }
      case .parent(let next):
        record = segment.keys.key(row).record
        target = next
      }
      guard let next = target.segment(partition), let position = next.position(RowKeys.Key(record, 0)) else {
        return 0
      }
      segment = next
      row = position
    }
    return segment.columns[column][row]
  }
}

/// The way from a record to the place of the org that owns it.
final class OwnerWalk {
  private enum Source {
    /// A reference to the org.
    case reference(column: Int)
    /// The records are orgs.
    case itself
  }

  private let store: ColumnStore
  /// From a child record to its parent, and on.
  private let parents: [EntityColumns]
  private let source: Source
  private var orgPlaces: [Int32] = []
  /// The segment of the last parent, which holds the reference or is of orgs.
  private var last: Segment?
  private var chain: [Segment?] = []
  private var lastRecord: RecordID?
  private var lastPlace: Int32 = -1

  /// Nil when the owner is no column, or some parent's columns are not here.
  init?(_ entity: EntityColumns, _ store: ColumnStore) {
    var current = entity
    var parents: [EntityColumns] = []
    while let parent = current.entity.parent {
      guard let next = store.columns(parent) else { return nil }
      parents.append(next)
      current = next
    }
    if let item = current.entity.ownerItem {
      guard let column = current.column(item) else { return nil }
      source = .reference(column: column)
    } else {
      source = .itself
    }
    self.store = store
    self.parents = parents
  }

  func turn(to segment: Segment) {
    lastRecord = nil
    chain = parents.map { $0.segment(segment.partition) }
    last = parents.isEmpty ? segment : chain.last ?? nil
    if case .itself = source, let last { orgPlaces = store.placesOfOrgs(last) }
  }

  /// Writes place + 1 of each row, 0 for unknown ones.
  func load(_ segment: Segment, _ rows: Range<Int>, to out: UnsafeMutablePointer<Int32>) {
    guard parents.isEmpty else {
      for (place, row) in rows.enumerated() { out[place] = ofChild(segment, row) + 1 }
      return
    }
    switch source {
    case .reference(let column):
      segment.columns[column].unpack(rows, to: out)
      store.places.placeOfCode.withUnsafeBufferPointer { places in
        for place in 0..<rows.count { out[place] = places[Int(out[place])] + 1 }
      }
    case .itself: for (place, row) in rows.enumerated() { out[place] = orgPlaces[row] + 1 }
    }
  }

  private func ofChild(_ segment: Segment, _ row: Int) -> Int32 {
    let record = segment.keys.key(row).record
    if record == lastRecord { return lastPlace }
    lastRecord = record
    lastPlace = -1
    // A parent that is gone leaves its children without a place.
    var position = 0
    for parent in chain {
      guard let found = parent?.position(RowKeys.Key(record, 0)) else { return -1 }
      position = found
    }
    guard let last else { return -1 }
    switch source {
    case .reference(let column): lastPlace = store.places.placeOfCode[Int(last.columns[column][position])]
    case .itself: lastPlace = orgPlaces[position]
    }
    return lastPlace
  }
}
