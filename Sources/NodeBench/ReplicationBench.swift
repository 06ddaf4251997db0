import Access
import Certificates
import Console
import Foundation
import Glibc
import Messages
import Primitives
import Workloads
import Xylem
import XylemNetwork

/// Three nodes in a chain over loopback, with real stores, TLS and signatures: how fast a leaf's rows reach the top,
/// and how long one commit takes to be durable there and told back.
public struct ReplicationBench {
  private let folder: ScratchFolder
  private let city: BenchCity
  private let seconds: Double
  private let output: Output

  /// - Throws: `XYL-CLI-0006` for a number of members that no city has.
  public init(in folder: ScratchFolder, members: Int, seconds: Double, output: Output) throws(Failure) {
    self.folder = folder
    city = try BenchCity(members: members)
    self.seconds = seconds
    self.output = output
  }

  /// Makes an authority and three nodes, and measures the chain.
  public func run() async throws(Failure) -> [BenchFigure] {
    let authority: AuthorityFolder
    do throws(FileProblem) {
      authority = try AuthorityFolder.create(
        folder.path + "/ca", network: "bench", name: "bench", days: 90, now: Date())
    } catch { throw problem(error) }
    let ports = try [freePort(), freePort()]
    var nodes: [Node] = []
    do {
      let root = city.root
      nodes.append(try await open("top", "1", "顶级", above: "", authority, listen: ports[0], parent: nil))
      nodes.append(try await open("middle", "2", "中级", above: "1", authority, listen: ports[1], parent: ports[0]))
      nodes.append(try await open("leaf", root.code, root.name, above: "2", authority, listen: nil, parent: ports[1]))
      let figures = try await measure(leaf: nodes[2], top: nodes[0])
      for node in nodes.reversed() { await node.close() }
      return figures
    } catch {
      for node in nodes.reversed() { await node.close() }
      throw Failure(error)
    }
  }

  private func measure(leaf: Node, top: Node) async throws(Failure) -> [BenchFigure] {
    for entity in [WorkloadEntity.unit, .org] { try await load(entity, into: leaf) { _ in } }
    let members = city.rows(.member)
    let bar = output.progress(
      Phrase("复制", "replicate")[output.language], total: members, unit: .items(Phrase("党员", "members")))
    defer { bar.finish() }
    let position = try await leaf.commitNothing()
    try await leaf.wait(for: position, level: .root, seconds: 120)
    let clock = ContinuousClock()
    let start = clock.now
    let end = try await load(.member, into: leaf) { bar.advance(to: $0) }
    try await leaf.wait(for: end, level: .root, seconds: 600)
    bar.advance(to: members)
    let there = try await top.count(Question("member"), scope: Authoriser.embedder("bench"))
    guard there == members else {
      throw Failure(
        .verifyDifferent, ["peer": city.root.code, "count": "\(abs(members - there))", "scope": "member"])
    }
    let rate = Double(members) / ((clock.now - start) / .seconds(1))
    let times = try await visible(leaf)
    return [BenchFigure("replicate.members", rate, .perSecond), BenchFigure("replicate.time", times)]
  }

  private func visible(_ leaf: Node) async throws(Failure) -> LatencyRecorder {
    guard let record = try await sampleMembers(leaf, 1).first?.record else { return LatencyRecorder() }
    var times = LatencyRecorder()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while clock.now < end || times.count < 10 {
      let address = Value.text(Text("滨江路 \(times.count) 号"))
      let (_, time) = try await timedFailing {
        let (_, position) = try await leaf.commit(as: "bench") { try $0.update(record, ["address": address]) }
        try await leaf.wait(for: position, level: .root, seconds: 30)
      }
      times.record(time)
    }
    return times
  }

  @discardableResult
  private func load(
    _ entity: WorkloadEntity, into node: Node, _ told: (Int) -> Void
  ) async throws(Failure) -> Node.Position {
    let summary = try await node.importTable(
      entity.name, file: entity.name + ".csv", chunks: city.file(entity), actor: "bench"
    ) { event in
      if case .progress(let rows, _) = event { told(rows) }
    }
    return Node.Position(sequence: summary.sequence)
  }

  private func open(
    _ name: String, _ code: String, _ title: String, above: String, _ authority: AuthorityFolder, listen: Int?,
    parent: Int?
  ) async throws(Failure) -> Node {
    let directory = folder.path + "/" + name
    let identity = try Node.create(at: directory, network: "bench", code: code, name: title, parentCode: above)
    let folder = directory + ".tls"
    do throws(FileProblem) {
      _ = try authority.issue(to: identity.node, label: code, days: 60, into: folder, now: Date())
    } catch { throw problem(error) }
    let files = CredentialFiles(
      certificate: folder + "/node.crt", key: folder + "/node.key", authorities: folder + "/authorities.crt")
    let carrier = try await Links.carrier(
      listen: listen.map { "127.0.0.1:\($0)" }, parent: parent.map { "127.0.0.1:\($0)" },
      protection: .certificates(files))
    return try await Node.open(at: directory, options: RegisterBench.options, carrier: carrier)
  }

  private func problem(_ problem: FileProblem) -> Failure {
    Failure(.configCertificate, ["key": "bench", "file": problem.path, "reason": "\(problem.kind)"])
  }

  /// A port of loopback that nobody listens on now.
  private func freePort() throws(Failure) -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
    guard socket >= 0, isBound else {
      throw Failure(
        .storageIO, ["operation": "bind", "file": "127.0.0.1", "reason": String(cString: strerror(errno))])
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

extension Node {
  /// Where the node's log ends now.
  fileprivate func commitNothing() async throws(Failure) -> Position {
    Position(sequence: try await report(scope: Authoriser.embedder("bench")).durableSequence)
  }
}
