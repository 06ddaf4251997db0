import Primitives

extension CityPlan {
  func visitHardship(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for index in organisationsOfNode[node] where organisations[index].isBranch {
      for position in organisations[index].members where members[position].isHardship {
        var random = root.stream("hardship/\(position)")
        try file.emit(visit) { row in
          writeHardship(members[position], &row, &random)
        } writeBad: { row, _, planter in
          writeHardship(members[position], &row, &planter.random)
        }
      }
    }
  }

  private func writeHardship(_ member: Member, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let isVeteran = member.join < day(1949, 10, 1)
    row.plain(member.person.idCard)
    row.plain(isVeteran ? "5" : random.pick(["1", "2", "2", "2", "3", "4", "4", "6"]))
    row.plain(isVeteran ? "3" : random.pick(["1", "1", "1", "2", "3", "3", "4", "5", "6", "7", "9"]))
    row.hundredths(random.chance(permille: 800) ? 5_000 + random.below(30_000) : nil)
    let isHelped = random.chance(permille: 850)
    row.plain(isHelped ? random.pick(["1", "1", "1", "2", "3", "4", "5", "9"]) : nil)
    row.hundredths(isHelped && random.chance(permille: 800) ? (2 + random.below(20)) * 10_000 : nil)
    let first = max(member.join, day(2000, 1, 1))
    let identified = first.adding(days: random.below(Int(CityPlan.today.days - first.days) + 1))
    row.date(identified)
    let relieved = identified.adding(days: 100 + random.below(900))
    row.date(relieved <= CityPlan.today && random.chance(permille: 250) ? relieved : nil)
  }

  func visitFloating(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for index in organisationsOfNode[node] where organisations[index].isBranch {
      for position in organisations[index].members where members[position].isFloating {
        var random = root.stream("floating/\(position)")
        try file.emit(visit) { row in
          writeFloating(members[position], certificate: position, &row, &random)
        } writeBad: { row, _, planter in
          writeFloating(members[position], certificate: 5_000_000 + position, &row, &planter.random)
        }
      }
    }
  }

  private func writeFloating(
    _ member: Member, certificate: Int, _ row: inout RowBuilder, _ random: inout SeededRandom
  ) {
    let scope = random.pick(["1", "1", "1", "2", "2", "3", "3", "4"])
    let first = max(member.join, day(1999, 1, 1))
    let last = CityPlan.today.adding(days: -15)
    let out = first >= last ? first : first.adding(days: random.below(Int(last.days - first.days)))
    row.plain(member.person.idCard)
    row.plain(random.chance(permille: 940) ? "1" : "2")
    row.plain(scope)
    row.date(out)
    row.plain(random.pick(["1", "1", "1", "1", "2", "2", "3", "4", "5", "6", "9"]))
    row.plain(random.pick(["22", "22", "22", "31", "31", "23", "24", "41", "42", "43", "12", "21", "91", "92"]))
    let region =
      switch scope {
      case "1": random.pick(["310000", "310000", "320000", "440000", "110000", "350000", "340000", "370000", "500000"])
      case "2": "330000"
      default: random.pick(County.all).code
      }
    row.plain(random.chance(permille: 850) ? region : nil)
    row.plain(random.chance(permille: 700) ? "甬流" + String(10_000_000 + certificate) : nil)
    let job =
      switch member.occupation {
      case .farmer: "3"
      case .worker: "2"
      case .professional: random.pick(["1", "1", "52", "51"])
      case .student: "4"
      default: random.pick(["9", "5", "2"])
      }
    row.plain(job)
    row.plain(random.chance(permille: 350) ? "中共" + PlaceNames.brand(&random) + "流动党员支部委员会" : nil)
    row.date(max(out, CityPlan.today.adding(days: -random.below(175))))
    row.empty()
  }
}
