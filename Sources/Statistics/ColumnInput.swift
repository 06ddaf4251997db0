import Access
import Catalog
import Primitives

/// Something that expressions read of a record, as codes: an item, an item at the end of a path, or the place of the
/// record's owner in the tree.
final class ColumnInput {
  /// What expressions call it.
  enum Reading: Hashable {
    case item(ItemID)
    case path(FieldPath)
    case owner
  }

  private enum Source {
    /// A column of the entity itself, its joins included.
    case column(Int)
    case walk(ColumnWalk)
    /// Null for every record.
    case nothing
    case owner(OwnerWalk)
  }

  let reading: Reading
  let coding: Coding
  /// No code lies outside.
  let range: ClosedRange<Int32>
  private let source: Source
  private let buffer = BlockBuffer<Int32>(filledWith: 0)
  private var segment: Segment?

  /// The codes of the block at hand.
  var codes: UnsafePointer<Int32> { UnsafePointer(buffer.pointer) }

  private init(_ reading: Reading, _ source: Source, _ coding: Coding, _ range: ClosedRange<Int32>) {
    self.reading = reading
    self.source = source
    self.coding = coding
    self.range = range
  }

  /// An item of the entity; nil when it is no column.
  static func item(_ item: ItemID, _ entity: EntityColumns) -> ColumnInput? {
    guard let column = entity.column(item), let coding = entity.coding(column: column) else { return nil }
    return ColumnInput(.item(item), .column(column), coding, entity.ranges[column])
  }

  /// The item at the end of a path; nil when a part of the way is no column.
  static func path(_ path: FieldPath, _ entity: EntityColumns, _ store: ColumnStore) -> ColumnInput? {
    if path.steps.count == 1, case .child(let child, let condition) = path.steps[0] {
      guard let column = entity.column(child: child, where: condition, path.item),
        let coding = entity.coding(column: column)
      else { return nil }
      return ColumnInput(.path(path), .column(column), coding, entity.ranges[column])
    }
    // A chosen child is found from its parent only: no reader of rows goes on from elsewhere.
    let meetsChild = path.steps.contains { if case .child = $0 { true } else { false } }
    if meetsChild { return ColumnInput(.path(path), .nothing, Coding(.bool), 0...0) }
    guard let walk = ColumnWalk(path, entity, store) else { return nil }
    return ColumnInput(.path(path), .walk(walk), walk.coding, walk.range)
  }

  /// The place of the record's owner in preorder and one more; 0 when unknown.
  ///
  /// - Parameter isAsked: false for records whose place nobody may ask: it is unknown then.
  static func owner(_ entity: EntityColumns, _ store: ColumnStore, isAsked: Bool = true) -> ColumnInput? {
    let coding = Coding(.number(.int, base: 0))
    guard isAsked else { return ColumnInput(.owner, .nothing, coding, 0...0) }
    guard let walk = OwnerWalk(entity, store) else { return nil }
    return ColumnInput(.owner, .owner(walk), coding, 0...Int32(store.places.directory.orgs.count))
  }

  /// Turns to the records of another segment.
  func turn(to segment: Segment) {
    self.segment = segment
    switch source {
    case .column: break
    case .nothing: buffer.pointer.update(repeating: 0, count: blockRows)
    case .walk(let walk): walk.turn(to: segment)
    case .owner(let walk): walk.turn(to: segment)
    }
  }

  /// Reads the codes of a block.
  ///
  /// - Requires: ``turn(to:)`` was called; at most ``blockRows`` rows.
  func load(_ rows: Range<Int>) {
    guard let segment else { return }
    switch source {
    case .column(let column): segment.columns[column].unpack(rows, to: buffer.pointer)
    case .nothing: break
    case .walk(let walk): for (place, row) in rows.enumerated() { buffer.pointer[place] = walk.code(segment, row) }
    case .owner(let walk): walk.load(segment, rows, to: buffer.pointer)
    }
  }
}

/// The current row's codes of some inputs as the evaluator reads them: every meaning is the evaluator's own.
///
/// A class, so that a table of 30,000 days is filled without allocating: its owner sets the codes, then evaluates.
final class InputSource: FieldSource {
  let inputs: [ColumnInput]
  var codes: [Int32]
  private let directory: OrgDirectory

  init(_ inputs: [ColumnInput], _ directory: OrgDirectory) {
    self.inputs = inputs
    codes = [Int32](repeating: 0, count: inputs.count)
    self.directory = directory
  }

  func value(_ item: ItemID) -> Value { value(.item(item)) }
  func value(along path: FieldPath) -> Value { value(.path(path)) }

  private func value(_ reading: ColumnInput.Reading) -> Value {
    // Nearly always there is one, and it is the one.
    if inputs.count == 1 { return inputs[0].reading == reading ? inputs[0].coding.value(codes[0]) : .null }
    for place in inputs.indices where inputs[place].reading == reading {
      return inputs[place].coding.value(codes[place])
    }
    return .null
  }

  func isUnder(_ item: ItemID?, orgCode: Text) -> Bool? {
    guard let top = directory.org(code: orgCode) else { return nil }
    guard let item else {
      guard let place = inputs.firstIndex(where: { $0.reading == .owner }), codes[place] > 0 else { return nil }
      return codes[place] - 1 >= top.start && codes[place] - 1 < top.end
    }
    guard case .reference(let org) = value(item) else { return nil }
    return directory.contains(org, under: top)
  }
}
