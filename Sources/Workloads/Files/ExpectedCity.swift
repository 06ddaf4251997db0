import Foundation
import Primitives

/// What an import of a city's files must find: counted from the good rows as they were written, by other means than the
/// engine's.
public struct ExpectedCity: Sendable {
  /// A member whose name and birth date no other member shares.
  public struct Person: Sendable {
    public let name: String
    public let birthDate: String
    public let branchCode: String
  }

  public internal(set) var seed: UInt64 = 0
  /// Good rows by entity.
  public internal(set) var totals: [(entity: String, rows: Int)] = []
  public internal(set) var people: [Person] = []
  public internal(set) var villagesSince = ""
  /// Organisations of administrative villages in whose subtree nobody joined since.
  public internal(set) var villagesWithoutNewMember = 0
  public internal(set) var county = ""
  /// The county's members by sex and highest education.
  public internal(set) var countyCells: [(sex: String, education: String, count: Int)] = []

  /// `expected.json`.
  var json: String {
    let object: [String: Any] = [
      "seed": Int(clamping: seed), "today": CityPlan.today.description,
      "totals": Dictionary(uniqueKeysWithValues: totals.map { ($0.entity, $0.rows) }),
      "people": people.map { ["name": $0.name, "birth_date": $0.birthDate, "branch_code": $0.branchCode] },
      "villages_without_new_member": ["since": villagesSince, "count": villagesWithoutNewMember],
      "county_education": [
        "county": county,
        "cells": countyCells.map { ["sex": $0.sex, "education": $0.education, "count": $0.count] as [String: Any] },
      ],
    ]
    let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys]
    guard let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
      requirementFailed("strings and numbers are JSON")
    }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}

/// Counts good rows as they are written.
struct CityTally {
  private let plan: CityPlan
  private var rows = [Int](repeating: 0, count: WorkloadEntity.allCases.count)
  private var villages: Set<String> = []
  private var villageOrgs: [String] = []
  /// Newest join date by branch.
  private var newest: [String: String] = [:]
  /// Name and birth date → branch, or empty once shared.
  private var persons: [String: String] = [:]
  private var countySex: [String: String] = [:]
  private var cells: [String: Int] = [:]
  private let county: String
  private static let since = "2002-09-30"

  init(plan: CityPlan) {
    self.plan = plan
    county = plan.nodes.first { $0.displayName.contains("鄞州") }?.orgCode ?? plan.nodes[0].orgCode
  }

  mutating func add(_ entity: WorkloadEntity, _ node: Int, _ row: RowBuilder) {
    rows[entity.rawValue] += 1
    func text(_ item: String) -> String { String(decoding: row.cell(entity.column(item)), as: UTF8.self) }
    switch entity {
    case .unit: if text("unit_category") == "16" { villages.insert(text("unit_uscc")) }
    case .org:
      let hosts = text("host_unit_ids").split(separator: "|").map(String.init)
      if hosts.contains(where: villages.contains) { villageOrgs.append(text("org_code")) }
    case .member:
      let branch = text("branch_code")
      let joined = CityTally.iso(text("join_date"))
      newest[branch] = max(newest[branch] ?? "", joined)
      let key = text("name") + "|" + CityTally.iso(text("birth_date"))
      persons[key] = persons[key] == nil ? branch : ""
      if branch.hasPrefix(county) { countySex[text("id_card")] = text("sex") }
    case .memberEdu:
      if let sex = countySex[text("parent")] { cells[sex + "|" + text("edu_code"), default: 0] += 1 }
    case .applicant, .activity, .hardship, .floating: break
    }
  }

  /// A date in any of the clerks' styles as `YYYY-MM-DD`.
  private static func iso(_ text: String) -> String {
    let parts = text.split { $0 == "-" || $0 == "." || $0 == "/" }
    guard parts.count == 3 else { return text }
    return parts[0] + "-" + (parts[1].count == 1 ? "0" : "") + parts[1] + "-" + (parts[2].count == 1 ? "0" : "")
      + parts[2]
  }

  mutating func finish() -> ExpectedCity {
    var expected = ExpectedCity()
    expected.seed = plan.seed
    expected.totals = WorkloadEntity.allCases.map { ($0.name, rows[$0.rawValue]) }
    let unique = persons.filter { !$0.value.isEmpty }.keys.sorted()
    for number in 0..<min(37, unique.count) {
      let key = unique[number * unique.count / 37]
      let parts = key.split(separator: "|").map(String.init)
      expected.people.append(.init(name: parts[0], birthDate: parts[1], branchCode: persons[key] ?? ""))
    }
    // An organisation's code begins with its superior's: three digits a level.
    var under: [String: String] = [:]
    for (branch, joined) in newest {
      var code = Substring(branch)
      while code.utf8.count >= 3 {
        let key = String(code)
        under[key] = max(under[key] ?? "", joined)
        code = code.dropLast(3)
      }
    }
    expected.villagesSince = CityTally.since
    expected.villagesWithoutNewMember = villageOrgs.reduce(0) { $0 + ((under[$1] ?? "") < CityTally.since ? 1 : 0) }
    expected.county = county
    expected.countyCells = cells.keys.sorted().map { key in
      let parts = key.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      return (parts[0], parts[1], cells[key] ?? 0)
    }
    return expected
  }
}
