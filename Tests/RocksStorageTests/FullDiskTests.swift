import Foundation
import Glibc
import Ports
import Primitives
import RocksStorage
import Testing

/// A file system of its own in memory; needs the right to mount.
private struct SmallDisk {
  let path: String

  static let isPossible: Bool = {
    guard geteuid() == 0, let disk = try? SmallDisk(mebibytes: 4) else { return false }
    disk.remove()
    return true
  }()

  init(mebibytes: Int) throws {
    path = "\(NSTemporaryDirectory())/xylem-disk-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
      rmdir(path)
      throw POSIXError(.EPERM)
    }
  }

  func remove() {
    umount(path)
    rmdir(path)
  }
}

/// Goal: a full disk refuses writes with certainty, keeps every acknowledged batch readable, and mends itself.
@Suite("full disk", .enabled(if: SmallDisk.isPossible))
struct FullDiskTests {
  @Test(
    "full disk: writes are refused, reads go on, writes return with the space; nothing acknowledged is lost",
    arguments: [0, 6])
  func fills(_ reserveMebibytes: Int) throws {
    let disk = try SmallDisk(mebibytes: 40)
    defer { disk.remove() }
    let ballast = "\(disk.path)/ballast"
    try FileBytes.write(Bytes(repeating: 1, count: 16 << 20), ballast)
    var options = StoreOptions()
    options.freeBytesMin = .mebibytes(reserveMebibytes)
    let directory = "\(disk.path)/store"
    let store = try RocksStore.initialise(directory: directory, identity: StoreFixture.identity, options: options)
    var random = SeededRandom(seed: 3)
    func put(_ number: Int) throws(StoreError) {
      var batch = WriteBatch()
      let value = (0..<4096).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
      batch.put(.rows, StoreFixture.key(number), value)
      batch.put(.log, StoreFixture.key(number), StoreFixture.key(number))
      try store.write(batch, .synced)
    }
    var acknowledged: [Int] = []
    var refusal: StoreError?
    var number = 0
    while refusal == nil && number < 5000 {
      number += 1
      do throws(StoreError) {
        try put(number)
        acknowledged.append(number)
      } catch { refusal = error }
    }
    guard case .full = refusal else {
      Issue.record("not refused as full: \(String(describing: refusal)) at \(number)")
      return
    }
    for number in acknowledged { #expect(try store.get(.log, StoreFixture.key(number)) != nil) }
    #expect(try store.get(.log, StoreFixture.key(number)) == nil)
    try FileManager.default.removeItem(atPath: ballast)
    // RocksDB looks for space every few seconds.
    let deadline = time(nil) + 30
    var isBack = false
    while !isBack && time(nil) < deadline {
      number += 1
      do throws(StoreError) {
        try put(number)
        acknowledged.append(number)
        isBack = true
      } catch { usleep(200_000) }
    }
    #expect(isBack, "no write went through within 30 s")
    store.close()
    let again = try RocksStore.open(
      directory: directory, expecting: StoreFixture.expected, options: options,
      readHead: { _ throws(StoreError) in nil })
    defer { again.close() }
    var found: [Int] = []
    try again.scan(.log, from: [], to: nil) { key, _ in
      found.append(key.reduce(0) { $0 << 8 | Int($1) })
      return true
    }
    #expect(found == acknowledged)
  }

  @Test("full disk: a sorted run that has no room is refused whole, leaves no file, and goes through with the space")
  func runs() throws {
    let disk = try SmallDisk(mebibytes: 40)
    defer { disk.remove() }
    let ballast = "\(disk.path)/ballast"
    try FileBytes.write(Bytes(repeating: 1, count: 16 << 20), ballast)
    var options = StoreOptions()
    options.freeBytesMin = .mebibytes(0)
    let store = try RocksStore.initialise(
      directory: "\(disk.path)/store", identity: StoreFixture.identity, options: options)
    defer { store.close() }
    var random = SeededRandom(seed: 4)
    func run(_ number: Int) -> WriteBatch {
      var batch = WriteBatch()
      batch.put(.rows, [0], StoreFixture.key(number))
      for part in 0..<40 {
        let value = (0..<5000).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
        batch.put(.rows, [1] + StoreFixture.key(number * 100 + part), value)
      }
      return batch
    }
    var taken = 0
    var refusal: StoreError?
    while refusal == nil && taken < 100 {
      do throws(StoreError) {
        try store.write(run(taken + 1), .rebuildable)
        taken += 1
      } catch { refusal = error }
    }
    guard case .full = refusal else {
      Issue.record("not refused as full: \(String(describing: refusal)) after \(taken) runs")
      return
    }
    #expect(taken > 2)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(disk.path)/store/runs").isEmpty)
    #expect(try store.get(.rows, [0]) == StoreFixture.key(taken))
    try FileManager.default.removeItem(atPath: ballast)
    try store.write(run(taken + 1), .rebuildable)
    var count = 0
    try store.scan(.rows, from: [1], to: nil) { _, _ in
      count += 1
      return true
    }
    #expect(count == (taken + 1) * 40)
  }
}
