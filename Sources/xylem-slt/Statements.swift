/// What a test file asks to be made.
enum MadeThing {
  case table(MadeTable)
  case index(table: String, columns: [String])
  /// `values` is a `VALUES …` or a `SELECT …`.
  case rows(table: String, columns: [String], values: String)
}

struct MadeTable {
  struct Column {
    let name: String
    /// An item type of the catalog.
    let type: String
    let isKey: Bool
  }
  let name: String
  let columns: [Column]
}

/// Why a statement is not played.
struct NotPlayed: Error {
  let reason: String
}

/// Reads the statements that make things; what they may look like is what test files hold.
struct StatementReader {
  private var tokens: [Substring]
  private let text: String

  /// The thing a statement makes.
  ///
  /// - Throws: why it is not played.
  static func read(_ text: String) throws(NotPlayed) -> MadeThing {
    var reader = StatementReader(text)
    if reader.take("create") { return try reader.creation() }
    if reader.take("insert") { return try reader.insertion() }
    throw NotPlayed(reason: "no catalog or commit for \(reader.tokens.first.map(String.init) ?? "nothing")")
  }

  private init(_ text: String) {
    self.text = text
    var tokens: [Substring] = []
    var rest = text[...]
    while let character = rest.first {
      if character.isWhitespace {
        rest = rest.dropFirst()
      } else if character.isLetter || character.isNumber || character == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        tokens.append(word)
        rest = rest[word.endIndex...]
      } else {
        tokens.append(rest.prefix(1))
        rest = rest.dropFirst()
      }
    }
    self.tokens = tokens
  }

  private mutating func take(_ word: String) -> Bool {
    guard tokens.first?.lowercased() == word else { return false }
    tokens.removeFirst()
    return true
  }

  private mutating func name() throws(NotPlayed) -> String {
    guard !tokens.isEmpty else { throw NotPlayed(reason: "the statement ends early") }
    return tokens.removeFirst().lowercased()
  }

  private mutating func names() throws(NotPlayed) -> [String] {
    guard take("(") else { return [] }
    var names = [try name()]
    while take(",") { names.append(try name()) }
    guard take(")") else { throw NotPlayed(reason: "a list of names that ends otherwise") }
    return names
  }

  private mutating func creation() throws(NotPlayed) -> MadeThing {
    if take("unique") {}
    if take("index") {
      _ = try name()
      guard take("on") else { throw NotPlayed(reason: "an index on nothing") }
      let table = try name()
      return .index(table: table, columns: try names())
    }
    guard take("table") else { throw NotPlayed(reason: "create of something else than a table or index") }
    let table = try name()
    guard take("(") else { throw NotPlayed(reason: "a table without columns") }
    var columns: [MadeTable.Column] = []
    repeat { columns.append(try column()) } while take(",")
    return .table(MadeTable(name: table, columns: columns))
  }

  private mutating func column() throws(NotPlayed) -> MadeTable.Column {
    let name = try name()
    var words: [String] = []
    var depth = 0
    while let token = tokens.first, depth > 0 || (token != "," && token != ")") {
      if token == "(" { depth += 1 }
      if token == ")" { depth -= 1 }
      words.append(token.lowercased())
      tokens.removeFirst()
    }
    let type: String
    switch words.first {
    case "integer", "int": type = "int"
    case "text", "varchar", "char": type = "text"
    default: throw NotPlayed(reason: "no item type for \(words.first ?? "a column without type")")
    }
    let isKey = words.contains("primary") || words.contains("unique")
    return MadeTable.Column(name: name, type: type, isKey: isKey)
  }

  private mutating func insertion() throws(NotPlayed) -> MadeThing {
    guard take("into") else { throw NotPlayed(reason: "an insert that replaces") }
    let table = try name()
    let columns = try names()
    guard let first = tokens.first, ["values", "select"].contains(first.lowercased()) else {
      throw NotPlayed(reason: "an insert of neither values nor a select")
    }
    return .rows(table: table, columns: columns, values: String(text[first.startIndex...]))
  }
}
