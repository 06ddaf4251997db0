import Catalog
import Formats
import Primitives

/// Which items of an entity are columns, and how a stored row becomes their codes.
///
/// Derived from the catalog: everything stored that has few or short values, which is all but free texts.
struct ItemCodes {
  /// One item with its coding.
  struct Slot {
    let item: ItemID
    let coding: Coding
  }

  let entity: Entity
  let slots: [Slot]
  /// Item → slot, −1 for items that are no columns.
  private let slotOfItem: [Int16]
  /// Slots whose items some record holds in a way that no code can say: questions about them read rows.
  private(set) var isUnfit: [Bool]

  /// What a row has before a cell was seen; no coding gives it.
  private static let unset = Int32.min

  /// - Parameter includes: which of the items that could be columns are.
  init(_ entity: Entity, _ codings: inout CodingTable, includes: (Item) -> Bool) {
    var slots: [Slot] = []
    var places = [Int16](repeating: -1, count: entity.items.count + 1)
    for item in entity.items where item.derivation == nil && includes(item) {
      guard let coding = codings.coding(item.type) else { continue }
      places[Int(item.id.value)] = Int16(slots.count)
      slots.append(Slot(item: item.id, coding: coding))
    }
    self.entity = entity
    self.slots = slots
    slotOfItem = places
    isUnfit = [Bool](repeating: false, count: slots.count)
  }

  /// The slot of an item, or nil when it is no column.
  func slot(_ item: ItemID) -> Int? {
    let number = Int(item.value)
    guard number < slotOfItem.count, slotOfItem[number] >= 0 else { return nil }
    return Int(slotOfItem[number])
  }

  /// Reads a row's cells into `codes`, one a slot, 0 for what the row lacks.
  ///
  /// - Throws: when the bytes are no row; `codes` is in an unknown state then.
  mutating func encode(_ row: UnsafeRawBufferPointer, to codes: inout [Int32]) throws(MalformedBytes) {
    for slot in codes.indices { codes[slot] = ItemCodes.unset }
    var cells = try RowCells(row)
    while try cells.next() {
      // An item that stands in two sections counts once, the first, as for every reader of rows.
      guard let slot = slot(cells.item), codes[slot] == ItemCodes.unset else { continue }
      if let code = slots[slot].coding.code(cells) {
        codes[slot] = code
      } else {
        isUnfit[slot] = true
        codes[slot] = 0
      }
    }
    for slot in codes.indices where codes[slot] == ItemCodes.unset { codes[slot] = 0 }
  }
}

/// Codings by name: what shares a name shares a dictionary.
struct CodingTable {
  private var codings: [String: Coding] = [:]
  private var dictionaries: [ValueDictionary] = []

  mutating func coding(_ type: ItemType) -> Coding? {
    guard let (name, kind) = Coding.plan(type) else { return nil }
    if let known = codings[name] { return known }
    let coding = Coding(kind)
    codings[name] = coding
    if let dictionary = coding.dictionary { dictionaries.append(dictionary) }
    return coding
  }

  /// What the dictionaries take.
  var byteCount: Int { dictionaries.reduce(0) { $0 + $1.byteCount } }
}
