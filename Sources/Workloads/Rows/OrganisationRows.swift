import Primitives

extension CityPlan {
  func visitOrganisations(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    let rootCode = nodes[node].orgCode
    for index in organisationsOfNode[node] {
      let organisation = organisations[index]
      var random = root.stream("org/" + organisation.code)
      let parent = organisation.parent.map { organisations[$0].code }
      try file.emit(visit) { row in
        let names = OrganisationNames(code: organisation.code, name: organisation.name, parent: parent)
        writeOrganisation(index, names, &row, &random)
      } writeBad: { row, _, planter in
        // Ordinals from 900 up are never given to an organisation, so nothing hangs below a bad row.
        let number = planter.organisationCount
        let names = OrganisationNames(
          code: rootCode + ordinal(900 + number % 99), name: organisation.name + "筹备组\(number)", parent: rootCode)
        writeOrganisation(index, names, &row, &planter.random)
      }
    }
  }

  private struct OrganisationNames {
    let code: String
    let name: String
    let parent: String?
  }

  private func writeOrganisation(
    _ index: Int, _ names: OrganisationNames, _ row: inout RowBuilder, _ random: inout SeededRandom
  ) {
    let organisation = organisations[index]
    let category = organisation.category
    let territory = territories[organisation.territory]
    let hosts = organisation.hosts
    row.plain(names.code)
    row.plain(names.name)
    row.plain(random.chance(permille: 400) ? String(names.name.dropFirst(2).prefix(38)) : nil)
    row.plain(category)
    row.plain(names.parent)
    row.plain(organisation.code == territory.orgCode ? territory.level : level(territory))
    row.date(founded(organisation, &random))
    row.plain(random.chance(permille: 350) ? documentNumber(&random) : nil)
    row.plain(random.chance(permille: 500) ? approver(of: index) : nil)
    row.plain(category == "632" ? "3" : hosts.isEmpty ? "1" : "2")
    row.plain(hosts.isEmpty ? nil : hosts.map { units[$0].key }.joined(separator: "|"))
    row.plain(territory.region)
    let isAddressed = random.chance(permille: 600)
    row.plain(isAddressed ? territory.place + PlaceNames.road(&random) + "\(1 + random.below(300))号" : nil)
    row.plain(PersonNames.composeAny(&random))
    row.plain(PhoneNumbers.landline(&random))
    row.empty()
    writeOrganisationFlags(organisation, &row, &random)
    row.hundredths(random.chance(permille: 300) ? 1500 + random.below(60_000) : nil)
    row.plain(PersonNames.composeAny(&random))
    row.plain("1")
    row.empty()
  }

  private func writeOrganisationFlags(
    _ organisation: Organisation, _ row: inout RowBuilder, _ random: inout SeededRandom
  ) {
    let isBranch = organisation.isBranch
    row.flag(isBranch ? fullMembers(of: organisation).prefix(7).count == 7 : true)
    row.flag(organisation.category == "611" ? random.chance(permille: 450) : nil)
    row.number(isBranch ? partyGroups(organisation) : nil)
    row.flag(!isBranch && organisation.category < "620")
    row.flag(false)
    row.flag(organisation.isFloating ? true : random.chance(permille: 300) ? false : nil)
    row.flag(organisation.isRetiree ? true : random.chance(permille: 500) ? false : nil)
    row.plain(
      isBranch && random.chance(permille: 15) ? random.pick(["01", "02", "03", "04", "07", "08", "09", "10"]) : nil)
  }

  /// ORG_CLASSIFY below a territory's own organisation.
  private func level(_ territory: Territory) -> String {
    switch territory.kind {
    case .city, .working: "3"
    case .county, .department: "4"
    case .township: "9"
    }
  }

  private func founded(_ organisation: Organisation, _ random: inout SeededRandom) -> CivilDate {
    let first = organisation.isBranch ? day(1956, 1, 1) : day(1949, 6, 1)
    return first.adding(days: random.below(Int(day(2004, 12, 31).days - first.days)))
  }

  private func documentNumber(_ random: inout SeededRandom) -> String {
    random.pick(["甬组", "甬党", "组发", "党发"]) + "〔\(1985 + random.below(20))〕\(1 + random.below(180))号"
  }

  /// The nearest superior that may approve, when it is listed in the same node.
  private func approver(of index: Int) -> String? {
    var position = organisations[index].parent
    while let found = position {
      guard organisations[found].node == organisations[index].node else { return nil }
      if organisations[found].category < "620" { return organisations[found].code }
      position = organisations[found].parent
    }
    return nil
  }

  /// Positions of the branch's full members.
  func fullMembers(of organisation: Organisation) -> [Int] {
    organisation.members.filter { !members[$0].isProbationary }
  }

  /// Party groups of a branch: none below 12 members, then one for six.
  func partyGroups(_ organisation: Organisation) -> Int { organisation.size < 12 ? 0 : organisation.size / 6 }
}

/// Phone numbers as Ningbo had them in 2005.
enum PhoneNumbers {
  static func landline(_ random: inout SeededRandom) -> String {
    "0574-" + String(86_000_000 + random.below(3_900_000))
  }

  static func mobile(_ random: inout SeededRandom) -> String {
    "13"
      + String(random.pick([0, 3, 5, 6, 7, 7, 8, 8, 9, 9]) * 100_000_000 + 1_000_000_000 + random.below(100_000_000))
      .dropFirst()
  }
}
