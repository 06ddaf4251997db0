import AdminAPI
import AdminProtocol
import Messages

extension FakeBackend {
  func changes(since cursor: String?, limit: Int) async throws -> ChangesPage {
    let place = cursor.map { Int($0.dropFirst()) ?? -1 } ?? 0
    if place < 0 { throw Failure(.querySnapshotGone, ["point": cursor ?? ""]) }
    // Five changes, and a sixth once somebody waited.
    let end = place >= 5 ? place : 5
    let changes = (place..<min(end, place + limit)).map { number in
      ChangeLine(
        cursor: "c\(number + 1)", operation: number == 1 ? "delete" : "insert", entity: "member", record: "7-\(number)",
        parent: nil, partition: "7b", sequence: UInt64(number), actor: "张\n", reason: "", time: 5, catalog: "c0de",
        values: number == 1 ? nil : ["name": .text("欧阳\u{2028}𬭬"), "n": .integer(3), "x": .null], old: nil)
    }
    let next = place + changes.count
    return ChangesPage(changes: changes, next: "c\(next)", atEnd: next >= end)
  }

  func waitForChanges(after cursor: String, seconds: Int) async throws -> Bool { false }

  func readiness() async throws -> [HealthCheck] {
    [
      HealthCheck("storage-open", isOK: doctorResult == "ok"),
      HealthCheck("parent-link", isOK: lag == 0, isRequired: false),
    ]
  }

  func metrics() async throws -> String { "# HELP xylem_ready r\n# TYPE xylem_ready gauge\nxylem_ready 1\n" }
}
