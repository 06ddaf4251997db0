import AdminProtocol
import ArgumentParser
import Console
import Messages

struct StatusCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "status", abstract: phrase("节点概况。", "The node at a glance."),
      discussion: examples(["xylemctl status", "xylemctl status -o json | jq .backlog"]))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let status = try await session.client().status()
    let language = session.language
    var facts = Facts()
    facts.add(
      "node", session.text("节点", "Node"),
      .text(status.node, shown: "\(status.rootOrgCode) \(status.rootOrgName) (\(status.node))"))
    facts.add("network", session.text("网络", "Network"), .text(status.network))
    facts.add("code", session.text("组织代码", "Org code"), .text(status.rootOrgCode))
    facts.add("parent", session.text("上级", "Parent"), parent(status, session))
    if let state = status.parentState {
      facts.add("link_state", session.text("链路", "Link"), .text(state, shown: stateText(state, session)))
    }
    facts.add(
      "linked", session.text("已连上级", "Linked"),
      .flag(status.linkedToParent, shown: yesNo(status.linkedToParent, session)))
    facts.add("children", session.text("在线下级", "Children up"), .integer(status.children))
    if let standing = status.standing {
      facts.add("standing", session.text("写入状态", "Standing"), .text(standing, shown: self.standing(status, session)))
    }
    if let incarnation = status.incarnation {
      facts.add("incarnation", session.text("第几世", "Incarnation"), .integer(incarnation))
    }
    facts.add("sequence", session.text("提交序号", "Commits"), number(status.sequence))
    facts.add("durable", session.text("本地落盘至", "Durable here"), number(status.durableSequence))
    facts.add("at_parent", session.text("上级已有至", "At the parent"), number(status.parentSequence))
    facts.add("at_root", session.text("顶层已有至", "At the top"), number(status.rootSequence))
    facts.add("applied", session.text("已应用", "Applied"), number(status.applied))
    facts.add("backlog", session.text("待发", "Waiting to go up"), number(status.backlog))
    addHealth(status, session, to: &facts)
    for rows in status.rows {
      facts.add(
        "rows_\(rows.entity)", Phrase(rows.labelZH, rows.labelEN)[language],
        .integer(rows.rows, shown: Human.exact(rows.rows)))
    }
    facts.add(
      "days_since_proof", session.text("备份验证", "Backup proved"),
      status.daysSinceProof.map { .integer($0, shown: session.text("\($0) 天前", "\($0) days ago")) }
        ?? .text("", shown: session.text("从未", "never")))
    for incident in status.incidents ?? [] {
      facts.add(
        "incident", session.text("事件", "Incident"),
        .text(incident.detail, shown: "\(incident.reason) \(incident.log): \(incident.detail)"))
    }
    let up = Duration.seconds(status.secondsUp.isFinite ? min(max(0, status.secondsUp), 1e12) : 0)
    facts.add(
      "seconds_up", session.text("已运行", "Up"), .integer(Int(up.components.seconds), shown: Human.duration(up, language))
    )
    facts.add(
      "resident_bytes", session.text("常驻内存", "Memory"),
      .integer(status.residentBytes, shown: Human.bytes(status.residentBytes)))
    try session.show(facts, json: status)
    return .done
  }

  private func addHealth(_ status: StatusResponse, _ session: Session, to facts: inout Facts) {
    if let fresh = status.freshness, fresh.nodes > 1 {
      facts.add("freshness", session.text("下级数据", "Data below"), .text(freshnessText(fresh, session)))
    }
    if let open = status.quarantined {
      let above = status.quarantinedAbove ?? 0
      facts.add(
        "quarantined", session.text("隔离", "Set aside"),
        .integer(
          open,
          shown: session.text(
            "\(open) 条待处理，\(status.skipped ?? 0) 条搁置，上级 \(above) 条",
            "\(open) open, \(status.skipped ?? 0) skipped, \(above) above")))
    }
    if let unknown = status.unknownRows, unknown > 0 {
      facts.add("unknown_rows", session.text("新版实体的行", "Of a newer catalog"), .integer(unknown))
    }
    if let catching = status.catchingUp {
      let (waiting, frames) = (status.waitingToCatchUp ?? 0, status.waitingFrames ?? 0)
      facts.add(
        "catching_up", session.text("追赶中的下级", "Catching up"),
        .integer(
          catching,
          shown: session.text(
            "\(catching) 个，排队 \(waiting) 个，待用 \(frames) 帧",
            "\(catching) children, \(waiting) in line, \(frames) frames wait")))
    }
    for snapshot in status.snapshots ?? [] {
      facts.add(
        "snapshot", session.text("快照", "Snapshot"),
        .text(
          "\(snapshot.code) \(snapshot.stage) \(snapshot.done)/\(snapshot.chunks)", shown: shown(snapshot, session)))
    }
    if let bases = status.logsBeginAt, !bases.isEmpty {
      facts.add(
        "logs_begin_at", session.text("日志始于快照", "Logs begin at"), .text(bases.joined(separator: ", ")))
    }
    if let scrub = status.scrub {
      let done =
        scrub.passes == 0
        ? session.text("尚无", "no pass yet") : session.text("已读 \(scrub.passes) 遍", "\(scrub.passes) passes")
      facts.add(
        "scrub_damaged", session.text("通读", "Scrub"),
        .integer(
          scrub.damaged,
          shown: session.text(
            "\(done)，\(scrub.stage)，损坏 \(scrub.damaged) 处", "\(done), \(scrub.stage), \(scrub.damaged) damaged")))
    }
  }

  private func shown(_ snapshot: StatusResponse.Snapshot, _ session: Session) -> String {
    let stage =
      switch snapshot.stage {
      case "making": session.text("制作中", "being made")
      case "sending": session.text("发往上级", "going up")
      case "receiving": session.text("接收中", "coming in")
      case "taking": session.text("写入中", "being written")
      default: snapshot.stage
      }
    let done = session.text("第 \(snapshot.done)/\(snapshot.chunks) 块", "\(snapshot.done) of \(snapshot.chunks) chunks")
    let rows = session.text("\(snapshot.rows) 行", "\(snapshot.rows) rows")
    return "\(snapshot.code) \(stage), \(done), \(rows)"
  }

  private func standing(_ status: StatusResponse, _ session: Session) -> String {
    let isolated = status.isolated == true ? session.text("，未与上级核对", ", begun without the parent") : ""
    switch status.standing {
    case "writing": return session.text("正常", "writing") + isolated
    case "recovering": return session.text("只读：先从上级取回历史", "read-only: pulls its history back from the parent first")
    case "opening": return session.text("只读：新的一世即将开始", "read-only: a new incarnation begins")
    case "fenced": return session.text("已隔离：", "fenced: ") + (status.standingReason ?? "")
    default: return status.standing ?? ""
    }
  }

  private func parent(_ status: StatusResponse, _ session: Session) -> Cell {
    if status.parentOrgCode.isEmpty { return .text("", shown: session.text("无，本节点是顶层", "none, this is the top")) }
    let refusal = status.parentRefusal.map { " — " + $0 } ?? ""
    return .text(status.parentOrgCode, shown: status.parentOrgCode + refusal)
  }
}

struct TreeCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "tree", abstract: phrase("本节点与所有下级节点。", "This node and every node below."),
      discussion: examples(["xylemctl tree", "xylemctl tree --columns code,state,lag -o csv"]))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let tree = try await session.client().tree()
    let language = session.language
    var table = Table(
      [
        Column("state", title: session.text("状态", "STATE")), Column("code", title: session.text("代码", "CODE")),
        Column("name", title: session.text("名称", "NAME")), Column("rows", title: session.text("行数", "ROWS")),
        Column("rows_at_owner", title: session.text("本源行数", "AT OWNER")),
        Column("lag", title: session.text("落后", "LAG")),
        Column("age_milliseconds", title: session.text("最近消息", "LAST HEARD"), alignment: .right),
        Column("as_of_milliseconds", title: session.text("数据截至", "DATA AS OF"), alignment: .right),
        Column("node", title: session.text("节点", "NODE")),
      ], schema: "xylemctl/tree/v1")
    for (node, prefix) in zip(tree.nodes, treePrefixes(depths: tree.nodes.map(\.depth))) {
      table.append([
        .text(node.state, shown: stateText(node.state, session)), .text(node.code),
        .text(node.name, shown: prefix + node.name), .integer(node.rows, shown: Human.exact(node.rows)),
        number(node.rowsAtOwner), number(node.lag), age(node.age, language),
        age(node.depth == 0 ? nil : node.freshAge, language), .text(node.node),
      ])
    }
    try session.show(table)
    let broken = tree.nodes.count { ["broken", "stalled", "diverged"].contains($0.state) }
    if session.format == .table {
      session.output.say(
        session.text("\(tree.nodes.count) 个节点，\(broken) 个有问题", "\(tree.nodes.count) nodes, \(broken) with problems"))
    }
    return .done
  }

  private func age(_ milliseconds: UInt64?, _ language: Language) -> Cell {
    guard let milliseconds, let value = Int(exactly: milliseconds) else { return .null }
    return .integer(value, shown: Human.duration(.milliseconds(value), language))
  }

}

private func stateText(_ state: String, _ session: Session) -> String {
  guard session.language == .zh else { return state }
  return switch state {
  case "idle": "正常"
  case "ok": "同步中"
  case "slow": "迟缓"
  case "stalled": "无响应"
  case "broken": "已断开"
  case "diverged": "不一致"
  case "unknown": "未知"
  default: state
  }
}

/// How fresh an answer is, in one line: the oldest age, of how many nodes, and which are stale.
func freshnessText(_ fresh: FreshnessResponse, _ session: Session) -> String {
  let language = session.language
  let age = fresh.oldestAge.flatMap { Int(exactly: $0) }.map { Human.duration(.milliseconds($0), language) }
  let nodes = session.text("\(fresh.nodes) 个节点", "\(fresh.nodes) nodes")
  var text =
    age.map { session.text("\(nodes)，最旧 \($0) 前", "\(nodes), the oldest as of \($0) ago") }
    ?? session.text("\(nodes)，有的尚无消息", "\(nodes), some not heard of yet")
  if !fresh.stale.isEmpty {
    let some = fresh.stale.prefix(5).joined(separator: ", ") + (fresh.stale.count > 5 ? " …" : "")
    text += session.text("；\(fresh.stale.count) 个过期：\(some)", "; \(fresh.stale.count) stale: \(some)")
  }
  if fresh.quarantined > 0 {
    text += session.text("；\(fresh.quarantined) 条记录被隔离", "; \(fresh.quarantined) records quarantined")
  }
  return text
}

struct DoctorCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "doctor", abstract: phrase("检查节点，有问题时退出码为 2。", "Checks the node; exits with 2 on problems."),
      discussion: examples(["xylemctl doctor", "xylemctl doctor -o json"]))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let doctor = try await session.client().doctor()
    var table = Table(
      [
        Column("result", title: session.text("结果", "RESULT")), Column("name", title: session.text("检查", "CHECK")),
        Column("detail", title: session.text("情况", "FOUND")), Column("try", title: session.text("处理", "TRY")),
      ], schema: "xylemctl/doctor/v1")
    for check in doctor.checks {
      let remedy = session.language == .zh ? check.tryZH : check.tryEN
      table.append([
        .text(check.result, shown: check.result.uppercased()), .text(check.name),
        .text(session.text(check.detailZH, check.detailEN)), remedy.map { .text($0) } ?? .null,
      ])
    }
    try session.show(table)
    let warnings = doctor.checks.count { $0.result == "warn" }
    let failures = doctor.checks.count { $0.result == "fail" }
    session.output.say(
      session.text(
        "\(doctor.checks.count - warnings - failures) 项正常，\(warnings) 项警告，\(failures) 项失败",
        "\(doctor.checks.count - warnings - failures) ok, \(warnings) warnings, \(failures) failures"))
    return failures > 0 ? .problemsFound : .done
  }
}

/// An unsigned figure of the daemon, grouped for people.
func number(_ value: UInt64) -> Cell {
  guard let value = Int(exactly: value) else { return .decimal("\(value)") }
  return .integer(value, shown: Human.exact(value))
}

private func yesNo(_ value: Bool, _ session: Session) -> String {
  value ? session.text("是", "yes") : session.text("否", "no")
}
