import Primitives

/// What is wrong with a planted row.
public enum PlantedKind: String, Hashable, Sendable, CaseIterable {
  /// Too few or too many cells.
  case ragged
  /// A quote that nothing closes.
  case unterminatedQuote = "unterminated_quote"
  case wrongCode = "wrong_code"
  /// The citizen id's last character.
  case checkDigit = "check_digit"
  /// The citizen id of an earlier good row of the same file, with another name.
  case duplicateKey = "duplicate_key"
  case unknownOrganisation = "unknown_org"
  /// 30 February 2005.
  case impossibleDate = "impossible_date"
  /// A field of 10 MiB; one in a data set.
  case hugeField = "huge_field"
  /// A whole file that is refused for its first line; one in a data set.
  case wrongHeader = "wrong_header"
}

/// An error that was put into a row on purpose.
public struct Planted: Hashable, Sendable {
  public let kind: PlantedKind
  /// Position of the column at fault; nil where the row as a whole is.
  public let column: Int?
}

/// Decides where a file's bad rows stand and spoils them.
struct Planter {
  private let entity: WorkloadEntity
  private let dateStyle: DateStyle
  /// Numbers of the good rows that a bad row follows, ascending, repeats allowed.
  private var positions: [Int]
  private var next = 0
  private var wantsHugeField: Bool
  private var turn: Int
  /// Bad organisations so far: each gets a code of its own.
  private(set) var organisationCount = 0
  var random: SeededRandom

  /// - Parameters:
  ///   - rows: how many good rows the file has.
  ///   - count: how many bad ones it gets.
  init(
    entity: WorkloadEntity, rows: Int, count: Int, hasHugeField: Bool, dateStyle: DateStyle, random: SeededRandom
  ) {
    self.entity = entity
    self.dateStyle = dateStyle
    var random = random
    positions = rows == 0 ? [] : (0..<count).map { _ in random.below(rows) }.sorted()
    wantsHugeField = hasHugeField
    turn = random.below(64)
    self.random = random
  }

  /// Whether another bad row follows good row `row`.
  mutating func isDue(after row: Int) -> Bool {
    guard next < positions.count, positions[next] == row else { return false }
    next += 1
    return true
  }

  /// The kind of the next bad row: the entity's kinds in turn, so that even small data sets hold each.
  mutating func nextKind() -> PlantedKind {
    if wantsHugeField {
      wantsHugeField = false
      return .hugeField
    }
    let kinds = Planter.kinds(entity)
    turn += 1
    if entity == .org { organisationCount += 1 }
    return kinds[turn % kinds.count]
  }

  private static func kinds(_ entity: WorkloadEntity) -> [PlantedKind] {
    switch entity {
    case .unit: [.ragged, .unterminatedQuote, .wrongCode]
    case .org: [.ragged, .unterminatedQuote, .wrongCode, .impossibleDate, .unknownOrganisation]
    case .member, .applicant:
      [.ragged, .unterminatedQuote, .wrongCode, .checkDigit, .duplicateKey, .unknownOrganisation, .impossibleDate]
    case .activity: [.ragged, .unterminatedQuote, .wrongCode, .unknownOrganisation, .impossibleDate]
    case .memberEdu, .hardship, .floating: [.ragged, .unterminatedQuote, .wrongCode, .impossibleDate]
    }
  }

  /// Spoils an otherwise good row of somebody or something that no other row is about.
  mutating func spoil(_ row: inout RowBuilder, _ kind: PlantedKind) -> Planted {
    switch kind {
    case .ragged:
      if random.chance(permille: 500) { row.dropLast(1 + random.below(3)) } else { row.plain("备注") }
      return Planted(kind: kind, column: nil)
    case .unterminatedQuote:
      row.openQuote(entity.column(Planter.quotedItem(entity)))
      return Planted(kind: kind, column: nil)
    case .wrongCode:
      let (item, code) = Planter.wrongCode(entity)
      return replaced(&row, kind, item, with: code)
    case .checkDigit:
      let column = entity.column("id_card")
      let good = row.cell(column)
      let wrong: UInt8 = good.last == UInt8(ascii: "7") ? UInt8(ascii: "4") : UInt8(ascii: "7")
      row.replace(column, with: String(decoding: good.dropLast() + [wrong], as: UTF8.self))
      return Planted(kind: kind, column: column)
    case .duplicateKey:
      return Planted(kind: kind, column: entity.column("id_card"))
    case .unknownOrganisation:
      return spoilOrganisation(&row)
    case .impossibleDate:
      let text =
        switch dateStyle {
        case _ where entity == .activity: "2005-02-30 14:30"
        case .dashes: "2005-02-30"
        case .dots: "2005.2.30"
        case .slashes: "2005/02/30"
        }
      return replaced(&row, kind, Planter.dateItem(entity), with: text)
    case .hugeField:
      return replaced(&row, kind, "content", with: String(repeating: "0123456789abcdef", count: 10 << 16))
    case .wrongHeader:
      requirementFailed("a wrong header is a file's, not a row's")
    }
  }

  private func replaced(_ row: inout RowBuilder, _ kind: PlantedKind, _ item: String, with text: String) -> Planted {
    let column = entity.column(item)
    row.replace(column, with: text)
    return Planted(kind: kind, column: column)
  }

  /// Ordinal 999 is never given to an organisation.
  private func spoilOrganisation(_ row: inout RowBuilder) -> Planted {
    switch entity {
    case .org:
      let column = entity.column("parent_org_code")
      let unknown = String(decoding: row.cell(column), as: UTF8.self) + "999"
      row.replace(column, with: unknown)
      row.replace(entity.column("org_code"), with: unknown + ordinal(organisationCount))
      return Planted(kind: .unknownOrganisation, column: column)
    default:
      let item = entity == .member ? "branch_code" : entity == .applicant ? "org_code" : "parent"
      let column = entity.column(item)
      let code = String(decoding: row.cell(column).dropLast(3), as: UTF8.self) + "999"
      row.replace(column, with: code)
      return Planted(kind: .unknownOrganisation, column: column)
    }
  }

  private static func quotedItem(_ entity: WorkloadEntity) -> String {
    switch entity {
    case .unit: "unit_name"
    case .org: "org_name"
    case .member: "name"
    case .memberEdu: "edu_code"
    case .applicant: "applicant_name"
    case .activity: "theme"
    case .hardship: "hardship_kind"
    case .floating: "float_reason"
    }
  }

  /// A required code column and a code that its table lacks.
  private static func wrongCode(_ entity: WorkloadEntity) -> (item: String, code: String) {
    switch entity {
    case .unit: ("unit_category", "99")
    case .org: ("org_category", "650")
    case .member: ("nation", "99")
    case .memberEdu: ("edu_code", "95")
    case .applicant: ("stage", "15")
    case .activity: ("activity_type", "20")
    case .hardship: ("hardship_kind", "8")
    case .floating: ("float_target", "99")
    }
  }

  private static func dateItem(_ entity: WorkloadEntity) -> String {
    switch entity {
    case .unit, .org: "founded_date"
    case .member: "join_date"
    case .memberEdu: "grad_date"
    case .applicant: "apply_date"
    case .activity: "held_at"
    case .hardship: "identified_date"
    case .floating: "out_date"
    }
  }
}
