/// What a data set holds: the answers against which an import, a count or a query is checked.
public struct Expected: Hashable, Sendable {
  /// The good rows of one node's files.
  public struct NodeCounts: Hashable, Sendable {
    public let node: String
    public let orgCode: String
    /// Good rows by entity, in the order of ``WorkloadEntity/allCases``.
    public let rows: [Int]
  }

  /// One of the 37 people of the acceptance question "who are these people, and where".
  public struct NamedPerson: Hashable, Sendable {
    public let name: String
    /// `YYYY-MM-DD`
    public let birthDate: String
    public let branchCode: String
  }

  /// Members of a county by sex and highest education.
  public struct EducationCell: Hashable, Sendable {
    public let sex: String
    public let eduCode: String
    public let count: Int
  }

  /// A figure with its name.
  public struct Figure: Hashable, Sendable {
    public let name: String
    public let count: Int
  }

  public let seed: UInt64
  public let nodePlan: String
  public let today: String
  public let nodes: [NodeCounts]
  /// Totals that are more than row counts: members by sex, age, education; organisations and units by kind; bad rows.
  public let figures: [Figure]
  /// Number of lines in `planted.csv` under its header.
  public let planted: Int
  /// Village organisations none of whose members joined on or after this day.
  public let villagesSince: String
  public let villagesWithoutNewMembers: [String]
  public let namedPersons: [NamedPerson]
  /// Org code of the county of ``educationTable``.
  public let educationCounty: String
  public let educationTable: [EducationCell]

  /// Good rows of an entity in all nodes.
  public func total(_ entity: WorkloadEntity) -> Int { nodes.reduce(0) { $0 + $1.rows[entity.rawValue] } }

  /// The figure with this name, or nil when the file has none.
  public func figure(_ name: String) -> Int? { figures.first { $0.name == name }?.count }
}

extension Expected {
  /// The text of `expected.json`, indented; the same value gives the same bytes.
  public var json: String { value.text + "\n" }

  /// Reads what ``json`` wrote.
  ///
  /// - Throws: ``JSONValue/ParseError`` with the byte offset when the text is no JSON or a member is missing.
  public init(json: String) throws(JSONValue.ParseError) { try self.init(JSONValue(parsing: json)) }

  private var value: JSONValue {
    let entities = WorkloadEntity.allCases
    let totals = entities.map { ($0.name, JSONValue.number(total($0))) }
    return .object([
      ("seed", .string(String(seed))), ("plan", .string(nodePlan)), ("today", .string(today)),
      ("totals", .object(totals)),
      ("figures", .object(figures.map { ($0.name, .number($0.count)) })), ("planted", .number(planted)),
      (
        "villages_without_new_member",
        .object([
          ("since", .string(villagesSince)), ("count", .number(villagesWithoutNewMembers.count)),
          ("org_codes", .array(villagesWithoutNewMembers.map { .string($0) })),
        ])
      ),
      (
        "people",
        .array(
          namedPersons.map {
            .object([
              ("name", .string($0.name)), ("birth_date", .string($0.birthDate)),
              ("branch_code", .string($0.branchCode)),
            ])
          })
      ),
      (
        "county_education",
        .object([
          ("county", .string(educationCounty)),
          (
            "cells",
            .array(
              educationTable.map {
                .object([("sex", .string($0.sex)), ("education", .string($0.eduCode)), ("count", .number($0.count))])
              })
          ),
        ])
      ),
      (
        "nodes",
        .array(
          nodes.map { node in
            let rows = zip(entities, node.rows).map { ($0.name, JSONValue.number($1)) }
            return .object([
              ("node", .string(node.node)), ("org_code", .string(node.orgCode)), ("rows", .object(rows)),
            ])
          })
      ),
    ])
  }

  private init(_ value: JSONValue) throws(JSONValue.ParseError) {
    guard let seed = try UInt64(value.string("seed")) else { throw JSONValue.ParseError(offset: 0, reason: "bad seed") }
    self.seed = seed
    nodePlan = try value.string("plan")
    today = try value.string("today")
    planted = try value.number("planted")
    var figures: [Figure] = []
    for (name, count) in try value.members("figures") {
      figures.append(Figure(name: name, count: try count.asNumber()))
    }
    self.figures = figures
    let stale = try value.member("villages_without_new_member")
    villagesSince = try stale.string("since")
    var villages: [String] = []
    for village in try stale.elements("org_codes") { villages.append(try village.asString()) }
    villagesWithoutNewMembers = villages
    var persons: [NamedPerson] = []
    for person in try value.elements("people") {
      persons.append(
        NamedPerson(
          name: try person.string("name"), birthDate: try person.string("birth_date"),
          branchCode: try person.string("branch_code")))
    }
    namedPersons = persons
    let table = try value.member("county_education")
    educationCounty = try table.string("county")
    var cells: [EducationCell] = []
    for cell in try table.elements("cells") {
      cells.append(
        EducationCell(
          sex: try cell.string("sex"), eduCode: try cell.string("education"), count: try cell.number("count")))
    }
    educationTable = cells
    var nodes: [NodeCounts] = []
    for node in try value.elements("nodes") {
      let counts = try node.member("rows")
      var rows: [Int] = []
      for entity in WorkloadEntity.allCases { rows.append(try counts.number(entity.name)) }
      nodes.append(
        NodeCounts(node: try node.string("node"), orgCode: try node.string("org_code"), rows: rows))
    }
    self.nodes = nodes
  }
}
