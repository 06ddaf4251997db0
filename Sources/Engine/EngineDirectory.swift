import Access
import Formats
import Ports
import Primitives
import Replication

/// The org directory: what the top of the network tells everybody of the orgs of each domain, a dispatch with a topic a
/// domain, so that only what changed goes down again and only the newest is kept.
extension Engine {
  /// How often the directory is made again while orgs change, in milliseconds.
  static let directoryInterval: UInt64 = 2000
  /// So many domains are told of at one go; the rest follows with the next turn.
  static let directoryDomainsMax = 64

  /// An org of the network, found by its code.
  public struct FoundOrg: Hashable, Sendable {
    public let place: Audience.Place
    public let code: Text
    public let name: Text
  }

  /// A domain's orgs, or its owner, changed.
  func orgsChanged(in partition: PartitionID) {
    dispatches.children = nil
    if isRoot { dispatches.staleDomains.insert(partition) }
  }

  /// At the top: tells everybody of the domains whose orgs changed. Costs a pass over the org tree, at most every
  /// ``directoryInterval``.
  func makeDirectory(clock: UInt64) throws(EngineError) {
    guard isRoot, standing.mayCommit, !dispatches.staleDomains.isEmpty,
      clock >= dispatches.directoryMade + Engine.directoryInterval || clock < dispatches.directoryMade
    else { return }
    let stale = Set(dispatches.staleDomains.sorted().prefix(Engine.directoryDomainsMax))
    dispatches.staleDomains.subtract(stale)
    if dispatches.staleDomains.isEmpty { dispatches.directoryMade = clock }
    var orgs: [PartitionID: [DirectoryBody.Org]] = [:]
    for org in directory.orgs where stale.contains(org.partition) {
      let parent = orgEntries[org.id]?.parent
      orgs[org.partition, default: []].append(.init(id: org.id, code: org.code, name: org.name, parent: parent))
    }
    for partition in stale.sorted() {
      let own = partition == identity.partition
      let assignment = assignments[partition]
      guard own || assignment != nil else { continue }
      let list = (orgs[partition] ?? []).sorted { $0.id < $1.id }
      var number: UInt64 = 0
      repeat {
        let start = Int(number) * DirectoryBody.orgsMax
        let some = start < list.count ? list[start..<Swift.min(start + DirectoryBody.orgsMax, list.count)] : []
        let body = DirectoryBody(
          partition: partition, owner: assignment?.owner ?? identity.node, epoch: assignment?.epoch ?? identity.epoch,
          above: assignment.flatMap { above in
            holders[partition].map { .init(org: above.mount, partition: $0) }
          }, orgs: Array(some)
        ).encoded
        try tell(body, topic: RecordID(mint: partition.value, counter: number), clock)
        number += 1
      } while Int(number) * DirectoryBody.orgsMax < list.count || isTold(partition, number)
    }
  }

  private func topic(_ topic: RecordID) -> DispatchMemory.Topic {
    .init(node: identity.node, kind: DispatchKind.directory, topic: topic)
  }

  /// Whether more was once told of a domain than its orgs fill now.
  private func isTold(_ partition: PartitionID, _ number: UInt64) -> Bool {
    dispatches.topics[topic(RecordID(mint: partition.value, counter: number))] != nil
  }

  private func tell(_ body: Bytes, topic name: RecordID, _ clock: UInt64) throws(EngineError) {
    // The same as told last: after an opening, or when something else of an org's row changed.
    if let last = dispatches.topics[topic(name)], dispatches.held[last]?.head.bodyHash == codec.hashing.digest(body) {
      return
    }
    do {
      _ = try issue(
        DispatchKind.directory, topic: name,
        to: .subtree(.init(org: identity.rootOrg, partition: identity.partition)), body: body, clock: clock)
    } catch {
      guard case .engine(let failure) = error else { return }
      throw failure
    }
  }

  /// The org with this code: among those at and below us as they are, else as the directory last told. Costs a point
  /// read for each domain of the network when it is not one of ours.
  public func findOrg(code: Text) throws(EngineError) -> FoundOrg? {
    if let org = directory.org(code: code) {
      return FoundOrg(place: .init(org: org.id, partition: org.partition), code: org.code, name: org.name)
    }
    for id in dispatches.topics.values.sorted() where dispatches.held[id]?.head.kind == DispatchKind.directory {
      guard let body = try? DirectoryBody(try dispatch(id).body) else { continue }
      guard let org = body.orgs.first(where: { $0.code == code }) else { continue }
      return FoundOrg(place: .init(org: org.id, partition: body.partition), code: org.code, name: org.name)
    }
    return nil
  }

  /// How many orgs of how many domains the directory tells of.
  public func directorySize() throws(EngineError) -> (domains: Int, orgs: Int) {
    var size = (domains: 0, orgs: 0)
    for id in dispatches.topics.values.sorted() where dispatches.held[id]?.head.kind == DispatchKind.directory {
      let body: DirectoryBody
      do { body = try DirectoryBody(try dispatch(id).body) } catch let error as EngineError { throw error } catch {
        continue
      }
      if dispatches.held[id]?.head.topic.counter == 0 { size.domains += 1 }
      size.orgs += body.orgs.count
    }
    return size
  }
}
