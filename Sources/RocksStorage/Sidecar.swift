import Glibc
import Ports
import Primitives
import Synchronization

/// The file HEAD beside the database: how much was acknowledged, known without asking the database.
///
/// RocksDB ends its recovery silently at the first damaged record of its write-ahead log, so a database that opens well
/// may be shorter than what callers were told is safe. This file tells.
///
/// 1. It is written after the batch is durable and before the caller hears so: it is never ahead of the database.
/// 2. It reaches the file system's cache with each batch, so `kill -9` loses nothing of it, and the device once a
///    second: after a power cut it may be up to a second old, and damage to just that second's batches goes unseen
///    here. A parent sees it.
/// 3. Two slots take turns, so a torn write leaves the other.
final class Sidecar: Sendable {
  private struct State {
    var record: SidecarRecord
    var isDirty = false
  }

  private let file: PosixFile
  private let state: Mutex<State>

  /// What reading found.
  struct Finding {
    let record: SidecarRecord
    /// A slot that does not decode; one is the trace of a crash or of damage, and the other still tells.
    let slotsDamaged: Int
  }

  private init(_ file: PosixFile, _ record: SidecarRecord) {
    self.file = file
    state = Mutex(State(record: record))
  }

  /// Makes the file of a new or deliberately accepted store, both slots alike, durable on return.
  static func place(_ record: SidecarRecord, in directory: StoreDirectory) throws(FileFailure) {
    var second = record
    second.counter += 1
    // The slot is counter % 2; `place` is for even counters, so that the second slot is the newer.
    require(record.counter % 2 == 0, "a sidecar begins with an even counter")
    try PosixFile.place(record.encoded + second.encoded, at: directory.sidecarFile, in: directory.path)
  }

  /// Reads the newer slot.
  ///
  /// - Throws: `.missing`, or `.damaged` when no slot tells or the file is another node's.
  static func read(_ directory: StoreDirectory, of node: NodeID) throws(OpenError) -> Finding {
    let path = directory.sidecarFile
    let bytes = try opening { () throws(FileFailure) in
      try PosixFile.content(path, byteCountMax: SidecarRecord.byteCount * 2)
    }
    let slots = [bytes.prefix(SidecarRecord.byteCount), bytes.dropFirst(SidecarRecord.byteCount)]
    let records = slots.compactMap { SidecarRecord.decode(Bytes($0)) }
    guard let newest = records.max(by: { $0.counter < $1.counter }) else {
      throw .damaged(file: path, detail: "no slot of it has a valid checksum")
    }
    guard newest.node == node else { throw .damaged(file: path, detail: "it belongs to node \(newest.node.value)") }
    return Finding(record: newest, slotsDamaged: slots.count - records.count)
  }

  /// Opens the file for writing on from `record`.
  static func open(_ directory: StoreDirectory, from record: SidecarRecord) throws(FileFailure) -> Sidecar {
    Sidecar(try PosixFile(directory.sidecarFile, O_RDWR), record)
  }

  /// What was acknowledged last.
  var head: StoreHead { state.withLock { $0.record.head } }

  /// Records an acknowledged head.
  ///
  /// - Requires: nothing acknowledged before is taken back.
  func acknowledge(_ head: StoreHead) throws(FileFailure) {
    try change { record in
      require(head.covers(record.head), "acknowledged \(record.head), now \(head)")
      record.head = head
    }
  }

  /// The shorter database is marked as to be recovered: its own mark says so from now on. Durable on return.
  func forgetAccepted() throws(FileFailure) {
    try change { record in record.isAccepted = false }
    try sync()
  }

  /// Looks at RocksDB's files and records what is durable of them.
  func observe(_ directory: StoreDirectory) throws(FileFailure) {
    let (manifest, closedLogs) = state.withLock { ($0.record.manifest, $0.record.closedLogs) }
    guard let sight = try FileWatch.look(at: directory, known: manifest) else { return }
    if sight.manifest == manifest && sight.closedLogs == closedLogs { return }
    try change { record in
      record.manifest = sight.manifest
      record.closedLogs = sight.closedLogs
    }
  }

  private func change(_ change: (inout SidecarRecord) -> Void) throws(FileFailure) {
    try state.withLock { state throws(FileFailure) in
      var next = state.record
      change(&next)
      next.counter += 1
      let slot = Int(next.counter % 2)
      try file.write(next.encoded, at: slot * SidecarRecord.byteCount)
      state = State(record: next, isDirty: true)
    }
  }

  /// Makes what was recorded durable; free when nothing was.
  func sync() throws(FileFailure) {
    let isDirty = state.withLock { state in
      defer { state.isDirty = false }
      return state.isDirty
    }
    if isDirty { try file.syncData() }
  }
}
