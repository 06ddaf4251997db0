import Primitives

extension CityPlan {
  func visitActivities(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for index in organisationsOfNode[node] where activityCounts[index] > 0 {
      let organisation = organisations[index]
      var random = root.stream("activity/" + organisation.code)
      let writer = ActivityWriter(self, organisation)
      for number in 1...activityCounts[index] {
        try file.emit(visit) { row in
          writer.write(number: number, isPlain: false, &row, &random)
        } writeBad: { row, _, planter in
          // On one line and without quotes, so that what is planted is the row's only peculiarity.
          writer.write(number: 1000 + number, isPlain: true, &row, &planter.random)
        }
      }
    }
  }
}

/// Draws the record of one meeting, lesson or other activity.
private struct ActivityWriter {
  private let plan: CityPlan
  private let organisation: Organisation
  private let place: String

  init(_ plan: CityPlan, _ organisation: Organisation) {
    self.plan = plan
    self.organisation = organisation
    let territory = plan.territories[organisation.territory]
    place = organisation.workUnits.first.map { plan.units[$0].stem } ?? territory.localPlace
  }

  private static let branchTypes = Weighted<String>([
    ("01", 30), ("02", 15), ("03", 15), ("04", 18), ("06", 3), ("07", 2), ("09", 7), ("10", 6), ("19", 4),
  ])
  private static let committeeTypes = Weighted<String>([("08", 20), ("09", 30), ("04", 30), ("10", 8), ("19", 12)])

  func write(number: Int, isPlain: Bool, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let type = (organisation.isBranch ? ActivityWriter.branchTypes : ActivityWriter.committeeTypes).draw(&random)
    row.plain(organisation.code)
    row.number(number)
    row.plain(type)
    row.text(theme(type, isPlain: isPlain, &random))
    let date = day(2005, 1, 4).adding(days: random.below(269))
    row.minute(CivilMinute(date, minute: (8 + random.below(12)) * 60 + random.below(4) * 15))
    row.plain(place + random.pick(["会议室", "党员活动室", "大礼堂", "远程教育站点", "多功能厅", "老年活动中心", "三楼会议室"]))
    row.plain(PersonNames.composeAny(&random))
    row.plain(PersonNames.composeAny(&random))
    row.plain(type == "04" ? PersonNames.composeAny(&random) : nil)
    writeAttendance(type, &row, &random)
    row.text(content(isPlain: isPlain, &random))
    row.text(random.chance(permille: 300) ? resolution(isPlain: isPlain, &random) : "")
  }

  private func writeAttendance(_ type: String, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    guard organisation.isBranch else {
      let count = 5 + random.below(60)
      row.number(count)
      row.number(count)
      row.empty()
      return
    }
    let groups = plan.partyGroups(organisation)
    let expected =
      switch type {
      case "02": min(organisation.size, 3 + random.below(3))
      case "03" where groups > 0: organisation.size / groups
      default: organisation.size
      }
    // Types 01 and 02 need more than half; a third absent keeps that for every size from three up.
    let absent = min(random.below(5), expected / 3, (expected - 1) / 2)
    row.number(expected)
    row.number(expected - absent)
    let first = random.below(organisation.size)
    let absentees = (0..<absent).map { step in
      let member = organisation.firstMember + (first + step) % organisation.size
      return plan.memberNumber(member) + ":" + random.pick(["2", "2", "3", "3", "4", "4", "4", "5", "6"])
    }
    row.plain(absentees.isEmpty ? nil : absentees.joined(separator: ";"))
  }

  private func theme(_ type: String, isPlain: Bool, _ random: inout SeededRandom) -> String {
    let subject = random.pick(ActivityWriter.subjects)
    if !isPlain, random.chance(permille: 150) { return random.pick(ActivityWriter.verbs) + "\"" + subject + "\"" }
    return random.pick(ActivityWriter.verbs) + subject
  }

  private func content(isPlain: Bool, _ random: inout SeededRandom) -> String {
    var text = ""
    for number in 1...(1 + random.below(4)) {
      if number > 1 {
        text += isPlain ? "。" : random.pick(["。", "。", ";", ", ", "\n", "\n"])
      }
      if !isPlain, random.chance(permille: 120) { text += "\(number), " }
      text += random.pick(ActivityWriter.verbs) + random.pick(ActivityWriter.subjects)
      text += random.pick([
        "", "，结合实际谈体会", "，与会党员逐一发言", "，明确下一步工作", "，提出意见\(2 + random.below(9))条", "，参加\(3 + random.below(40))人",
      ])
    }
    return text
  }

  private func resolution(isPlain: Bool, _ random: inout SeededRandom) -> String {
    let matter = random.pick(["同意", "通过", "决定"]) + random.pick(ActivityWriter.matters)
    return isPlain || random.chance(permille: 700) ? matter : matter + ",\"一致通过\""
  }

  private static let verbs = ["学习", "传达", "讨论", "部署", "总结", "交流", "贯彻", "研究", "听取", "宣讲"]
  private static let subjects = [
    "保持共产党员先进性教育活动", "“三个代表”重要思想", "党章", "十六届四中全会精神", "市委十届五次全会精神", "年度工作计划", "半年工作", "党费收缴情况", "发展党员工作",
    "换届选举工作", "困难党员帮扶工作", "整改方案", "防台抗台工作", "新农村建设规划", "企业改制后党建工作", "安全生产工作", "廉政建设规定", "流动党员管理办法", "远程教育工作",
    "党内信息管理系统使用要求", "民主评议党员工作", "社区共建方案", "慈善一日捐活动", "信访工作", "先进事迹报告",
  ]
  private static let matters = [
    "年度工作计划", "接收预备党员的意见", "预备党员按期转正", "支部委员分工", "慰问困难党员名单", "整改措施", "活动经费使用方案", "推荐先进名单", "党小组调整方案",
  ]
}
