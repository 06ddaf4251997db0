import AdminClient
import AdminProtocol
import Foundation
import Messages

/// One question's answer with its time at the city and the seed's figure beside the found one.
struct QuestionAnswer: Sendable {
  let question: String
  let milliseconds: Double
  let lines: [String]
  let figures: [(name: String, expected: String, found: String)]
}

/// The questions that took a week of telephone calls.
struct Questions {
  let client: AdminClient
  let expected: ExpectedFigures

  func ask() async throws -> [QuestionAnswer] { [try await people(), try await villages(), try await education()] }

  /// Persons identified by name and birth date.
  private func people() async throws -> QuestionAnswer {
    let request = MatchRequest(people: expected.people.map { .init(name: $0.name, birthDate: $0.birthDate) })
    let answer = try await client.match(request)
    var found = 0
    for person in expected.people {
      let isFound = answer.rows.contains { row in
        row[0] == person.name && row[1] == person.birthDate && row[2] != nil
          && (person.branchCode == nil || row[2] == person.branchCode)
      }
      if isFound { found += 1 }
    }
    let lines = answer.rows.prefix(37).map { "\($0[0] ?? "") \($0[1] ?? "") → \($0[2] ?? "-") \($0[3] ?? "")" }
    return QuestionAnswer(
      question: "\(expected.people.count) people by name and birth date · 按姓名和出生日期找 \(expected.people.count) 人",
      milliseconds: Double(answer.microseconds) / 1000, lines: lines,
      // A row of somebody's files may be a bad one, which nobody finds.
      figures: expected.people.allSatisfy { $0.branchCode != nil }
        ? [("找到的人 people found", "\(expected.people.count)", "\(found)")] : [])
  }

  /// Village organisations without a new member for three years.
  private func villages() async throws -> QuestionAnswer {
    var request = QueryRequest(entity: "org")
    request.with = ["host_unit_ids: unit_category = '16'"]
    request.without = ["member: join_date >= \(expected.staleSince)"]
    request.select = ["org_code", "org_name"]
    request.limit = 100_000
    let answer = try await client.query(request)
    return QuestionAnswer(
      question: "Village organisations without a new member for three years · 三年未发展党员的村党组织",
      milliseconds: Double(answer.microseconds) / 1000, lines: answer.rows.map { "\($0[0] ?? "") \($0[1] ?? "")" },
      figures: expected.staleVillages.map { [("三年未发展的村 stale villages", "\($0)", "\(answer.rows.count)")] } ?? [])
  }

  /// Members by sex and highest education for one county.
  private func education() async throws -> QuestionAnswer {
    var request = QueryRequest(entity: "member")
    request.by = ["sex", "edu.highest"]
    request.under = expected.countyCode
    let answer = try await client.query(request)
    var different = 0
    var seen: Set<String> = []
    for row in answer.rows {
      let key = "\(row[0] ?? "")|\(row[1] ?? "")"
      seen.insert(key)
      if expected.county[key] != Int(row[2] ?? "") { different += 1 }
    }
    different += expected.county.keys.filter { !seen.contains($0) }.count
    return QuestionAnswer(
      question: "Members by sex × highest education, \(expected.countyCode ?? "all") · 性别 × 最高学历",
      milliseconds: Double(answer.microseconds) / 1000,
      lines: answer.rows.map { "\($0[0] ?? "-") × \($0[1] ?? "-"): \($0[2] ?? "")" },
      figures: expected.county.isEmpty ? [] : [("不同的格 cells that differ", "0", "\(different)")])
  }
}
