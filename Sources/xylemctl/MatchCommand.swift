import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

struct MatchCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "match",
      abstract: phrase("按姓名和出生日期找出名单上的党员。", "Finds the members of a list by name and birth date."),
      discussion: examples(["xylemctl match 名单.csv", "xylemctl match people.csv -o csv > found.csv"]))
  }
  @Argument(help: ArgumentHelp(phrase("CSV 文件，含 姓名、出生日期 两列。", "A CSV file with the columns name and birth_date.")))
  var file: String
  @OptionGroup var options: CommonOptions

  /// One request's share of a list: far below the daemon's limit on bodies.
  private static let batch = 1000

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let people = try PeopleFile.read(path: file)
    let client = session.client()
    let bar = session.output.progress(
      session.text("比对", "matching"), total: people.count, unit: .items(Phrase("人", "people")))
    defer { bar.finish() }
    var whole: TableResponse?
    for start in stride(from: 0, to: people.count, by: MatchCommand.batch) {
      let part = Array(people[start..<min(start + MatchCommand.batch, people.count)])
      let answer = try await client.match(MatchRequest(people: part))
      if whole == nil {
        whole = answer
      } else {
        whole?.rows += answer.rows
        whole?.microseconds += answer.microseconds
      }
      bar.advance(to: start + part.count)
    }
    guard let whole else { throw Failure(.importEmpty, ["file": file]) }
    try session.show(table(whole, session.language, schema: "xylemctl/match/v1"))
    let found = Set(whole.rows.filter { $0.last.flatMap { $0 } != nil }.map { $0.prefix(2) }).count
    session.output.say(
      session.text("\(people.count) 人，找到 \(found) 人", "\(people.count) people, \(found) found"))
    return .done
  }
}

/// A small list of people out of a CSV file (RFC 4180, UTF-8).
enum PeopleFile {
  static let bytesMax = 64 << 20

  /// - Throws: `clientFileMissing`, `clientFileUnreadable`, and what is wrong with the list, with its row.
  static func read(path: String) throws(Failure) -> [MatchRequest.Person] {
    let bytes = try FileChunks.whole(path, bytesMax: bytesMax)
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.importEncoding, ["file": path, "encoding": "UTF-8"])
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    var records = try parse(text)
    guard !records.isEmpty else { throw Failure(.importEmpty, ["file": path]) }
    let header = records.removeFirst().fields.map(trimmed)
    let name = try column(["姓名", "name"], header, path)
    let birth = try column(["出生日期", "birth_date"], header, path)
    var people: [MatchRequest.Person] = []
    for record in records {
      guard record.fields.count == header.count else {
        throw Failure(
          .importRaggedRow,
          ["count": "\(record.fields.count)", "expected": "\(header.count)", "row": "\(record.line)"])
      }
      let date = trimmed(record.fields[birth])
      people.append(.init(name: trimmed(record.fields[name]), birthDate: iso(date)))
    }
    guard !people.isEmpty else { throw Failure(.importEmpty, ["file": path]) }
    return people
  }

  private static func column(_ names: [String], _ header: [String], _ path: String) throws(Failure) -> Int {
    guard let position = header.firstIndex(where: names.contains) else {
      throw Failure(.importMissingColumn, ["column": names[0], "file": path])
    }
    return position
  }

  /// `19900102` and `1990/1/2` as people write them; anything else is left for the daemon to judge.
  private static func iso(_ date: String) -> String {
    let parts = date.split { "/.-年月日".contains($0) }.map(String.init)
    func padded(_ text: String) -> String { text.count == 1 ? "0" + text : text }
    if parts.count == 3 { return "\(parts[0])-\(padded(parts[1]))-\(padded(parts[2]))" }
    guard date.utf8.count == 8, date.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return date }
    return "\(date.prefix(4))-\(date.dropFirst(4).prefix(2))-\(date.suffix(2))"
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }

  /// Records with the line each starts at. Blank lines are passed over.
  private static func parse(_ text: String) throws(Failure) -> [(line: Int, fields: [String])] {
    var records: [(line: Int, fields: [String])] = []
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var wasQuoted = false
    var line = 1
    var start = 1
    var scalars = text.unicodeScalars.makeIterator()
    var pending = scalars.next()
    func end(_ records: inout [(line: Int, fields: [String])]) {
      fields.append(field)
      if fields != [""] || wasQuoted { records.append((start, fields)) }
      fields = []
      field = ""
      wasQuoted = false
    }
    while let scalar = pending {
      pending = scalars.next()
      switch scalar {
      case "\"" where isQuoted && pending == "\"":
        field.unicodeScalars.append(scalar)
        pending = scalars.next()
      case "\"" where isQuoted: isQuoted = false
      case "\"" where field.isEmpty && !wasQuoted:
        isQuoted = true
        wasQuoted = true
      case "\"": throw Failure(.importStrayQuote, ["row": "\(line)"])
      case "," where !isQuoted:
        fields.append(field)
        field = ""
        wasQuoted = false
      case "\r" where !isQuoted && pending == "\n": break
      case "\n" where !isQuoted:
        end(&records)
        line += 1
        start = line
      default:
        if scalar == "\n" { line += 1 }
        field.unicodeScalars.append(scalar)
      }
    }
    if isQuoted { throw Failure(.importOpenQuote, ["row": "\(start)"]) }
    if !field.isEmpty || !fields.isEmpty || wasQuoted { end(&records) }
    return records
  }
}
