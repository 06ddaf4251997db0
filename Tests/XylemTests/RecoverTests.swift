import Access
import Engine
import Foundation
import Messages
import Ports
import RocksStorage
import Testing
import Xylem

// Goal: what is put right on a directory is right or not begun, wherever it dies.

@Suite struct RecoverTests {
  @Test("recover: a node that died between accepting a short log and marking it asks its parent before it writes")
  func halfWay() async throws {
    let pad = try Scratchpad()
    let directory = pad.path + "/node"
    try Node.create(at: directory, network: "test", code: "033001", name: "中共海曙区委员会", parentCode: "033")
    let head = try RocksStore.openReadOnly(directory: directory) { reader throws(StoreError) in
      try Engine.readHead(reader)
    }
    let found = head.head
    head.close()
    // The first step of `recover`, and not the second.
    try RocksStore.acceptHead(found, directory: directory, expecting: ExpectedIdentity()) {
      reader throws(StoreError) in
      try Engine.readHead(reader)
    }
    for _ in 0..<2 {
      let node = try await Node.open(at: directory)
      let root = node.identity.rootOrg
      let code = await code {
        try await node.commit(as: "zhang") { _ = try $0.insert("applicant", applicant(1, org: root)) }
      }
      #expect(code == .nodeReadOnly)
      await node.close()
    }
  }

  private func code(_ body: () async throws -> Void) async -> ErrorCode? {
    do {
      try await body()
      return nil
    } catch { return (error as? Failure)?.code }
  }

  @Test("backup: two at a time, each whole, and nothing of either stays in the store's directory")
  func two() async throws {
    let pad = try Scratchpad()
    let directory = pad.path + "/node"
    try Node.create(at: directory, network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    let node = try await Node.open(at: directory)
    let (a, b) = (pad.path + "/a", pad.path + "/b")
    async let first = node.backup(into: a)
    async let second = node.backup(into: b)
    let found = try await [first, second]
    #expect(found.allSatisfy { $0.manifest.files.count > 3 })
    let names = try FileManager.default.contentsOfDirectory(atPath: directory)
    #expect(!names.contains { $0.hasPrefix("checkpoint") })
    await node.close()
  }
}
