import CSQLite

/// A value as SQL knows it: what a parameter binds and a row holds.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  /// NFC UTF-8.
  case text(String)
  case blob([UInt8])

  /// The value behind a pointer that SQLite lends.
  init(_ value: OpaquePointer?) {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: self = .integer(sqlite3_value_int64(value))
    case SQLITE_FLOAT: self = .real(sqlite3_value_double(value))
    case SQLITE_TEXT:
      let count = Int(sqlite3_value_bytes(value))
      self = .text(SQLValue.string(sqlite3_value_text(value), count))
    case SQLITE_BLOB:
      self = .blob(SQLValue.bytes(sqlite3_value_blob(value), Int(sqlite3_value_bytes(value))))
    default: self = .null
    }
  }

  /// A column of the row at hand.
  init(_ statement: OpaquePointer?, _ column: Int32) {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: self = .real(sqlite3_column_double(statement, column))
    case SQLITE_TEXT:
      let text = sqlite3_column_text(statement, column)
      self = .text(SQLValue.string(text, Int(sqlite3_column_bytes(statement, column))))
    case SQLITE_BLOB:
      let blob = sqlite3_column_blob(statement, column)
      self = .blob(SQLValue.bytes(blob, Int(sqlite3_column_bytes(statement, column))))
    default: self = .null
    }
  }

  private static func string(_ text: UnsafePointer<UInt8>?, _ count: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: text, count: text == nil ? 0 : count), as: UTF8.self)
  }

  private static func bytes(_ blob: UnsafeRawPointer?, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: blob, count: blob == nil ? 0 : count))
  }

  /// Bytes that it takes, nearly: for bounds.
  var byteCount: Int {
    switch self {
    case .null, .integer, .real: 16
    case .text(let text): 16 + text.utf8.count
    case .blob(let bytes): 16 + bytes.count
    }
  }

  /// Makes this a parameter's value.
  func bind(_ statement: OpaquePointer?, _ place: Int32) -> Int32 {
    switch self {
    case .null: return sqlite3_bind_null(statement, place)
    case .integer(let number): return sqlite3_bind_int64(statement, place, number)
    case .real(let number): return sqlite3_bind_double(statement, place, number)
    case .text(var text):
      return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          xylem_sqlite_bind_text(statement, place, $0.baseAddress, Int32(clamping: $0.count))
        }
      }
    case .blob(let bytes):
      return bytes.withUnsafeBytes {
        xylem_sqlite_bind_blob(statement, place, $0.baseAddress, Int32(clamping: $0.count))
      }
    }
  }
}

/// What a function or a column answers with.
func setResult(_ context: OpaquePointer?, _ value: SQLValue) {
  switch value {
  case .null: sqlite3_result_null(context)
  case .integer(let number): sqlite3_result_int64(context, number)
  case .real(let number): sqlite3_result_double(context, number)
  case .text(let text): setResult(context, text)
  case .blob(let bytes):
    bytes.withUnsafeBytes { sqlite3_result_blob(context, $0.baseAddress, Int32(clamping: $0.count), transient) }
  }
}

func setResult(_ context: OpaquePointer?, _ text: String) {
  var text = text
  text.withUTF8 { bytes in
    bytes.withMemoryRebound(to: CChar.self) {
      xylem_sqlite_result_text(context, $0.baseAddress, Int32(clamping: $0.count))
    }
  }
}

// SAFETY: SQLITE_TRANSIENT of sqlite3.h, the number −1 as a destructor, which SQLite compares and never calls.
let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
