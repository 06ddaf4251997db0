import AdminClient
import AdminProtocol
import Foundation
import Messages
import NIOCore
import Synchronization

/// What importing every node's files did.
struct ImportTotals: Sendable {
  var inserted = 0
  var rows = 0
  var rejects: Set<PlantedRow> = []
  /// Inserted rows by entity.
  var byEntity: [String: Int] = [:]
  /// Inserted rows by node code, of the last phase.
  var byNode: [String: Int] = [:]
}

extension Fleet {
  /// Files of one node for the entities of a phase, in the order in which references need them.
  func files(_ node: FleetNode, _ data: String, _ entities: [String]) -> [(entity: String, name: String)] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: "\(data)/\(node.code)")) ?? []).sorted()
    return entities.flatMap { entity in
      // `activity-2.csv` belongs to activity as `activity.csv` does.
      names.filter { $0 == entity + ".csv" || $0.hasPrefix(entity + "-") && $0.hasSuffix(".csv") }.map { (entity, $0) }
    }
  }

  /// Imports a phase at every node, a few nodes at a time; each node's files go to that node.
  func importPhase(
    _ data: String, _ entities: [String], into totals: inout ImportTotals, rowsTold: @escaping @Sendable (Int) -> Void
  ) async throws {
    let shared = Mutex(totals)
    shared.withLock { $0.byNode = [:] }
    try await withThrowingTaskGroup(of: Void.self) { group in
      var waiting = network.nodes[...]
      func next() {
        guard let node = waiting.popFirst() else { return }
        group.addTask { [self] in
          let client = client(node)
          defer { Task { await client.close() } }
          for (entity, name) in files(node, data, entities) {
            try await importFile(client, node, entity, "\(data)/\(node.code)/\(name)", "\(node.code)/\(name)", shared, rowsTold)
          }
        }
      }
      // Two nodes a core: while one waits for its disk, the other parses.
      for _ in 0..<4 { next() }
      while try await group.next() != nil { next() }
    }
    totals = shared.withLock { $0 }
  }

  private func importFile(
    _ client: AdminClient, _ node: FleetNode, _ entity: String, _ path: String, _ relative: String,
    _ shared: borrowing Mutex<ImportTotals>, _ rowsTold: @Sendable (Int) -> Void
  ) async throws {
    let size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    var told = 0
    var rejects: [PlantedRow] = []
    var summary: ImportLine.Summary?
    try await client.importFile(entity, name: relative, chunks: FileChunks(path: path), size: Int64(size)) { line in
      if let progress = line.progress {
        rowsTold(progress.rows - told)
        told = progress.rows
      }
      if let reject = line.reject { rejects.append(PlantedRow(file: relative, line: reject.line)) }
      summary = line.summary ?? summary
    }
    guard let summary else { throw Failure(.clientBadResponse, ["operation": relative, "reason": "no summary"]) }
    rowsTold(summary.rows - told)
    let lines = rejects
    shared.withLock { totals in
      totals.inserted += summary.inserted
      totals.rows += summary.rows
      totals.rejects.formUnion(lines)
      totals.byEntity[entity, default: 0] += summary.inserted
      totals.byNode[node.code, default: 0] += summary.inserted
    }
  }

  /// Returns when everything every node has committed is synced at the root.
  func waitForRoot(seconds: Int = 600) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    for node in network.nodes.dropFirst() {
      let client = client(node)
      defer { Task { await client.close() } }
      while true {
        let status = try await client.status()
        if status.rootSequence >= status.sequence { break }
        guard ContinuousClock.now < deadline else {
          throw Failure(.nodeNotAcknowledged, ["level": "root", "seconds": "\(seconds)", "node": node.code])
        }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}

/// A file as chunks, read as they are asked for.
struct FileChunks: AsyncSequence, Sendable {
  let path: String

  struct AsyncIterator: AsyncIteratorProtocol {
    let handle: FileHandle?
    mutating func next() async throws -> ByteBuffer? {
      guard let data = try handle?.read(upToCount: 256 << 10), !data.isEmpty else {
        try handle?.close()
        return nil
      }
      return ByteBuffer(bytes: data)
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(handle: FileHandle(forReadingAtPath: path)) }
}
