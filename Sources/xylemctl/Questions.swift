import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages

struct Selecting: ParsableArguments {
  @Argument(help: "Entity: member, org, unit, applicant, activity …") var entity: String
  @Option(name: .customLong("where"), help: "A condition in the expression language.") var condition: String?
  @Option(help: "Code of an org: only its subtree.") var under: String?
  @Option(help: "NAME: condition that a related record must fulfil; NAME is a referring item or, for org, an entity.")
  var with: [String] = []
  @Option(help: "NAME: condition that no related record may fulfil.") var without: [String] = []

  var request: QueryRequest {
    var request = QueryRequest(entity: entity)
    request.condition = condition
    request.under = under
    request.with = with.isEmpty ? nil : with
    request.without = without.isEmpty ? nil : without
    return request
  }
}

func say(_ answer: TableResponse, _ out: Console.Output) {
  let milliseconds = Double(answer.microseconds) / 1000
  let text = String(format: "%.1f ms", milliseconds)
  out.say(out.language == .zh ? "\(answer.rows.count) 行，\(text)" : "\(answer.rows.count) rows, \(text)")
}

struct Query: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Finds records.",
    discussion: """
      xylemctl query member --where "sex = '2' and age(birth_date, today) >= 60" --under 033005 --select name,edu.highest
      xylemctl query org --with "host_unit_ids: unit_category = '16'" --without "member: join_date >= 2002-09-30" --count
      """)
  @OptionGroup var common: Common
  @OptionGroup var selecting: Selecting
  @Option(help: "Items, paths or expressions to show, separated by commas.") var select: String?
  @Option(help: "At most so many rows.") var limit = 100
  @Flag(help: "Only how many.") var count = false

  func run() async throws {
    try await common.run { out, client in
      var request = selecting.request
      request.select = select?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      request.limit = limit
      request.count = count ? true : nil
      let answer = try await client.query(request)
      try common.show(answer.table(out.language), out)
      say(answer, out)
      return 0
    }
  }
}

struct Stat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stat", abstract: "Counts records by items, paths or expressions.",
    discussion: "xylemctl stat member --by sex,edu.highest --under 033005")
  @OptionGroup var common: Common
  @OptionGroup var selecting: Selecting
  @Option(help: "What to count by, separated by commas.") var by: String

  func run() async throws {
    try await common.run { out, client in
      var request = selecting.request
      request.by = by.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      let answer = try await client.query(request)
      try common.show(answer.table(out.language), out)
      say(answer, out)
      return 0
    }
  }
}

struct Match: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match", abstract: "Finds people by name and birth date.",
    discussion: "printf '张三,1955-03-04\\n' | xylemctl match -")
  @OptionGroup var common: Common
  @Argument(help: "CSV of name and birth date (YYYY-MM-DD), one person a line; - for standard input.") var file: String

  func run() async throws {
    try await common.run { out, client in
      let data =
        file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
      guard let data, let text = String(validating: data, as: UTF8.self) else {
        throw Failure(.clientFileUnreadable, ["file": file, "reason": "missing or not UTF-8", "action": "read"])
      }
      let people = text.split(whereSeparator: \.isNewline).compactMap { line -> MatchRequest.Person? in
        let cells = line.split(separator: ",", omittingEmptySubsequences: false).map {
          $0.trimmingCharacters(in: .whitespaces)
        }
        guard cells.count >= 2, cells[1].first?.isNumber == true else { return nil }
        return MatchRequest.Person(name: cells[0], birthDate: cells[1])
      }
      let answer = try await client.match(MatchRequest(people: people))
      try common.show(answer.table(out.language), out)
      say(answer, out)
      return 0
    }
  }
}

struct Get: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Shows one record.", discussion: "xylemctl get org 033005001")
  @OptionGroup var common: Common
  @Argument(help: "Entity.") var entity: String
  @Argument(help: "Its natural key: org code, citizen id, credit code.") var key: String

  func run() async throws {
    try await common.run { out, client in
      let answer = try await client.record(entity, key)
      try common.show(answer.table(out.language), out)
      return 0
    }
  }
}
