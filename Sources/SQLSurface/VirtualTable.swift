import CSQLite
import Messages
import Primitives

/// A table that SQLite asks instead of a file. Methods that throw put their failure where the statement's owner finds
/// it.
class VirtualTable {
  unowned let connection: SQLConnection
  init(_ connection: SQLConnection) { self.connection = connection }

  /// `CREATE TABLE x(…)`.
  var declaration: String { "" }
  /// Chooses a plan; its number goes to ``VirtualCursor/filter(_:_:)``, its text to EXPLAIN.
  func bestIndex(_ info: UnsafeMutablePointer<sqlite3_index_info>) -> (number: Int32, text: String) { (0, "") }
  func open() -> VirtualCursor { VirtualCursor() }
  /// Whether a function of this table's columns is a constraint that it applies itself.
  func takesUnder() -> Bool { false }
}

/// The rows of one use of a table.
class VirtualCursor {
  /// Which row of those at hand is told, and how many there are.
  final var row = 0
  final var count = 0

  func filter(_ plan: Int32, _ arguments: [[SQLValue]]) throws {}
  /// Brings the next rows to hand; false at the end.
  func refill() throws -> Bool { false }
  func column(_ column: Int, _ context: OpaquePointer?) throws {}
  func rowid() throws -> Int64 { 0 }

  @inline(__always)
  final func advance() throws {
    row += 1
    if row >= count { try settle() }
  }

  /// Goes on until there is a row, or to the end.
  final func settle() throws {
    while row >= count {
      row = 0
      count = 0
      guard try refill() else { return }
    }
  }
}

/// What SQLite holds of a table: its own part first, as the manual asks.
private struct TableBlock {
  var base = sqlite3_vtab()
  var table: Unmanaged<VirtualTable>
}

/// What SQLite holds of a cursor.
private struct CursorBlock {
  var base = sqlite3_vtab_cursor()
  var cursor: Unmanaged<VirtualCursor>
}

/// How a connection makes its tables.
final class TableMaker {
  let make: (SQLConnection) -> VirtualTable
  unowned let connection: SQLConnection
  init(_ connection: SQLConnection, _ make: @escaping (SQLConnection) -> VirtualTable) {
    self.connection = connection
    self.make = make
  }
}

private func table(_ pointer: UnsafeMutablePointer<sqlite3_vtab>?) -> VirtualTable {
  guard let pointer else { requirementFailed("SQLite names the table it asks") }
  // SAFETY: xConnect allocated the block, and xDisconnect has not been called.
  return UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: TableBlock.self).pointee.table.takeUnretainedValue()
}

@inline(__always)
private func cursor(_ pointer: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> VirtualCursor {
  guard let pointer else { requirementFailed("SQLite names the cursor it asks") }
  // SAFETY: xOpen allocated the block, and xClose has not been called.
  return UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: CursorBlock.self).pointee.cursor
    .takeUnretainedValue()
}

private func guarded(_ pointer: UnsafeMutablePointer<sqlite3_vtab_cursor>?, _ body: () throws -> Void) -> Int32 {
  do {
    try body()
    return SQLITE_OK
  } catch {
    if let vtab = pointer?.pointee.pVtab { table(vtab).connection.note(error) }
    return SQLITE_ERROR
  }
}

/// The module of every table: it exists as soon as it is named, and nobody creates it.
///
/// SAFETY: made once and never freed; SQLite keeps the pointer.
nonisolated(unsafe) let tableModule: UnsafeMutablePointer<sqlite3_module> = {
  let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
  module.initialize(to: sqlite3_module())
  module.pointee.iVersion = 2
  module.pointee.xConnect = { database, auxiliary, _, _, result, message in
    guard let auxiliary, let result else { return SQLITE_ERROR }
    // SAFETY: the maker was retained when the module was registered, until the connection is closed.
    let maker = Unmanaged<TableMaker>.fromOpaque(auxiliary).takeUnretainedValue()
    let table = maker.make(maker.connection)
    maker.connection.isDeclaring = true
    let status = sqlite3_declare_vtab(database, table.declaration)
    maker.connection.isDeclaring = false
    guard status == SQLITE_OK else { return status }
    _ = xylem_sqlite_innocuous(database)
    let block = UnsafeMutablePointer<TableBlock>.allocate(capacity: 1)
    block.initialize(to: TableBlock(table: .passRetained(table)))
    result.pointee = UnsafeMutableRawPointer(block).assumingMemoryBound(to: sqlite3_vtab.self)
    return SQLITE_OK
  }
  module.pointee.xDisconnect = { pointer in
    guard let pointer else { return SQLITE_OK }
    let block = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: TableBlock.self)
    block.pointee.table.release()
    block.deallocate()
    return SQLITE_OK
  }
  module.pointee.xBestIndex = { pointer, info in
    guard let info else { return SQLITE_ERROR }
    let (number, text) = table(pointer).bestIndex(info)
    info.pointee.idxNum = number
    // SQLite frees it with its own allocator.
    info.pointee.idxStr = copiedText(text)
    info.pointee.needToFreeIdxStr = 1
    return SQLITE_OK
  }
  module.pointee.xOpen = { pointer, result in
    guard let result else { return SQLITE_ERROR }
    let block = UnsafeMutablePointer<CursorBlock>.allocate(capacity: 1)
    block.initialize(to: CursorBlock(cursor: .passRetained(table(pointer).open())))
    result.pointee = UnsafeMutableRawPointer(block).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
    return SQLITE_OK
  }
  module.pointee.xClose = { pointer in
    guard let pointer else { return SQLITE_OK }
    let block = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: CursorBlock.self)
    block.pointee.cursor.release()
    block.deallocate()
    return SQLITE_OK
  }
  module.pointee.xFilter = { pointer, number, _, count, values in
    guarded(pointer) {
      let arguments = (0..<Int(count)).map { listed(values?[$0]) }
      let cursor = cursor(pointer)
      cursor.row = 0
      cursor.count = 0
      try cursor.filter(number, arguments)
      try cursor.settle()
    }
  }
  module.pointee.xNext = { pointer in guarded(pointer) { try cursor(pointer).advance() } }
  module.pointee.xEof = { pointer in
    let cursor = cursor(pointer)
    return cursor.row >= cursor.count ? 1 : 0
  }
  module.pointee.xColumn = { pointer, context, column in
    guarded(pointer) { try cursor(pointer).column(Int(column), context) }
  }
  module.pointee.xRowid = { pointer, result in guarded(pointer) { result?.pointee = try cursor(pointer).rowid() } }
  module.pointee.xFindFunction = { pointer, count, name, function, auxiliary in
    guard count == 2, let name, String(cString: name).lowercased() == "under", table(pointer).takesUnder() else {
      return 0
    }
    function?.pointee = underFunction
    auxiliary?.pointee = Unmanaged.passUnretained(table(pointer).connection).toOpaque()
    return underOperator
  }
  return module
}()

/// One argument, or all values of a list that is handed over at once.
private func listed(_ value: OpaquePointer?) -> [SQLValue] {
  var values: [SQLValue] = []
  var item: OpaquePointer?
  // An ordinary value says SQLITE_ERROR or, newer, SQLITE_MISUSE here, and is itself.
  var status = sqlite3_vtab_in_first(value, &item)
  guard status == SQLITE_OK || status == SQLITE_DONE else { return [SQLValue(value)] }
  while status == SQLITE_OK, let found = item {
    values.append(SQLValue(found))
    status = sqlite3_vtab_in_next(value, &item)
  }
  return values
}

private func copiedText(_ text: String) -> UnsafeMutablePointer<CChar>? {
  var text = text
  return text.withUTF8 { bytes in
    guard let copy = sqlite3_malloc(Int32(bytes.count + 1)) else { return nil }
    let characters = copy.assumingMemoryBound(to: CChar.self)
    for (place, byte) in bytes.enumerated() { characters[place] = CChar(bitPattern: byte) }
    characters[bytes.count] = 0
    return characters
  }
}
