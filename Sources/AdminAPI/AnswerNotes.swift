import AdminProtocol
import Formats
import Primitives
import Xylem

/// Which answers to questions are in the audit log.
extension NodeBackend {
  /// From so many rows an answer is an entry, with their number.
  static let auditedRowsMin = 100

  /// Notes an answer before it leaves: a large one with its number of rows; one that shows masked items with the reason
  /// and, up to ``AuditEntry/recordsMax``, every record that it shows.
  func note(_ answer: Answer, _ request: QueryRequest) async throws {
    let isUnmasked = !scope.reason.isEmpty
    guard isUnmasked || answer.records.count >= NodeBackend.auditedRowsMin else { return }
    var org: RecordID?
    if let under = request.under { org = try await node.orgID(under) }
    let isNamed = isUnmasked && answer.records.count <= AuditEntry.recordsMax
    try await node.audit([
      actor.entry(
        isUnmasked ? .unmasking : .query, org: org, count: UInt64(answer.rows.count),
        detail: Text(isUnmasked ? "\(request.entity): \(scope.reason)" : request.entity),
        records: isNamed ? answer.records : [])
    ])
  }
}
