import Foundation
import Messages

/// What the data's maker says an import must find: `expected.json`. Data from elsewhere may lack it, or parts of it.
struct ExpectedFigures: Sendable {
  struct Person: Sendable {
    let name: String
    let birthDate: String
    /// Nil when nobody said where this person must be found.
    let branchCode: String?
  }

  var counts: [(entity: String, rows: Int)] = []
  var people: [Person] = []
  /// Village organisations whose subtree had no member join since then.
  var staleSince = ""
  /// The day on which the files are true: what rules take for today.
  var today = ""
  var staleVillages: Int?
  /// One county's members by sex and highest education: `sex|education` → how many.
  var countyCode: String?
  var county: [String: Int] = [:]

  /// The same day some years on; 29 February becomes the 28th.
  private static func years(_ years: Int, from day: String) -> String {
    guard let year = Int(day.prefix(4)) else { return day }
    let rest = day.dropFirst(4)
    return "\(year + years)" + (rest == "-02-29" ? "-02-28" : rest)
  }

  init(directory: String, network: Network) throws {
    let path = directory + "/expected.json"
    guard let data = FileManager.default.contents(atPath: path) else {
      today = ISO8601DateFormatter.string(
        from: Date(), timeZone: TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt, formatOptions: .withFullDate)
      staleSince = ExpectedFigures.years(-3, from: today)
      // The questions are asked all the same, about people and a county of the files.
      people = SampledPeople.read(directory: directory, network: network)
      countyCode = network.nodes.first { $0.depth == 1 }?.code
      return
    }
    guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
      throw Failure(.clientFileUnreadable, ["file": path, "reason": "not a JSON object", "action": "read"])
    }
    let totals = object["totals"] as? [String: Int] ?? [:]
    counts = totals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    for person in object["people"] as? [[String: String]] ?? [] {
      if let name = person["name"], let birth = person["birth_date"], let branch = person["branch_code"] {
        people.append(Person(name: name, birthDate: birth, branchCode: branch))
      }
    }
    if let villages = object["villages_without_new_member"] as? [String: Any] {
      staleVillages = villages["count"] as? Int
      staleSince = villages["since"] as? String ?? ""
    }
    if staleSince.isEmpty { staleSince = "2002-09-30" }
    // The question asks for three years: their end is the day of the files.
    today = ExpectedFigures.years(3, from: staleSince)
    if let table = object["county_education"] as? [String: Any] {
      countyCode = table["county"] as? String
      for cell in table["cells"] as? [[String: Any]] ?? [] {
        if let sex = cell["sex"] as? String, let education = cell["education"] as? String,
          let count = cell["count"] as? Int
        {
          county["\(sex)|\(education)"] = count
        }
      }
    }
  }
}
