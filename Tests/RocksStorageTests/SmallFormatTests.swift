import Foundation
import Ports
import Primitives
import Testing

@testable import RocksStorage

/// Goal: the small texts and files around the database are read for what they are.
@Suite("store files")
struct SmallFormatTests {
  @Test("store files: CRC-32C of the standard's vectors")
  func checksums() {
    #expect(Checksum.crc32c(Bytes("123456789".utf8)) == 0xE306_9283)
    #expect(Checksum.crc32c(Bytes(repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(Checksum.crc32c(Bytes(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(Checksum.crc32c(Bytes()) == 0)
  }

  @Test("store files: the NODE file is the text an operator reads")
  func nodeText() throws {
    let identity = StoreIdentity(node: NodeID(0xABC), network: "北京", rootOrgCode: "033001", created: "2026-05-04")
    let lines = String(decoding: identity.encoded, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(
      lines.dropLast() == [
        "xylem store", "format: 1", "node: 000000000abc", "network: 北京", "root-org: 033001", "created: 2026-05-04",
      ])
    #expect(try StoreIdentity.decode(identity.encoded, file: "NODE") == identity)
  }

  @Test("store files: a key is written once for its owner alone, and read only as it was written")
  func keyFile() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let path = KeyFile.path(in: workspace.root)
    #expect(throws: OpenError.missing(file: path)) { try KeyFile.read(in: workspace.root) }
    let secret = Bytes((0..<32).map { UInt8($0 * 7) })
    try KeyFile.create(secret, in: workspace.root)
    #expect(try KeyFile.read(in: workspace.root) == secret)
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    #expect(throws: OpenError.notEmpty(directory: path)) { try KeyFile.create(secret, in: workspace.root) }
    let good = try FileBytes.read(path)
    for place in good.indices {
      var bytes = good
      bytes[place] ^= 1
      try FileBytes.write(bytes, path)
      #expect(throws: OpenError.self, "byte \(place)") { try KeyFile.read(in: workspace.root) }
    }
    try FileBytes.write(good, path)
    chmod(path, 0o640)
    #expect(throws: OpenError.exposed(file: path, mode: "0640")) { try KeyFile.read(in: workspace.root) }
  }

  @Test("store files: random bytes and cut NODE files are refused, never trapped on (2,000 cases)")
  func hostileNode() {
    let good = StoreIdentity(node: NodeID(5), network: "n", rootOrgCode: "0", created: "").encoded
    var random = SeededRandom(seed: 4)
    for _ in 0..<2000 {
      var bytes = good
      switch random.below(3) {
      case 0: bytes.removeLast(1 + random.below(bytes.count))
      case 1: bytes[random.below(bytes.count)] ^= UInt8(1 + random.below(255))
      default: bytes.insert(UInt8(random.below(256)), at: random.below(bytes.count))
      }
      #expect(throws: OpenError.self) { try StoreIdentity.decode(bytes, file: "NODE") }
    }
  }

  @Test("store files: a sidecar slot comes back as written, and not at all after any flip (4,096 places)")
  func sidecarSlot() {
    var record = SidecarRecord(counter: 9, node: NodeID(5))
    record.head = StoreHead(
      batches: 12,
      log: LogHead(
        log: LogID(node: NodeID(5), incarnation: 3), sequence: Sequence64(8), applied: ApplySequence(11), hash: .zero))
    record.manifest = SidecarRecord.KnownFile(number: 4, byteCount: 1000)
    record.closedLogs = [
      SidecarRecord.KnownFile(number: 7, byteCount: 8), SidecarRecord.KnownFile(number: 9, byteCount: 0),
    ]
    let slot = record.encoded
    #expect(slot.count == SidecarRecord.byteCount)
    #expect(SidecarRecord.decode(slot) == record)
    for place in slot.indices {
      var flipped = slot
      flipped[place] ^= 1 << UInt8(place % 8)
      #expect(SidecarRecord.decode(flipped) == nil)
    }
  }

  @Test("store files: more closed logs than a slot holds keep the newest")
  func manyLogs() {
    var record = SidecarRecord(counter: 0, node: NodeID(5))
    record.closedLogs = (1...200).map { SidecarRecord.KnownFile(number: $0, byteCount: 1) }
    #expect(SidecarRecord.decode(record.encoded)?.closedLogs.map(\.number) == Array(137...200))
  }

  @Test("store files: a head covers what lies before it on its log or an earlier one of its node, and nothing else")
  func heads() {
    func head(_ node: UInt64, _ incarnation: UInt16, _ sequence: UInt64, _ applied: UInt64, _ hash: UInt8) -> LogHead {
      LogHead(
        log: LogID(node: NodeID(node), incarnation: incarnation), sequence: Sequence64(sequence),
        applied: ApplySequence(applied), hash: Digest256(Bytes(repeating: hash, count: 32)))
    }
    let base = head(1, 2, 10, 20, 5)
    #expect(base.covers(base))
    #expect(head(1, 2, 11, 21, 6).covers(base))
    #expect(head(1, 3, 0, 20, 0).covers(base))
    #expect(!head(1, 2, 9, 20, 5).covers(base))
    #expect(!head(1, 2, 10, 20, 6).covers(base))
    #expect(!head(1, 2, 11, 19, 6).covers(base))
    #expect(!head(1, 1, 99, 99, 5).covers(base))
    #expect(!head(2, 2, 11, 21, 5).covers(base))
    #expect(StoreHead(batches: 3, log: base).covers(StoreHead(batches: 3, log: nil)))
    #expect(!StoreHead(batches: 3, log: nil).covers(StoreHead(batches: 3, log: base)))
    #expect(!StoreHead(batches: 2, log: base).covers(StoreHead(batches: 3, log: base)))
  }

  @Test("store files: the file system is that of the longest mount point above the path")
  func mounts() {
    let text = """
      22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
      23 22 0:21 / /mnt rw shared:1 - nfs4 host:/x rw
      24 23 0:22 / /mnt/with\\040space rw master:1 propagate_from:2 - tmpfs tmpfs rw
      25 22 0:23 / /data rw - ext4 /dev/vdb rw
      26 22 0:24 / /data rw - xfs /dev/vdc rw
      broken line
      """
    func name(_ path: String) -> String? { StoreDirectory.fileSystemName(of: path, mountinfo: text) }
    #expect(name("/var/lib/store") == "ext4")
    #expect(name("/mnt") == "nfs4")
    #expect(name("/mnt/a/b") == "nfs4")
    #expect(name("/mnts") == "ext4")
    #expect(name("/mnt/with space/x") == "tmpfs")
    #expect(name("/data/x") == "xfs")
    #expect(StoreDirectory.judge("ext4") == .durable)
    #expect(StoreDirectory.judge("tmpfs") == .volatile)
    for kind in ["nfs4", "cifs", "vfat"] {
      guard case .unsuitable = StoreDirectory.judge(kind) else {
        Issue.record("\(kind) was accepted")
        continue
      }
    }
  }
}
