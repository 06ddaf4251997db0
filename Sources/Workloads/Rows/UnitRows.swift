import Catalog
import Primitives

extension CityPlan {
  func visitUnits(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for index in unitsOfNode[node] {
      var random = root.stream("unit/\(index)")
      try file.emit(visit) { row in
        writeUnit(index, key: units[index].key, &row, &random)
      } writeBad: { row, _, planter in
        // Good units have codes of digits only.
        let body = "X" + String(10_000_000 + planter.random.below(10_000_000)).dropFirst()
        let key = body + "-" + String(OrganisationCode.checkDigit(of: body) ?? "?")
        writeUnit(index, key: key, &row, &planter.random)
      }
    }
  }

  private func writeUnit(_ index: Int, key: String, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let unit = units[index]
    let territory = territories[unit.territory]
    let isEnterprise = unit.category.hasPrefix("2")
    let isNonPublic = unit.category.hasPrefix("23")
    row.plain(unit.name)
    row.plain(key)
    row.plain(unit.category)
    row.flag(true)
    row.plain(subordination(unit, territory, &random))
    row.plain(territory.region)
    row.plain(random.chance(permille: 850) ? industry(unit, &random) : nil)
    row.plain(isEnterprise ? economicType(unit) : nil)
    let staff = drawStaff(unit, &random)
    row.plain(isEnterprise ? (staff > 2000 ? "1" : staff > 300 ? "2" : staff > 20 ? "3" : "4") : nil)
    let isAddressed = random.chance(permille: 800)
    row.plain(isAddressed ? territory.place + PlaceNames.road(&random) + "\(1 + random.below(400))号" : nil)
    row.plain(PersonNames.composeAny(&random))
    let isMember: Bool? = isNonPublic ? random.chance(permille: 350) : random.chance(permille: 500) ? true : nil
    row.flag(isMember)
    row.flag(isMember == true ? random.chance(permille: 300) : nil)
    row.number(staff)
    row.number(random.chance(permille: 700) ? staff * (20 + random.below(50)) / 100 : nil)
    row.number(random.chance(permille: 600) ? staff * random.below(60) / 100 : nil)
    row.number(random.chance(permille: 600) ? staff * random.below(40) / 100 : nil)
    let members = min(staff, unit.members + random.below(4))
    row.number(members)
    row.number(random.chance(permille: 300) ? random.below(min(members, 5) + 1) : nil)
    writeUnitOrganisation(unit, isNonPublic: isNonPublic, &row, &random)
    row.hundredths(unit.category == "16" ? random.below(500_000_000) / (1 + random.below(20)) : nil)
    row.plain(random.chance(permille: 985) ? "1" : random.pick(["2", "3"]))
  }

  private func writeUnitOrganisation(
    _ unit: Unit, isNonPublic: Bool, _ row: inout RowBuilder, _ random: inout SeededRandom
  ) {
    row.plain(unit.organisationState)
    let hasInstructor: Bool? =
      isNonPublic && unit.organisationState >= "50" ? random.chance(permille: 550) : nil
    row.flag(hasInstructor)
    row.plain(hasInstructor == true ? PersonNames.composeAny(&random) : nil)
    row.flag(random.chance(permille: 600) ? random.chance(permille: 700) : nil)
    row.flag(random.chance(permille: 600) ? random.chance(permille: 500) : nil)
  }

  private func drawStaff(_ unit: Unit, _ random: inout SeededRandom) -> Int {
    let least = unit.members + 4
    switch unit.unitClass {
    case .enterprise50: return min(99, max(least, 50 + random.below(50)))
    case .enterprise100: return max(least, 100 + random.below(200) * (1 + random.below(6)))
    case .village: return max(least, 200 + random.below(1500))
    case .university: return least + 300 + random.below(1500)
    default: return least + random.below(20) * (1 + random.below(12))
    }
  }

  private func subordination(_ unit: Unit, _ territory: Territory, _ random: inout SeededRandom) -> String {
    switch unit.unitClass {
    case .village: return "72"
    case .community: return "71"
    case .enterprise50, .enterprise100, .privateNonEnterprise: return random.chance(permille: 700) ? "90" : "60"
    default: break
    }
    switch territory.kind {
    case .city, .working: return random.pick(["40", "40", "40", "20", "10"])
    case .county, .department: return "50"
    case .township:
      return random.pick([territory.level == "51" ? "61" : territory.level == "52" ? "63" : "62", "60", "50"])
    }
  }

  private func economicType(_ unit: Unit) -> String {
    switch unit.category {
    case "231": "3"
    case "232": "4"
    case "233": "5"
    case let category: category.hasPrefix("21") ? "1" : "2"
    }
  }

  private func industry(_ unit: Unit, _ random: inout SeededRandom) -> String {
    switch unit.unitClass {
    case .organ, .community: "S"
    case .village: random.pick(["A", "A", "S"])
    case .university: "P"
    case .institution:
      switch unit.category {
      case "304", "305", "306": "P"
      case "307": "Q"
      case "308", "309", "310": "R"
      case "301": "A"
      default: random.pick(["M", "N", "Q"])
      }
    case .publicEnterprise: random.pick(["C", "D", "E", "F", "G", "J", "K", "F", "C"])
    case .privateNonEnterprise: random.pick(["P", "Q", "O"])
    case .enterprise50, .enterprise100: random.pick(["C", "C", "C", "C", "C", "F", "E", "H", "I", "L"])
    }
  }
}
