import Engine
import Formats
import Foundation
import Ports
import Primitives
import RocksStorage

/// What a parent pays for frames of a child: `receive-meter [members] [frames to a sync] [directory] [run]`.
///
/// Every run has a store of its own; its closing, which flushes, is part of the cost.
@main
struct Meter {
  let directory: String
  let group: Int
  let only: String?
  let child: NodeIdentity
  let key: SigningKey
  private let runs = RunCount()

  static func main() throws {
    let arguments = CommandLine.arguments
    let members = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 20_000
    let group = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 1
    guard members > 0, group > 0, let key = SigningKey(seed: Bytes(repeating: 2, count: SigningKey.seedByteCount))
    else {
      throw MeterError("receive-meter [members] [frames to a sync] [directory] [open|apply|all|snapshot|store]")
    }
    let base = arguments.count > 3 ? arguments[3] : FileManager.default.currentDirectoryPath
    let directory = "\(base)/receive-meter-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let meter = Meter(directory: directory, group: group, only: arguments.count > 4 ? arguments[4] : nil, key: key)
    let catalogued = try Parent("\(directory)/catalogued")
    defer { catalogued.store.close() }
    for rows in [200, 1000] {
      let city = try City(members: members, rows: rows, engine: catalogued.engine, child: meter.child, key: key)
      let bytes = city.frames.reduce(0) { $0 + $1.count }
      print("\(city.members) members with education, \(city.frames.count) frames of \(rows), \(bytes) bytes")
      try meter.run(city, rows)
    }
  }

  private init(directory: String, group: Int, only: String?, key: SigningKey) {
    self.directory = directory
    self.group = group
    self.only = only
    self.key = key
    child = NodeIdentity(
      network: Parent.network, node: NodeID(2), key: key.publicKey, rootOrgCode: "033001", rootOrgName: "区委",
      parentOrgCode: "033")
  }

  private func wants(_ run: String) -> Bool { only == nil || only == run }

  private func run(_ city: City, _ rows: Int) throws {
    let name = "frames of \(rows), \(group) to a sync: "
    if wants("open") {
      let codec = FrameCodec()
      try measure(name + "check and open", city.members) { _ in
        for bytes in city.frames {
          let frame = try codec.parse(bytes)
          try codec.verify(frame, by: child.key)
          _ = try codec.open(frame)
        }
      }
    }
    if wants("apply") {
      try measure(name + "apply", city.members) { try $0.take(city.frames, group: group, indexes: .never) }
    }
    if wants("all") {
      try measure(name + "apply and indexes", city.members) {
        try $0.take(city.frames, group: group, indexes: .whenDue)
      }
    }
    if wants("snapshot") {
      runs.value += 1
      let path = "\(directory)/\(runs.value)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for line in try FirstSyncRun(city, directory: path, child: child, key: key).lines { print(line) }
      try FileManager.default.removeItem(atPath: path)
    }
    guard wants("store") else { return }
    let source = try Parent("\(directory)/source-\(rows)")
    try source.greet(child)
    try source.take(city.frames, group: group, indexes: .whenDue, keeps: true)
    source.store.close()
    try measure(name + "the same batches put", city.members) { parent in
      for (batch, durability) in source.batches { try parent.store.write(batch, durability) }
    }
    try measure(name + "those without index", city.members) { parent in
      for (batch, durability) in source.batches where !batch.isOfIndex { try parent.store.write(batch, durability) }
    }
  }

  /// Runs `body` with a fresh store and prints what a member with its education cost.
  private func measure(_ title: String, _ count: Int, _ body: (Parent) throws -> Void) throws {
    runs.value += 1
    let path = "\(directory)/\(runs.value)"
    let parent = try Parent(path)
    try parent.greet(child)
    let cost = try Cost {
      try body(parent)
      parent.store.close()
    }
    try FileManager.default.removeItem(atPath: path)
    let rate = "\(Int(Double(count) / cost.seconds))"
    print(
      title.padding(toLength: 48, withPad: " ", startingAt: 0),
      String(repeating: " ", count: max(0, 8 - rate.count)) + rate, "members/s",
      String(format: "%7.1f µs processor a member", cost.processor * 1e6 / Double(count)))
  }
}

/// How many stores were made.
private final class RunCount {
  var value = 0
}
