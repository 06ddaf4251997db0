import Access
import Engine
import Formats
import Foundation
import Messages
import Ports
import Primitives
import RocksStorage

/// Copies of a node's store: made while it runs, proved by putting them back, never trusted by their size.
///
/// A backup is a directory with `BACKUP` (the signed list of files with their SHA-256), `NODE`, `HEAD` and `rocks/`.
/// The
/// node's secret key is not in it: a copy of the data must not be enough to speak as the node. Keep `KEY` elsewhere.
public enum Backups {
  /// Bytes done and bytes in all.
  public typealias Progress = @Sendable (_ done: Int, _ total: Int) -> Void

  /// One backup that lies in a directory.
  public struct Found: Sendable {
    public let path: String
    public let manifest: BackupManifest
  }

  /// What a proof found.
  public struct Proof: Sendable {
    public let frames: Int
    public let logs: Int
    public let rows: UInt64
    public let seconds: Double
  }

  /// Every backup directly below `directory`, oldest first; others' files are passed over.
  public static func list(in directory: String) throws(Failure) -> [Found] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
      throw Failure(.storageIO, ["operation": "list", "reason": "it cannot be read", "file": directory])
    }
    var found: [Found] = []
    for name in names.sorted() {
      let path = "\(directory)/\(name)"
      guard FileManager.default.fileExists(atPath: "\(path)/\(BackupManifest.fileName)") else { continue }
      found.append(Found(path: path, manifest: try BackupManifest(in: path)))
    }
    return found.sorted { $0.manifest.created < $1.manifest.created }
  }

  // MARK: Making

  static func create(
    _ store: RocksStore, identity: NodeIdentity, into directory: String, progress: Progress
  ) throws -> Found {
    let files = FileManager.default
    try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let source = resolved(store.path)
    let target = resolved(directory)
    guard target != source, !target.hasPrefix(source + "/"), !source.hasPrefix(target + "/rocks") else {
      throw Failure(
        .apiBadParameter,
        ["parameter": "directory", "expected": "a place outside \(source)", "found": target])
    }
    let created = ISO8601DateFormatter().string(from: Date())
    let stamp = created.filter { $0 != "-" && $0 != ":" }
    let path = "\(target)/\(identity.rootOrgCode.string)-\(stamp)"
    let partial = path + ".partial"
    guard !files.fileExists(atPath: path), !files.fileExists(atPath: partial) else {
      throw Failure(.storageNotEmpty, ["directory": path])
    }
    let checkpoint = try Checkpoints.begin(in: source)
    defer { Checkpoints.end(checkpoint) }
    try store.checkpoint(to: checkpoint)
    let names =
      try ["NODE", "HEAD"] + files.contentsOfDirectory(atPath: "\(checkpoint)/rocks").sorted().map { "rocks/\($0)" }
    let total = names.reduce(0) { $0 + byteCount("\(checkpoint)/\($1)") }
    try requireSpace(total, at: target)
    do {
      try files.createDirectory(atPath: "\(partial)/rocks", withIntermediateDirectories: true)
      var list: [BackupManifest.File] = []
      var done = 0
      for name in names {
        list.append(try copy("\(checkpoint)/\(name)", to: partial, as: name))
        done += list[list.count - 1].byteCount
        progress(done, total)
      }
      let looked = try RocksStore.openReadOnly(directory: partial) { reader throws(StoreError) in
        try Engine.readHead(reader)
      }
      let head = looked.head
      looked.close()
      guard let log = head.log else { throw Failure(.storageCorrupt, ["file": partial, "reason": "it has no log"]) }
      guard let key = SigningKey(seed: try KeyFile.read(in: source)) else {
        throw Failure(.storageCorrupt, ["file": "KEY", "reason": "not a seed"])
      }
      let manifest = BackupManifest(
        node: identity.node, network: identity.network.string, rootOrgCode: identity.rootOrgCode.string,
        created: created, log: log.log, sequence: log.sequence.value, applied: log.applied.value, files: list,
        key: key.publicKey)
      try write(Data(manifest.encoded(by: key)), to: "\(partial)/\(BackupManifest.fileName)")
      try sync("\(partial)/rocks")
      try sync(partial)
      guard rename(partial, path) == 0 else { throw failed("rename", partial) }
      try sync(target)
      return Found(path: path, manifest: manifest)
    } catch {
      // A part of a backup is none; nothing else was there.
      try? files.removeItem(atPath: partial)
      throw error
    }
  }

  // MARK: Putting back

  /// Puts a backup into a missing or empty directory. The store opens read-only, pulls from its parent what happened
  /// since, and goes on under a new incarnation.
  ///
  /// Every file is copied beside the directory, held against the manifest and opened; only then does the directory
  /// appear, whole.
  ///
  /// - Parameters:
  ///   - keyFile: the node's `KEY`, which is in no backup.
  ///   - dryRun: checks everything that can be checked without writing: signature, key, hashes, space.
  /// - Throws: `XYL-STO-0012` for a backup that is not what its manifest says, `XYL-STO-0009` for a directory that
  ///   holds
  ///   something, `XYL-STO-0001` without room.
  public static func restore(
    from backup: String, to directory: String, keyFile: String, dryRun: Bool, progress: Progress = { _, _ in }
  ) throws(Failure) -> BackupManifest {
    do {
      let manifest = try put(backup, to: directory, keyFile: keyFile, dryRun: dryRun, progress: progress) { staging in
        let store = try open(staging)
        defer { store.close() }
        _ = try checkChain(store)
        try StandingMark.recovering.write(to: store)
      }
      return manifest
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  /// Proves a backup: puts it into a directory of its own, opens it as a node, checks every frame's place in its log
  /// and every row's checksum, counts the rows against the counters, and removes it again.
  ///
  /// - Parameter nodeDirectory: the node that shall remember the proof, for `doctor` and `status`; nil for nobody.
  public static func verify(
    _ backup: String, keyFile: String, scratch: String, rememberedBy nodeDirectory: String?,
    progress: Progress = { _, _ in }
  ) async throws(Failure) -> Proof {
    let started = Date()
    let directory = "\(scratch)/xylem-verify-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    do {
      var chain = (frames: 0, logs: 0)
      _ = try put(backup, to: directory, keyFile: keyFile, dryRun: false, progress: progress) { staging in
        let store = try open(staging)
        defer { store.close() }
        chain = try checkChain(store)
      }
      let node = try await Node.open(at: directory)
      let digests: [(partition: PartitionID, entity: EntityID, digest: RowDigest)]
      let counted: Int
      do {
        digests = try await node.digests(scope: Authoriser.embedder("verify"))
        counted = try await node.thread.perform { engine in
          engine.partitions.flatMap { engine.rowCounts($0) }.reduce(0) { $0 + $1.rows }
        }
      } catch {
        await node.close()
        throw error
      }
      await node.close()
      let rows = digests.reduce(UInt64(0)) { $0 + $1.digest.rows }
      guard rows == UInt64(counted) else {
        throw Failure(
          .storageBackupDamaged, ["file": backup, "reason": "\(rows) rows, the counters say \(counted)"])
      }
      if let nodeDirectory { try remember(backup, in: nodeDirectory) }
      return Proof(
        frames: chain.frames, logs: chain.logs, rows: rows, seconds: Date().timeIntervalSince(started))
    } catch { throw Failure(anyError: error, directory: directory) }
  }

  private static func put(
    _ backup: String, to directory: String, keyFile: String, dryRun: Bool, progress: Progress,
    _ check: (String) throws -> Void
  ) throws -> BackupManifest {
    let files = FileManager.default
    let manifest = try BackupManifest(in: backup)
    let secret = try KeyFile.read(at: keyFile)
    guard SigningKey(seed: secret)?.publicKey == manifest.key else {
      throw Failure(.storageBackupDamaged, ["file": backup, "reason": "it was made with another key than \(keyFile)"])
    }
    if let names = try? files.contentsOfDirectory(atPath: directory), !names.isEmpty {
      throw Failure(.storageNotEmpty, ["directory": directory])
    }
    let parent = URL(fileURLWithPath: directory).deletingLastPathComponent().path
    try requireSpace(manifest.byteCount, at: parent)
    let staging = directory + ".restoring"
    if !dryRun {
      // Ours alone: a restore that died left it, and nobody opens a directory of this name.
      if files.fileExists(atPath: staging) { try files.removeItem(atPath: staging) }
      try files.createDirectory(
        atPath: "\(staging)/rocks", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    do {
      var done = 0
      for file in manifest.files {
        let found = try copy("\(backup)/\(file.name)", to: dryRun ? nil : staging, as: file.name)
        guard found.byteCount == file.byteCount, found.digest == file.digest else {
          throw Failure(
            .storageBackupDamaged, ["file": "\(backup)/\(file.name)", "reason": "its SHA-256 or its length differs"])
        }
        done += file.byteCount
        progress(done, manifest.byteCount)
      }
      if dryRun { return manifest }
      try KeyFile.create(secret, in: staging)
      try check(staging)
      try sync("\(staging)/rocks")
      try sync(staging)
      // Empty, or it would have been refused.
      if files.fileExists(atPath: directory) { try files.removeItem(atPath: directory) }
      guard rename(staging, directory) == 0 else { throw failed("rename", staging) }
      try sync(parent)
      return manifest
    } catch {
      if !dryRun { try? files.removeItem(atPath: staging) }
      throw error
    }
  }

  private static func open(_ directory: String) throws -> RocksStore {
    try RocksStore.open(directory: directory, expecting: ExpectedIdentity()) { reader throws(StoreError) in
      try Engine.readHead(reader)
    }
  }

  /// Every frame follows the one before in its log, has its body, and the heads are those of the logs.
  private static func checkChain(_ store: RocksStore) throws -> (frames: Int, logs: Int) {
    let codec = FrameCodec()
    var frames = 0
    var heads: [LogID: (last: Sequence64, hash: Digest256)] = [:]
    var fault: String?
    try store.scan(.log, from: [], to: nil) { key, value in
      guard value.count > 8, let frame = try? codec.parse(Bytes(value.dropFirst(8))), (try? codec.open(frame)) != nil
      else {
        fault = "frame \(Bytes(key).hex) does not open"
        return false
      }
      let header = frame.header
      let head = heads[header.log] ?? (.zero, .zero)
      guard header.first == head.last.next, header.previous == head.hash else {
        fault = "log \(header.log.value) is broken at \(header.first.value)"
        return false
      }
      heads[header.log] = (header.last, frame.hash)
      frames += 1
      return true
    }
    if let fault { throw Failure(.storageBackupDamaged, ["file": store.path, "reason": fault]) }
    for log in heads.keys.sorted() {
      guard let bytes = try store.get(.meta, MetaKey.head(log)), bytes.count > 40,
        Bytes(bytes[8..<40]) == heads[log]?.hash.bytes
      else { throw Failure(.storageBackupDamaged, ["file": store.path, "reason": "the head of log \(log.value)"]) }
    }
    return (frames, heads.count)
  }
}
