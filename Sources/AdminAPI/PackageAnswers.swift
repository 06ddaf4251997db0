import AdminProtocol
import Engine
import Formats
import Messages
import Xylem

/// Cards and packages of a real node.
extension NodeBackend {
  func card() async throws -> CardResponse {
    let card = try await node.card()
    return CardResponse(
      text: card.text, fingerprint: card.fingerprint, node: String(card.log.node.value, radix: 16),
      code: card.rootOrgCode.string, name: card.rootOrgName.string)
  }

  func neighbours() async throws -> NeighboursResponse {
    NeighboursResponse(neighbours: try await node.packageNeighbours().map(NodeBackend.neighbour))
  }

  func introduce(_ request: IntroduceRequest) async throws -> NeighboursResponse {
    guard ["parent", "child", nil].contains(request.role) else {
      throw Failure(
        .apiBadParameter, ["parameter": "role", "expected": "parent, child", "found": request.role ?? ""])
    }
    try await node.audit([actor.entry(.exchange, detail: "card taken")])
    let neighbour = try await node.introduce(
      request.text, file: request.file, isParent: request.role.map { $0 == "parent" },
      replacing: request.replace ?? false)
    return NeighboursResponse(neighbours: [NodeBackend.neighbour(neighbour)])
  }

  private static func neighbour(_ found: PackageNeighbour) -> NeighboursResponse.Neighbour {
    .init(
      role: found.isParent ? "parent" : "child", node: String(found.card.log.node.value, radix: 16),
      code: found.card.rootOrgCode.string, name: found.card.rootOrgName.string, fingerprint: found.card.fingerprint,
      sent: found.sent, taken: found.taken)
  }

  func exportPackage(_ request: ExportRequest) async throws -> [UInt8]? {
    var scopes: [PackageScope] = []
    if let number = request.again { scopes.append(.again(number)) }
    if request.all == true { scopes.append(.everything) }
    if request.following == true { scopes.append(.following) }
    if let position = request.fromPosition { scopes.append(.after(Sequence64(position))) }
    guard scopes.count < 2 else {
      throw Failure(
        .apiBadParameter,
        ["parameter": "again, all, following, fromPosition", "expected": "one of them", "found": "several"])
    }
    try await node.audit([actor.entry(.exchange, detail: "package made")])
    let wanted = scopes.first ?? .unacknowledged
    return try await node.exportPackage(to: request.to, wanted, release: Release.version)?.bytes
  }

  func importPackage(_ bytes: [UInt8], file: String, dryRun: Bool) async throws -> PackageResponse {
    if !dryRun { try await node.audit([actor.entry(.exchange, detail: "package taken")]) }
    let outcome = try await node.importPackage(bytes, file: file, dryRun: dryRun)
    let facts = outcome.header.facts
    return PackageResponse(
      kind: facts.kind == .up ? "up" : "back", number: facts.number, sender: facts.senderCode.string,
      hash: outcome.hash, already: outcome.isAlready, skipped: outcome.skipped, position: outcome.position,
      dryRun: dryRun, frames: outcome.header.frames, commits: outcome.header.commits)
  }
}
