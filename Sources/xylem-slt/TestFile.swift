/// A sqllogictest file, read: statements and questions with what is expected, in order.
struct TestFile {
  /// What is checked.
  enum Kind {
    case statement(isOK: Bool)
    case query(types: String, sort: String, label: String?, expected: [String]?)
  }

  struct Record {
    let line: Int
    let kind: Kind
    let sql: String
  }

  let name: String
  private(set) var records: [Record] = []
  /// Records that other engines only are meant to play.
  private(set) var foreign = 0

  /// Reads as the engine `sqlite` would: what is for others is left out, `halt` ends the file.
  init(name: String, text: String) {
    self.name = name
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.last == "\r" ? String($0.dropLast()) : String($0)
    }[...]
    var number = 0
    func next() -> String? {
      guard let line = lines.popFirst() else { return nil }
      number += 1
      return line
    }
    var isForUs = true
    while let line = next() {
      let words = line.split(separator: " ").map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      switch first {
      case "onlyif": if words.count > 1, words[1] != "sqlite" { isForUs = false }
      case "skipif": if words.count > 1, words[1] == "sqlite" { isForUs = false }
      case "halt":
        if isForUs { return }
        isForUs = true
      case "statement", "query":
        let start = number
        var sql: [String] = []
        var expected: [String]?
        while let line = next(), !line.isEmpty {
          if line == "----" {
            expected = []
            while let line = next(), !line.isEmpty { expected?.append(line) }
            break
          }
          sql.append(line)
        }
        let kind: Kind
        if first == "statement" {
          kind = .statement(isOK: words.count < 2 || words[1] == "ok")
        } else {
          kind = .query(
            types: words.count > 1 ? words[1] : "", sort: words.count > 2 ? words[2] : "nosort",
            label: words.count > 3 ? words[3] : nil, expected: expected)
        }
        if isForUs {
          records.append(Record(line: start, kind: kind, sql: sql.joined(separator: "\n")))
        } else {
          foreign += 1
        }
        isForUs = true
      default: isForUs = true
      }
    }
  }
}
