import AdminProtocol
import Formats
import Messages
import Xylem

/// Backups, and who owns the domains below.
extension NodeBackend {
  func backup(_ request: BackupRequest) async throws -> BackupResponse {
    let started = ContinuousClock.now
    guard request.directory.hasPrefix("/") else {
      throw Failure(
        .apiBadParameter, ["parameter": "directory", "expected": "an absolute path", "found": request.directory])
    }
    try await node.audit([actor.entry(.operation, detail: "backup")])
    let made = try await node.backup(into: request.directory)
    return BackupResponse(
      path: made.path, files: made.manifest.files.count, bytes: made.manifest.byteCount,
      sequence: made.manifest.sequence, applied: made.manifest.applied, microseconds: elapsed(started))
  }

  func domains() async throws -> DomainResponse {
    DomainResponse(domains: try await node.domainsBelow().map(answer))
  }

  func reclaim(_ request: ReclaimRequest) async throws -> DomainResponse {
    var owner: (node: NodeID, key: PublicKey)?
    if request.node != nil || request.key != nil {
      guard let number = UInt64(request.node ?? "", radix: 16), let id = NodeID(exactly: number),
        let bytes = Bytes(hex: request.key ?? ""), let key = PublicKey(exactly: bytes)
      else {
        throw Failure(
          .apiBadParameter,
          ["parameter": "to", "expected": "NODE=KEY as xylemd recover printed them", "found": request.node ?? "-"])
      }
      owner = (id, key)
    }
    try await node.audit([actor.entry(.operation, detail: Text("reclaim \(request.code)"))])
    let made = try await node.reclaim(
      code: request.code, for: owner, epoch: request.epoch.flatMap { UInt32(exactly: $0) }, actor: scope.actor.string)
    return DomainResponse(domains: [answer(made)])
  }

  private func answer(_ domain: Node.Domain) -> DomainResponse.Domain {
    .init(
      code: domain.code, partition: hex(domain.partition.value), node: hex(domain.owner.value),
      epoch: Int(domain.epoch.value), key: domain.key.bytes.hex)
  }
}
