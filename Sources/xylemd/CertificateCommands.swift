import ArgumentParser
import Certificates
import Console
import Foundation
import Messages
import Primitives
import Xylem

/// The small authority of a network: files and a key, no daemon.
struct CertificateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cert", abstract: "The network's own authority: issues, renews and revokes certificates of nodes.",
    discussion: """
      xylemctl cert init-ca --ca ca --network ningbo --name "Ningbo root"
      xylemctl cert request --directory data --out tls
      xylemctl cert issue --ca ca --request tls/node.csr --out tls
      xylemctl cert list --ca ca
      """,
    subcommands: [
      InitialiseAuthority.self, RequestCertificate.self, IssueCertificate.self, RenewCertificate.self,
      RevokeCertificate.self, ListCertificates.self,
    ])
}

/// Which authority, and in which language it is told what was done.
struct AuthorityOptions: ParsableArguments {
  @Option(help: "The authority's folder.") var ca = "ca"

  func open() throws(Failure) -> AuthorityFolder {
    do throws(FileProblem) { return try AuthorityFolder.open(ca) } catch { throw Failure(error) }
  }
}

extension Failure {
  /// What a command about certificates could not do with a file.
  init(_ problem: FileProblem) {
    switch problem.kind {
    case .exposed(let mode): self.init(.configSecretExposed, ["file": problem.path, "mode": mode])
    case .exists: self.init(.configCertificate, ["file": problem.path, "reason": "it exists already"])
    case .system(let reason), .unusable(let reason):
      self.init(.configCertificate, ["file": problem.path, "reason": reason])
    }
  }
}

/// Runs what may fail on a file or otherwise, and tells a failure as every command does.
private func attempt(_ body: () throws -> Void) throws {
  do { try body() } catch let problem as FileProblem { throw stop(Failure(problem)) } catch let failure as Failure {
    throw stop(failure)
  }
}

private func say(_ zh: String, _ en: String) {
  FileHandle.standardError.write(Data((Phrase(zh, en)[Language.current] + "\n").utf8))
}

private func checkDays(_ days: Int) throws {
  guard (1...36_525).contains(days) else { throw ValidationError("--days takes 1 to 36525") }
}

struct InitialiseAuthority: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init-ca", abstract: "Makes an authority: the root, or with --below one that issues for a county.")
  @OptionGroup var options: AuthorityOptions
  @Option(help: "The network's name, as in xylemd init; from the authority above with --below.") var network: String?
  @Option(help: "What people call it.") var name: String
  @Option(help: "Days until it ends.") var days = Authority.Life.authorityDays
  @Option(help: "The folder of the root that issues it; needed once, and kept apart from then on.") var below: String?

  func validate() throws {
    try checkDays(days)
    if (network == nil) == (below == nil) { throw ValidationError("Give --network for a root or --below for another") }
  }

  func run() throws {
    try attempt {
      let parent = try below.map { path throws(FileProblem) in try AuthorityFolder.open(path) }
      guard parent?.authority.isRoot != false else {
        throw ValidationError("--below takes a root: an authority below another issues to nodes only")
      }
      let made = try AuthorityFolder.create(
        options.ca, network: network ?? parent?.authority.network ?? "", name: name, days: days, below: parent,
        now: Date())
      say(
        "已建立 \(made.path)。ca.key 是网络的根基：离线保存，另存一份。节点只需要 authorities.crt。",
        "made \(made.path). Everything rests on ca.key: keep it offline, and a copy elsewhere. "
          + "Nodes need authorities.crt only.")
    }
  }
}

struct RequestCertificate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "request",
    abstract: "Makes a node's key where it stays, and the request that its authority answers (cert issue).")
  @Option(help: "The node's store (xylemd init).") var directory: String
  @Option(help: "Where node.key and node.csr go.") var out: String

  func run() throws {
    try attempt {
      let facts = try Node.facts(at: directory)
      try CertificateRequest.make(NodeName(network: facts.network, node: facts.node), label: facts.code, in: out)
      say("请把 \(out)/node.csr 交给签发者；node.key 留在本机", "give \(out)/node.csr to the authority; node.key stays here")
    }
  }
}

struct IssueCertificate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Issues a node's certificate: for a request, or with a new key.",
    discussion: """
      xylemctl cert issue --ca ca --request node.csr --out tls
      xylemctl cert issue --ca ca --directory data --out tls
      xylemctl cert issue --ca ca --node 00a1b2c3d4e5 --label 033001 --out tls
      """)
  @OptionGroup var options: AuthorityOptions
  @Option(help: "A request (cert request).") var request: String?
  @Option(help: "The node's store, when it is on this machine: the key is made here.") var directory: String?
  @Option(help: "The node's id, 1 to 12 hexadecimal digits: the key is made here.") var node: String?
  @Option(help: "With --node: for people, the org's code for instance.") var label: String?
  @Option(help: "Days until it ends.") var days = Authority.Life.nodeDays
  @Option(help: "Where node.crt, authorities.crt, revoked.txt and a new node.key go.") var out: String

  func validate() throws {
    try checkDays(days)
    if [request, directory, node].compactMap(\.self).count != 1 {
      throw ValidationError("Give one of --request, --directory and --node")
    }
  }

  func run() throws {
    try attempt {
      let folder = try options.open()
      let issued: IssuedCertificate
      if let request {
        issued = try folder.issue(request: request, days: days, into: out, now: Date())
      } else {
        let (id, label) = try whose()
        issued = try folder.issue(to: id, label: label, days: days, into: out, now: Date())
      }
      told(issued, "\(out)/node.crt")
    }
  }

  private func whose() throws(Failure) -> (NodeID, String) {
    if let directory {
      let facts = try Node.facts(at: directory)
      return (facts.node, facts.code)
    }
    guard let text = node, (1...12).contains(text.utf8.count), let number = UInt64(text, radix: 16),
      let id = NodeID(exactly: number)
    else {
      throw Failure(
        .clientBadArgument, ["argument": "--node", "expected": "1 to 12 hexadecimal digits", "found": node ?? ""])
    }
    return (id, label ?? text)
  }
}

private func told(_ issued: IssuedCertificate, _ file: String) {
  say(
    "已签发 \(issued.label)（\(issued.serial)），有效至 \(instant(issued.end))：\(file)",
    "issued \(issued.label) (\(issued.serial)) until \(instant(issued.end)): \(file)")
  FileHandle.standardOutput.write(Data((issued.serial + "\n").utf8))
}

struct RenewCertificate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renew",
    abstract: "Replaces a certificate by one with a later end, for the same node and key; daemons take it at once.")
  @OptionGroup var options: AuthorityOptions
  @Option(help: "The certificate's file; it is replaced.") var certificate: String
  @Option(help: "Days until the new one ends.") var days = Authority.Life.nodeDays

  func validate() throws { try checkDays(days) }

  func run() throws {
    try attempt { told(try options.open().renew(certificate, days: days, now: Date()), certificate) }
  }
}

struct RevokeCertificate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Calls certificates back and signs the next deny list, which nodes send down their links.")
  @OptionGroup var options: AuthorityOptions
  @Option(help: "One certificate, by its serial number (cert list).") var serial: String?
  @Option(help: "All certificates of one node, by its id.") var node: String?
  @Option(help: "Why, for everybody who is refused by it.") var reason: String
  @Flag(help: "Only tells what would be called back.") var dryRun = false

  func validate() throws {
    if (serial == nil) == (node == nil) { throw ValidationError("Give --serial or --node") }
  }

  func run() throws {
    try attempt {
      let folder = try options.open()
      let id = node.flatMap { UInt64($0, radix: 16) }
      let meant = try folder.issued().filter { certificate in
        if let serial { return certificate.serial == serial }
        return certificate.node?.value == id && certificate.revoked == nil
      }
      guard !meant.isEmpty else {
        throw Failure(
          .clientBadArgument,
          [
            "argument": serial == nil ? "--node" : "--serial", "expected": "what cert list shows",
            "found": serial ?? node ?? "",
          ])
      }
      if dryRun {
        for certificate in meant { say("将吊销 \(certificate.serial)", "would revoke \(certificate.serial)") }
        return
      }
      for certificate in try folder.revoke(meant.map(\.serial), reason: reason, now: Date()) {
        say("已吊销 \(certificate.label)（\(certificate.serial)）", "revoked \(certificate.label) (\(certificate.serial))")
      }
      say(
        "把 \(folder.denyListFile) 放到最上级节点 tls.revoked 处，几秒内全网生效",
        "put \(folder.denyListFile) where the top node's tls.revoked is: it holds everywhere within seconds")
    }
  }
}

struct ListCertificates: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "What the authority issued, with days left and what was called back.")
  @OptionGroup var options: AuthorityOptions
  @Option(name: [.customShort("o"), .long], help: "table, csv, json, jsonl or md; table on a terminal, else csv.")
  var output: String?

  func run() throws {
    try attempt {
      let out = Output.standard(language: Language.current)
      guard let format = output.map({ TableFormat(rawValue: $0) }) ?? .automatic(isTerminal: out.isTerminal) else {
        throw ValidationError("--output takes table, csv, json, jsonl or md")
      }
      let now = Date()
      let language = Language.current
      var table = Table([
        Column("serial", title: Phrase("序列号", "SERIAL")[language]),
        Column("node", title: Phrase("节点", "NODE")[language]),
        Column("label", title: Phrase("名称", "LABEL")[language]),
        Column("end", title: Phrase("有效至", "ENDS")[language]),
        Column("days", title: Phrase("剩余天数", "DAYS LEFT")[language]),
        Column("state", title: Phrase("状态", "STATE")[language]),
        Column("reason", title: Phrase("原因", "REASON")[language]),
      ])
      let folder = try options.open()
      for certificate in try folder.issued() {
        let days = Int((certificate.end.timeIntervalSince(now) / 86_400).rounded(.down))
        let (state, shown) =
          certificate.revoked != nil
          ? ("revoked", Phrase("已吊销", "revoked"))
          : days < 0
            ? ("ended", Phrase("已过期", "ended"))
            : days < 30 ? ("renew", Phrase("应续签", "renew")) : ("good", Phrase("有效", "good"))
        table.append([
          .text(certificate.serial),
          certificate.node.map { .text(NodeName(network: folder.authority.network, node: $0).id) } ?? .null,
          .text(certificate.label), .text(instant(certificate.end)), .integer(days),
          .text(state, shown: shown[language]), certificate.reason.isEmpty ? .null : .text(certificate.reason),
        ])
      }
      try out.table(table, TableStyle(format))
    }
  }
}
