import Primitives

/// A record as it lies in the store.
///
///     version u8 = 1 · catalog u32 · log u64 · sequence varint
///     sections: (section u8 · cipher u8 · length varint · cells) …
///     checksum u64
///
/// Sections come in order, only those that have fields; cells in item order, each with a tag of (gap, kind). The bytes
/// are a function of the record's content and last change alone, so that owner and ancestors hold the same. The
/// checksum covers the row's key too: a row under another key, or an older block of the file, does not pass.
public enum Row {
  public static let version: UInt8 = 1
  static let checksumByteCount = 8
  /// Cipher 0: the section is in clear.
  static let clear: UInt8 = 0

  /// Where a row came from: which catalog wrote it, and its last change.
  public struct Origin: Hashable, Sendable {
    /// First 4 bytes of the catalog version.
    public let catalog: UInt32
    public let log: LogID
    public let sequence: Sequence64

    public init(catalog: UInt32, log: LogID, sequence: Sequence64) {
      self.catalog = catalog
      self.log = log
      self.sequence = sequence
    }
  }

  /// The bytes of a new record.
  ///
  /// - Requires: fields sorted by section and item, none null.
  public static func encode(key: Bytes, origin: Origin, fields: [Field], with hashing: Hashing) -> Bytes {
    var assembler = RowAssembler(origin: origin)
    for field in fields { assembler.append(field.value, section: field.section, item: field.item) }
    return assembler.finish(key: key, with: hashing)
  }

  /// Whether the checksum fits key and value.
  public static func isIntact(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, with hashing: Hashing
  ) -> Bool {
    guard value.count > checksumByteCount else { return false }
    let body = UnsafeRawBufferPointer(rebasing: value[0..<value.count - checksumByteCount])
    let stored = UInt64(bigEndian: value.loadUnaligned(fromByteOffset: body.count, as: UInt64.self))
    return stored == hashing.checksum(key: key, value: body)
  }
}

/// Puts a row together cell by cell, without going through values.
public struct RowAssembler {
  private var writer: ByteWriter
  private var cells = ByteWriter(capacity: 256)
  private var section: Section?
  private var lastItem: UInt16 = 0

  public init(origin: Row.Origin) {
    writer = ByteWriter(capacity: 320)
    writer.u8(Row.version)
    writer.u32(origin.catalog)
    writer.u64(origin.log.value)
    writer.varint(origin.sequence.value)
  }

  /// Starts the cell of `item` and returns the gap for its tag.
  ///
  /// - Requires: (section, item) ascends.
  @inline(__always)
  private mutating func open(_ newSection: Section, _ item: ItemID) -> UInt16 {
    if section != newSection {
      closeSection()
      section = newSection
      lastItem = 0
    }
    require(item.value > lastItem, "cells ascend by item")
    let gap = item.value - lastItem - 1
    lastItem = item.value
    return gap
  }

  public mutating func append(_ value: Value, section: Section, item: ItemID) {
    let gap = open(section, item)
    Cell.write(value, gap: gap, to: &cells)
  }

  /// Appends a cell whose content bytes are copied from another row.
  mutating func append(_ kind: CellKind, content: ArraySlice<UInt8>, section: Section, item: ItemID) {
    let gap = open(section, item)
    Cell.writeTag(kind, gap, &cells)
    cells.raw(content)
  }

  private mutating func closeSection() {
    guard let section else { return }
    writer.u8(section.rawValue)
    writer.u8(Row.clear)
    writer.block(cells.bytes)
    cells.bytes.removeAll(keepingCapacity: true)
  }

  /// The whole row, with the checksum that binds it to `key`.
  public mutating func finish(key: Bytes, with hashing: Hashing) -> Bytes {
    closeSection()
    section = nil
    let sum = key.withUnsafeBytes { key in writer.bytes.withUnsafeBytes { hashing.checksum(key: key, value: $0) } }
    writer.u64(sum)
    return writer.bytes
  }
}
