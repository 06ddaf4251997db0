import AdminProtocol
import Foundation
import Messages
import Xylem

/// Health of a real node.
extension NodeBackend {
  func readiness() async throws -> [HealthCheck] {
    let report = try await node.report(scope: scope)
    var checks = [HealthCheck("storage-open", isOK: true)]
    if case .writing = report.standing {
      checks.append(HealthCheck("writable", isOK: true))
    } else {
      checks.append(HealthCheck("writable", isOK: false))
    }
    checks.append(HealthCheck("disk-space", isOK: report.freeBytes.map { $0 > report.freeBytesMin } ?? true))
    // Weeks without a network are normal: a node without its parent works on.
    let isTop = report.identity.parentOrgCode.isEmpty
    checks.append(HealthCheck("parent-link", isOK: isTop || report.isLinkedToParent, isRequired: false))
    return checks
  }

  func metrics() async throws -> String {
    let report = try await node.report(scope: scope)
    let now = Date().timeIntervalSince1970
    var metrics = MetricsText()
    metrics.add(
      "build_info", .gauge, "Always 1; what runs.", [(labels: [("version", Release.version)], value: 1)])
    metrics.add(
      "start_timestamp_seconds", .gauge, "When the node was opened.", (now - report.secondsUp).rounded())
    let isReady: Bool = if case .writing = report.standing { true } else { false }
    metrics.add("ready", .gauge, "Whether the node takes commits.", isReady ? 1 : 0)
    // Every kind from the start, so that a rule on one that comes later has a series to look at.
    let counts = Dictionary(report.rows.map { ($0.entity, $0.rows) }) { first, _ in first }
    metrics.add(
      "records", .gauge, "Records held here, own and replicated.",
      node.catalog.entities.map { (labels: [("kind", $0.name)], value: Double(counts[$0.name] ?? 0)) })
    metrics.add(
      "log_sequence", .gauge, "Commits of the node's own log that are durable here.", Double(report.durableSequence))
    metrics.add("applied_sequence", .gauge, "What the store applied, own and replicated.", Double(report.applied))
    addReplication(report, now, &metrics)
    metrics.add("disk_free_bytes", .gauge, "Free on the store's device.", report.freeBytes.map(Double.init))
    metrics.add(
      "disk_reserve_bytes", .gauge, "Below this much free space no writes are taken.", Double(report.freeBytesMin))
    metrics.add("statistics_columns_bytes", .gauge, "Columns in memory.", Double(node.columnByteCount))
    metrics.add(
      "process_resident_memory_bytes", .gauge, "Resident memory of the process.", Double(report.residentBytes))
    metrics.add(
      "backup_last_drill_timestamp_seconds", .gauge, "When a backup was last put back and found whole.",
      report.lastProof?.timeIntervalSince1970.rounded())
    return metrics.text
  }

  private func addReplication(_ report: NodeReport, _ now: Double, _ metrics: inout MetricsText) {
    metrics.add(
      "replication_link_up", .gauge, "Whether a link stands: to the parent, and how many to children.",
      [
        (labels: [("peer", "parent")], value: report.isLinkedToParent ? 1 : 0),
        (labels: [("peer", "children")], value: Double(report.children)),
      ])
    metrics.add(
      "replication_acked_sequence", .gauge, "How far the own log is durable above.",
      [
        (labels: [("level", "parent")], value: Double(report.parentSequence)),
        (labels: [("level", "root")], value: Double(report.rootSequence)),
      ])
    metrics.add(
      "replication_pending_commits", .gauge, "Commits that the parent has not acknowledged.", Double(report.backlog))
    // A time, not an age: it goes on saying how old things are when nobody updates it.
    metrics.add(
      "replication_subtree_oldest_heartbeat_timestamp_seconds", .gauge,
      "When all that the stalest domain below had told of was here; absent while one was never heard of.",
      report.domains.oldestAge.map { (now - Double($0) / 1000).rounded() })
    metrics.add(
      "replication_quarantined_records", .gauge, "Records set aside.",
      [
        (labels: [("state", "open")], value: Double(report.setAside.open)),
        (labels: [("state", "skipped")], value: Double(report.setAside.skipped)),
        (labels: [("state", "above")], value: Double(report.setAside.above)),
      ])
    metrics.add(
      "replication_heartbeats_dropped_total", .counter, "Signs of life that were too many to keep.",
      Double(report.heartbeatsDropped))
    metrics.add(
      "replication_waiting_frames", .gauge, "Frames that wait to be applied.", Double(report.admission.frames))
  }
}
