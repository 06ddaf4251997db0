import Primitives

/// A stored row, parsed once into the places of its cells; values are read on demand.
///
/// Unknown items stay cells: a relay with an older catalog keeps them through every change.
public struct RowView {
  /// One cell's place.
  struct Place {
    let section: Section
    let item: ItemID
    let kind: CellKind
    let start: Int
    let end: Int
  }

  public let origin: Row.Origin
  let bytes: Bytes
  let places: [Place]

  /// Parses a row whose checksum the caller has verified (``Row/isIntact(key:value:with:)``) or is about to.
  ///
  /// - Throws: when the bytes are not a row of this version.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    guard bytes.count > Row.checksumByteCount else { throw MalformedBytes("a row", at: 0) }
    var reader = ByteReader(bytes, from: 0, to: bytes.count - Row.checksumByteCount)
    guard try reader.u8() == Row.version else { throw MalformedBytes("row version \(Row.version)", at: 0) }
    let catalog = try reader.u32()
    guard let log = LogID(exactly: try reader.u64()) else { throw MalformedBytes("a log id", at: 5) }
    origin = Row.Origin(catalog: catalog, log: log, sequence: Sequence64(try reader.varint()))
    var places: [Place] = []
    places.reserveCapacity(48)
    var lastSection: UInt8 = 0
    while !reader.isAtEnd {
      let at = reader.offset
      guard let section = Section(rawValue: try reader.u8()), section.rawValue > lastSection else {
        throw MalformedBytes("sections in order", at: at)
      }
      lastSection = section.rawValue
      guard try reader.u8() == Row.clear else { throw MalformedBytes("a section in clear", at: at) }
      let length = try reader.count()
      let end = reader.offset + length
      var item: UInt64 = 0
      while reader.offset < end {
        let tagAt = reader.offset
        let tag = try reader.u8()
        guard let kind = CellKind(rawValue: tag & 15) else { throw MalformedBytes("a known kind of cell", at: tagAt) }
        var gap = UInt64(tag >> 4)
        if gap == 15 { gap += try reader.varint() & 0xFFFF_FFFF }
        item += gap + 1
        guard item <= UInt64(UInt16.max) else { throw MalformedBytes("an item number", at: tagAt) }
        let start = reader.offset
        try Cell.skip(kind, &reader)
        places.append(
          Place(section: section, item: ItemID(UInt16(item)), kind: kind, start: start, end: reader.offset))
      }
      guard reader.offset == end else { throw MalformedBytes("a cell inside its section", at: end) }
    }
    self.bytes = bytes
    self.places = places
  }

  /// The item's value, or null when the row has no cell for it.
  public func value(_ item: ItemID) -> Value {
    for place in places where place.item == item { return value(at: place) }
    return .null
  }

  /// Appends what ``IndexKey/append(_:to:)`` appends for the item's value; texts are copied as they lie.
  ///
  /// - Returns: false for an item without a cell, whose value is null.
  @discardableResult
  public func appendIndexKey(_ item: ItemID, to writer: inout ByteWriter) -> Bool {
    guard let place = places.first(where: { $0.item == item }) else {
      IndexKey.append(.null, to: &writer)
      return false
    }
    guard place.kind == .text else {
      IndexKey.append(value(at: place), to: &writer)
      return true
    }
    var reader = ByteReader(bytes, from: place.start, to: place.end)
    // The initialiser stepped over it.
    let count = (try? reader.count()) ?? 0
    let start = reader.offset
    writer.u8(5)
    bytes.withUnsafeBufferPointer { bytes in
      IndexKey.append(UnsafeBufferPointer(rebasing: bytes[start..<start + count]), to: &writer)
    }
    writer.u8(0)
    return true
  }

  /// Whether the row has a cell for the item.
  public func has(_ item: ItemID) -> Bool { places.contains { $0.item == item } }

  /// The first item whose cell is of a kind that `matches`; no value is read.
  public func firstItem(where matches: (ItemID, ColumnKind) -> Bool) -> ItemID? {
    places.first { matches($0.item, ColumnKind(of: $0.kind)) }?.item
  }

  /// All fields in order.
  public var fields: [Field] { places.map { Field($0.section, $0.item, value(at: $0)) } }

  private func value(at place: Place) -> Value {
    var reader = ByteReader(bytes, from: place.start, to: place.end)
    // The initialiser stepped over every cell, so only text that is no UTF-8 can still fail: such a row was never
    // written by us, and its checksum was verified; absent is the one answer that lies to nobody's arithmetic.
    return (try? Cell.read(place.kind, &reader)) ?? .null
  }

  /// The row after `changes`, with cells the changes do not name copied byte for byte.
  ///
  /// - Requires: changes sorted by section and item.
  public func applying(
    _ changes: [FieldChange], key: Bytes, origin newOrigin: Row.Origin, with hashing: Hashing
  ) -> Bytes {
    var assembler = RowAssembler(origin: newOrigin)
    var position = 0
    func copy(_ place: Place, _ assembler: inout RowAssembler) {
      assembler.append(place.kind, content: bytes[place.start..<place.end], section: place.section, item: place.item)
    }
    for change in changes {
      while position < places.count, before(places[position], change) {
        copy(places[position], &assembler)
        position += 1
      }
      if position < places.count, places[position].section == change.section, places[position].item == change.item {
        position += 1
      }
      if !change.new.isNull { assembler.append(change.new, section: change.section, item: change.item) }
    }
    while position < places.count {
      copy(places[position], &assembler)
      position += 1
    }
    return assembler.finish(key: key, with: hashing)
  }

  /// What must change for each of `items` to have its new value, in row order.
  ///
  /// - Parameters:
  ///   - holds: whether an item's new cell is this one; asked for cells that the row has, as they lie.
  ///   - value: an item's new value; asked where it differs, and where the row has no cell.
  /// - Requires: `items` sorted by section and item.
  public func changes(
    _ items: [(section: Section, item: ItemID)], holds: (ItemID, StoredCell) -> Bool, _ value: (ItemID) -> Value
  ) -> [FieldChange] {
    var changes: [FieldChange] = []
    var position = 0
    bytes.withUnsafeBytes { bytes in
      for (section, item) in items {
        while position < places.count, (places[position].section, places[position].item) < (section, item) {
          position += 1
        }
        guard position < places.count, places[position].section == section, places[position].item == item else {
          let new = value(item)
          if !new.isNull { changes.append(FieldChange(section, item, old: .null, new: new)) }
          continue
        }
        let place = places[position]
        let cell = StoredCell(
          kind: place.kind, content: UnsafeRawBufferPointer(rebasing: bytes[place.start..<place.end]))
        if holds(item, cell) { continue }
        changes.append(FieldChange(section, item, old: self.value(at: place), new: value(item)))
      }
    }
    return changes
  }

  private func before(_ place: Place, _ change: FieldChange) -> Bool {
    place.section != change.section ? place.section < change.section : place.item < change.item
  }
}

/// One cell of a stored row, as it lies; lent for a call.
public struct StoredCell {
  let kind: CellKind
  let content: UnsafeRawBufferPointer

  /// The cell as a value.
  public var value: Value {
    var reader = ByteReader(Bytes(content))
    return (try? Cell.read(kind, &reader)) ?? .null
  }

  /// Whether it refers to exactly these records, as a single reference when `isList` is false.
  public func refers(to records: [RecordID], isList: Bool) -> Bool {
    guard kind == (isList ? .references : .reference) else { return false }
    var writer = ByteWriter(capacity: records.count * 18 + 1)
    if isList { writer.count(records.count) }
    for record in records { Cell.write(record, &writer) }
    return writer.bytes.elementsEqual(content)
  }
}
