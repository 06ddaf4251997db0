import CSQLite
import Messages
import Primitives

/// From what SQLite says to what a caller is told.
enum SQLFailure {
  static func syntax(_ en: String, _ zh: String, _ position: Int?) -> Failure {
    var fields = [Failure.Field(name: "reason", value: en), Failure.Field(name: "reason.zh", value: zh)]
    if let position { fields.append(.init(name: "position", value: "\(position)")) }
    return Failure(.sqlSyntax, fields: fields)
  }

  /// Why a statement was not prepared.
  static func preparing(_ connection: SQLConnection, _ text: String) -> Failure {
    if let failure = connection.failure { return failure }
    let message = sqlite3_errmsg(connection.database).map { String(cString: $0) } ?? ""
    let offset = Int(sqlite3_error_offset(connection.database))
    var position: Int?
    if offset >= 0 { position = String(decoding: text.utf8.prefix(offset), as: UTF8.self).count + 1 }
    func named(_ code: ErrorCode, _ field: String, _ name: String, _ known: [String]) -> Failure {
      var fields = [Failure.Field(name: field, value: name)]
      if let position { fields.append(.init(name: "position", value: "\(position)")) }
      let bare = name.split(separator: ".").last.map(String.init) ?? name
      if let meant = nearest(to: bare, among: known) { fields.append(.init(name: "suggestion", value: meant)) }
      return Failure(code, fields: fields)
    }
    if let name = rest(of: message, after: "no such table: ") {
      let known = connection.schemas.map(\.entity.name) + Lists.all.map(\.name)
      return named(.sqlUnknownTable, "table", name, known)
    }
    if let name = rest(of: message, after: "no such column: ") {
      let mentioned = connection.schemas.filter { text.contains($0.entity.name) }
      return named(.sqlUnknownColumn, "column", name, mentioned.flatMap { $0.columns.map(\.name) })
    }
    if let name = rest(of: message, after: "no such function: ") {
      return named(.queryUnknownFunction, "function", name, sqlFunctions.map(\.name))
    }
    if message.hasSuffix(": syntax error"), let near = rest(of: message, after: "near ") {
      let word = near.dropLast(": syntax error".count)
      return syntax("\(word) is not expected here", "此处不应有 \(word)", position)
    }
    if message.hasSuffix("may not be modified") {
      return Failure(.sqlNotAllowed, ["action": "writing", "action.zh": "写入"])
    }
    if message == "incomplete input" { return syntax("it ends too early", "语句不完整", position) }
    return syntax(message, message, position)
  }

  /// Why a statement ended before its last row.
  static func running(_ connection: SQLConnection) -> Failure {
    if let failure = connection.failure { return failure }
    let status = sqlite3_errcode(connection.database)
    let message = sqlite3_errmsg(connection.database).map { String(cString: $0) } ?? ""
    if status == SQLITE_NOMEM { return Failure(.sqlMemory, ["maximum": "\(SQLLimits().memory.value >> 20)"]) }
    return Failure(.sqlFailed, ["reason": message])
  }

  private static func rest(of message: String, after prefix: String) -> String? {
    message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : nil
  }

  /// The name that is meant, when few letters differ.
  static func nearest(to name: String, among known: [String]) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in known {
      let distance = distance(Array(name.lowercased().utf8), Array(candidate.utf8))
      guard distance <= max(1, name.utf8.count / 3), distance < best?.distance ?? Int.max else { continue }
      best = (candidate, distance)
    }
    return best?.name
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (place, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for (column, other) in right.enumerated() {
        let above = row[column + 1]
        row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
