import Access
import Foundation
import Testing
import Xylem

/// The program of Docs/EMBEDDING.md, as it stands there.
func embed(in directory: String) async throws -> Int {
  try Node.create(at: directory, network: "demo", code: "033", name: "中共宁波市委员会", parentCode: "")
  let node = try await Node.open(at: directory)
  let scope = Authoriser.embedder("demo")
  let (unit, position) = try await node.commit(as: "zhang.wei", reason: "登记") { commit in
    try commit.insert(
      "unit",
      [
        "unit_name": "宁波第一中学", "unit_uscc": "14405287-0", "unit_category": "22", "is_legal_entity": false,
        "subordination": "50", "region_code": "330203", "staff_total": 120, "staff_members": 30, "org_state": "10",
        "unit_status": "1", "econ_type": "1", "enterprise_scale": "3",
      ])
  }
  try await node.wait(for: position, level: .local)
  try await node.commit(as: "zhang.wei") { try $0.update(unit, ["staff_total": 121]) }
  for try await change in node.changes(scope: scope) where change.entity == "unit" {
    print(change.sequence, change.actor)
    break
  }
  let large = try await node.count(Question("unit", where: "staff_total > 100"), scope: scope)
  await node.close()
  return large
}

@Suite struct EmbeddingTests {
  @Test("embedding: the program of the manual runs and counts one unit")
  func runs() async throws {
    let pad = try Scratchpad()
    #expect(try await embed(in: pad.path + "/node") == 1)
  }

  @Test("embedding: the manual shows the program that is tested")
  func sameText() throws {
    let here = String(#filePath)
    let root = here.components(separatedBy: "/Tests/")[0]
    let manual = try String(contentsOfFile: root + "/Docs/EMBEDDING.md", encoding: .utf8)
    let tested = try String(contentsOfFile: here, encoding: .utf8)
    let shown = try #require(manual.components(separatedBy: "```swift\n").last?.components(separatedBy: "```").first)
    let program = try #require(shown.range(of: "func embed")).lowerBound
    #expect(tested.contains(shown[program...].trimmingCharacters(in: .whitespacesAndNewlines)))
  }
}
