import AdminClient
import AdminProtocol
import Foundation
import Messages
import Synchronization

/// What importing every node's files did.
struct ImportTotals: Sendable {
  var inserted = 0
  var rows = 0
  var rejects: Set<PlantedRow> = []
  /// One CSV line a reject: file, line, column, code, reason.
  var rejectLines: [String] = []
  /// Inserted rows by entity.
  var byEntity: [String: Int] = [:]
  /// Inserted rows by node code, of the last phase.
  var byNode: [String: Int] = [:]
}

/// Totals that several imports add to.
final class SharedTotals: Sendable {
  let state: Mutex<ImportTotals>
  init(_ totals: ImportTotals) { state = Mutex(totals) }
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
    var first = totals
    first.byNode = [:]
    let shared = SharedTotals(first)
    try await withThrowingTaskGroup(of: Void.self) { group in
      // Two nodes a core: while one waits for its disk, the other parses.
      for (number, node) in network.nodes.enumerated() {
        if number >= 4 { try await group.next() }
        group.addTask { [self] in
          let client = client(node)
          for (entity, name) in files(node, data, entities) {
            let relative = "\(node.code)/\(name)"
            try await importFile(client, node, entity, data + "/" + relative, relative, shared, rowsTold)
          }
        }
      }
      try await group.waitForAll()
    }
    totals = shared.state.withLock { $0 }
  }

  private func importFile(
    _ client: AdminClient, _ node: FleetNode, _ entity: String, _ path: String, _ relative: String,
    _ shared: SharedTotals, _ rowsTold: @escaping @Sendable (Int) -> Void
  ) async throws {
    let source = try FileChunks(path: path)
    var told = 0
    var rejects: [PlantedRow] = []
    var reasons: [String] = []
    var summary: ImportLine.Summary?
    try await client.importFile(entity, name: relative, chunks: source, size: Int64(source.size)) { line in
      if let progress = line.progress {
        rowsTold(progress.rows - told)
        told = progress.rows
      }
      if let reject = line.reject {
        rejects.append(PlantedRow(file: relative, line: reject.line))
        for found in reject.reasons {
          let reason = found.reasonZH.replacingOccurrences(of: "\"", with: "\"\"")
          reasons.append("\(relative),\(reject.line),\(found.column ?? ""),\(found.code),\"\(reason)\"")
        }
      }
      summary = line.summary ?? summary
    }
    guard let summary else { throw Failure(.clientBadResponse, ["address": relative, "reason": "no summary"]) }
    // Rejected rows arrive nowhere: the lag must end at zero.
    rowsTold(summary.rows - summary.rejected - told)
    let (lines, texts) = (rejects, reasons)
    shared.state.withLock { totals in
      totals.inserted += summary.inserted
      totals.rows += summary.rows
      totals.rejects.formUnion(lines)
      totals.rejectLines += texts
      totals.byEntity[entity, default: 0] += summary.inserted
      totals.byNode[node.code, default: 0] += summary.inserted
    }
  }

  /// Returns when everything every node has committed is synced at the root.
  func waitForRoot(seconds: Int = 600) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    for node in network.nodes.dropFirst() {
      let client = client(node)
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
