import CSQLite
import Messages

/// What a statement may do: read the tables and call functions that only compute. Everything else is refused, what is
/// new
/// in a later SQLite too.
let authorise:
  @convention(c) (
    UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
    UnsafePointer<CChar>?
  ) -> Int32 = { pointer, action, first, second, _, _ in
    guard let pointer else { return SQLITE_DENY }
    // SAFETY: registered by the connection, which closes its database before it goes.
    let connection = Unmanaged<SQLConnection>.fromOpaque(pointer).takeUnretainedValue()
    // SQLite runs a table's declaration as if it created the table.
    if connection.isDeclaring { return SQLITE_OK }
    func deny(_ en: String, _ zh: String) -> Int32 {
      connection.note(Failure(.sqlNotAllowed, ["action": en, "action.zh": zh]))
      return SQLITE_DENY
    }
    switch action {
    case SQLITE_SELECT: return SQLITE_OK
    case SQLITE_READ:
      let (table, column) = (first.map { String(cString: $0) } ?? "", second.map { String(cString: $0) } ?? "")
      switch connection.access(to: column, of: table) {
      case .allowed: return SQLITE_OK
      // SQLite then reads NULL in its place, wherever the statement names it: it is neither shown nor compared.
      case .masked: return SQLITE_IGNORE
      case .refused: return deny("reading \(table)", "读取 \(table)")
      }
    case SQLITE_FUNCTION:
      let name = second.map { String(cString: $0).lowercased() } ?? ""
      return deniedFunctions.contains(name) ? deny("the function \(name)()", "函数 \(name)()") : SQLITE_OK
    case SQLITE_RECURSIVE: return deny("a recursive query", "递归查询")
    case SQLITE_ATTACH, SQLITE_DETACH: return deny("attach", "attach")
    case SQLITE_PRAGMA: return deny("pragma", "pragma")
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: return deny("a transaction", "事务")
    case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE: return deny("writing", "写入")
    case SQLITE_ANALYZE, SQLITE_REINDEX: return deny("maintenance", "维护")
    default: return deny("changing the schema", "修改结构")
    }
  }

/// Functions of SQLite that reach out of the statement, or tell of the program.
private let deniedFunctions: Set<String> = [
  "load_extension", "fts3_tokenizer", "sqlite_log", "sqlite_compileoption_get", "sqlite_compileoption_used",
  "sqlite_offset", "rtreecheck", "rtreenode", "rtreedepth", "geopoly_debug",
]
