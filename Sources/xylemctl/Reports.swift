import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "The node: rows, positions, links.",
    discussion: "xylemctl --socket town.sock status")
  @OptionGroup var common: Common

  func run() async throws {
    try await common.run { out, client in
      let status = try await client.status()
      let zh = out.language == .zh
      var table = Table(
        [Column("item", title: zh ? "项目" : "Item"), Column("value", title: zh ? "值" : "Value", alignment: .right)],
        schema: status.schema)
      func add(_ key: String, _ cell: Cell) { table.append([.text(key), cell]) }
      add("org", .text("\(status.rootOrgCode) \(status.rootOrgName)"))
      add("node", .text(status.node))
      for rows in status.rows {
        add(zh ? rows.labelZH : rows.entity, .integer(rows.rows, shown: Human.exact(rows.rows)))
      }
      add("sequence", .integer(Int(status.sequence)))
      add("durable", .integer(Int(status.durableSequence)))
      add("at parent", .integer(Int(status.parentSequence)))
      add("at root", .integer(Int(status.rootSequence)))
      add("backlog", .integer(Int(status.backlog)))
      add("linked", .flag(status.linkedToParent))
      if let refusal = status.parentRefusal { add("refused", .text(refusal)) }
      add("children", .integer(status.children))
      add("resident", .integer(status.residentBytes, shown: Human.bytes(status.residentBytes)))
      add("up", .integer(Int(status.secondsUp), shown: Human.duration(.seconds(status.secondsUp), out.language)))
      try common.show(table, out)
      return 0
    }
  }
}

struct Tree: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree", abstract: "This node and every node below: records, bytes sent, lag, state.",
    discussion: "xylemctl --socket city.sock tree")
  @OptionGroup var common: Common

  func run() async throws {
    try await common.run { out, client in
      let tree = try await client.tree()
      try common.show(treeTable(tree, out.language, drawn: (common.output ?? .table) == .table), out)
      return 0
    }
  }
}

/// The node tree as a table; `drawn` puts branches before the names.
func treeTable(_ tree: TreeResponse, _ language: Language, drawn: Bool) -> Table {
  let zh = language == .zh
  var table = Table(
    [
      Column("name", title: zh ? "节点" : "Node"), Column("code", title: zh ? "代码" : "Code"),
      Column("rows", title: zh ? "记录" : "Records", alignment: .right),
      Column("bytes_sent", title: zh ? "已发" : "Sent", alignment: .right),
      Column("lag", title: zh ? "滞后" : "Lag", alignment: .right),
      Column("age_ms", title: zh ? "心跳" : "Heard", alignment: .right), Column("state", title: zh ? "状态" : "State"),
    ], schema: tree.schema)
  let prefixes = treePrefixes(depths: tree.nodes.map(\.depth))
  for (node, prefix) in zip(tree.nodes, prefixes) {
    table.append([
      .text(drawn ? prefix + node.name : node.name), .text(node.code),
      .integer(node.rows, shown: Human.exact(node.rows)),
      .integer(Int(clamping: node.bytesSent), shown: Human.bytes(Int(clamping: node.bytesSent))),
      .integer(Int(clamping: node.lag)), node.age.map { .integer(Int(clamping: $0), shown: "\($0 / 1000) s") } ?? .null,
      .text(node.state),
    ])
  }
  return table
}

struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Hashes stored rows; with --against compares two nodes.",
    discussion: "xylemctl --socket city.sock verify --against town.sock")
  @OptionGroup var common: Common
  @Option(help: "Socket of another node; partitions that both hold are compared.") var against: String?

  func run() async throws {
    try await common.run { out, client in
      let mine = try await client.verify()
      guard let against else {
        var table = Table(
          [
            Column("partition", title: "Partition"), Column("entity", title: "Entity"),
            Column("rows", title: "Rows", alignment: .right), Column("digest", title: "Digest"),
          ], schema: mine.schema)
        for digest in mine.digests {
          table.append([
            .text(digest.partition), .text(digest.entity), .integer(Int(digest.rows)), .text(digest.digest),
          ])
        }
        try common.show(table, out)
        return 0
      }
      let other = AdminClient(socketPath: against, seconds: common.timeout)
      let theirs = try await other.verify()
      let shared = Set(mine.digests.map(\.partition)).intersection(theirs.digests.map(\.partition))
      var table = Table(
        [
          Column("partition", title: "Partition"), Column("entity", title: "Entity"),
          Column("here", title: "Here", alignment: .right), Column("there", title: "There", alignment: .right),
          Column("equal", title: "Equal"),
        ], schema: "xylem/compare/v1")
      var different = 0
      let keys = Set(
        (mine.digests + theirs.digests).filter { shared.contains($0.partition) }.map { [$0.partition, $0.entity] })
      for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        let left = mine.digests.first { [$0.partition, $0.entity] == key }
        let right = theirs.digests.first { [$0.partition, $0.entity] == key }
        let equal = left?.digest == right?.digest && left?.rows == right?.rows
        if !equal { different += 1 }
        table.append([
          .text(key[0]), .text(key[1]), .integer(Int(left?.rows ?? 0)), .integer(Int(right?.rows ?? 0)), .flag(equal),
        ])
      }
      try common.show(table, out)
      if shared.isEmpty {
        throw Failure(.verifyIncomparable, ["peer": against, "reason": "no partition in common", "scope": "-"])
      }
      out.say(
        out.language == .zh ? "\(keys.count) 项比对，\(different) 项不同" : "\(keys.count) compared, \(different) different")
      return different == 0 ? 0 : 2
    }
  }
}

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Checks with their remedies; exit 2 when one is not ok.",
    discussion: "xylemctl --socket town.sock doctor")
  @OptionGroup var common: Common

  func run() async throws {
    try await common.run { out, client in
      let doctor = try await client.doctor()
      let zh = out.language == .zh
      var table = Table(
        [
          Column("result", title: zh ? "结果" : "Result"), Column("check", title: zh ? "检查" : "Check"),
          Column("detail", title: zh ? "说明" : "Detail"), Column("try", title: zh ? "处理" : "Try"),
        ], schema: doctor.schema)
      for check in doctor.checks {
        let remedy = zh ? check.tryZH : check.tryEN
        table.append([
          .text(check.result.uppercased()), .text(check.name), .text(zh ? check.detailZH : check.detailEN),
          remedy.map { .text($0) } ?? .null,
        ])
      }
      try common.show(table, out)
      return doctor.checks.allSatisfy { $0.result == "ok" } ? 0 : 2
    }
  }
}

struct Version: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Versions of client and node.")
  @OptionGroup var common: Common

  func run() async throws {
    try await common.run { out, client in
      let version = try await client.version()
      var table = Table([Column("part", title: "Part"), Column("version", title: "Version")], schema: version.schema)
      for (part, text) in [
        ("xylemctl", "0.1.0"), ("xylemd", version.version), ("link protocol", "\(version.protocolVersion)"),
        ("frame", "\(version.frameVersion)"), ("row", "\(version.rowVersion)"), ("catalog", version.catalog),
      ] { table.append([.text(part), .text(text)]) }
      try common.show(table, out)
      return 0
    }
  }
}

struct Initialise: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Creates a node's store (runs xylemd init).",
    discussion: "xylemctl init --directory data --network ningbo --code 033 --name 中共宁波市委员会")
  @Argument(parsing: .allUnrecognized, help: "Passed to xylemd init.") var arguments: [String] = []

  func run() throws {
    let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let daemon = beside.appendingPathComponent("xylemd").path
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: FileManager.default.isExecutableFile(atPath: daemon) ? daemon : "/usr/bin/xylemd")
    process.arguments = ["init"] + arguments
    do { try process.run() } catch {
      Console.Output.standard().report(
        Failure(.clientDamagedInstallation, ["file": "xylemd", "reason": "not found beside xylemctl"]))
      throw ExitCode(1)
    }
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw ExitCode(process.terminationStatus) }
  }
}
