import Access
import Catalog
import Formats
import Primitives

/// The columns of one entity at one moment, for a reader that takes its time: later changes do not show.
///
/// It shares memory with the columns it was taken from: taking it copies nothing, and a change of a column while it is
/// held copies that column once.
public struct TableColumns {
  /// How the codes of a column are read; 0 is null everywhere.
  public enum Reading {
    /// Codes ascend as the numbers do, see ``TableColumns/number(_:base:)``.
    case number(CellKind, base: Int64)
    /// 1 is false, 2 is true.
    case bool
    /// What each code means.
    case values([Value])
  }

  /// The records of one partition.
  public struct Part {
    public let partition: PartitionID
    let keys: RowKeys
    let dead: CodeColumn
    let columns: [CodeColumn]
    /// Place + 1 in the tree of each position's owner, 0 when unknown; nil when places were not asked for.
    let places: [Int32]?
    /// Whether some positions are of records that are gone.
    let hasDead: Bool
    /// Positions, of gone records too.
    public var count: Int { keys.count }

    /// Which record stands at a position.
    public func key(_ position: Int) -> (record: RecordID, ordinal: UInt32) {
      let key = keys.key(position)
      return (key.record, key.ordinal)
    }
  }

  public let entity: Entity
  public let parts: [Part]
  private let slots: [ItemID: (slot: Int, reading: Reading)]

  /// Nil when places are asked for and cannot be said.
  init?(_ columns: EntityColumns, _ store: ColumnStore, withPlaces: Bool) {
    var walk: OwnerWalk?
    if withPlaces {
      walk = OwnerWalk(columns, store)
      guard walk != nil else { return nil }
    }
    entity = columns.entity
    hasPlaces = withPlaces
    parts = columns.segments.map { segment in
      var places: [Int32]?
      if let walk {
        walk.turn(to: segment)
        places = [Int32](unsafeUninitializedCapacity: segment.count) { buffer, count in
          if let base = buffer.baseAddress { walk.load(segment, 0..<segment.count, to: base) }
          count = segment.count
        }
      }
      return Part(
        partition: segment.partition, keys: segment.keys, dead: segment.dead, columns: segment.columns, places: places,
        hasDead: segment.deadCount > 0)
    }
    var slots: [ItemID: (slot: Int, reading: Reading)] = [:]
    for item in columns.entity.items {
      guard let slot = columns.column(item.id), let coding = columns.coding(column: slot) else { continue }
      let reading: Reading =
        switch coding.kind {
        case .number(let kind, let base): .number(kind, base: base)
        case .bool: .bool
        case .dictionary: .values(coding.dictionary?.values ?? [])
        }
      slots[item.id] = (slot, reading)
    }
    self.slots = slots
  }

  /// Whether it is known where in the tree records stand.
  public let hasPlaces: Bool

  /// Positions of all parts.
  public var count: Int { parts.reduce(0) { $0 + $1.count } }

  /// Where an item's column stands and how it is read; nil when it is no column.
  public func column(_ item: ItemID) -> (slot: Int, reading: Reading)? { slots[item] }

  /// Copies the codes of a column.
  public func load(_ slot: Int, _ part: Int, _ rows: Range<Int>, to out: UnsafeMutablePointer<Int32>) {
    parts[part].columns[slot].unpack(rows, to: out)
  }

  /// Copies places + 1 of the orgs that own the records, 0 when unknown.
  ///
  /// - Requires: places were asked for.
  public func loadPlaces(_ part: Int, _ rows: Range<Int>, to out: UnsafeMutablePointer<Int32>) {
    guard let places = parts[part].places else { requirementFailed("places were asked for") }
    places.withUnsafeBufferPointer { places in
      guard let base = places.baseAddress else { return }
      out.update(from: base + rows.lowerBound, count: rows.count)
    }
  }

  /// Copies 1 for positions whose record is gone, else 0; false when there is none such in the part.
  public func loadGone(_ part: Int, _ rows: Range<Int>, to out: UnsafeMutablePointer<Int32>) -> Bool {
    guard parts[part].hasDead else { return false }
    parts[part].dead.unpack(rows, to: out)
    return true
  }

  /// The number that a code other than 0 stands for.
  @inline(__always)
  public static func number(_ code: Int32, base: Int64) -> Int64 { Coding.number(code, base: base) }

  /// Where a number stands among the codes, beyond 32 bits too; nil when it is too far away to say.
  public static func threshold(_ number: Int64, base: Int64) -> Int64? {
    let (distance, overflow) = number.subtractingReportingOverflow(base)
    if overflow { return nil }
    return distance >= 0 && distance < Int64.max ? distance + 1 : distance
  }
}

extension ColumnStore {
  /// An entity's columns as they are now; nil when they are not here, or places are asked for and cannot be said.
  ///
  /// - Parameter withPlaces: whether the reader asks where in the tree records stand; then the columns of what owns
  ///   them (``placeEntities(of:in:)``) are loaded too.
  /// - Complexity: a pass over the rows when places are asked for, else constant for a partition.
  public func table(_ id: EntityID, _ directory: OrgDirectory, withPlaces: Bool) -> TableColumns? {
    guard let columns = columns(id) else { return nil }
    follow(directory)
    return TableColumns(columns, self, withPlaces: withPlaces)
  }

  /// The entities whose columns say where an entity's records stand in the tree: itself and what its records are parts
  /// of.
  public static func placeEntities(of entity: Entity, in catalog: Catalog) -> [EntityID] {
    var ids = [entity.id]
    var current = entity
    while let parent = current.parent, let next = catalog.entity(parent) {
      ids.append(parent)
      current = next
    }
    return ids
  }
}
