import Formats
import Ports
import Primitives
import Replication

/// The snapshots a store holds, takes and passes on.
///
/// A snapshot stands in the apply order like a frame, and rows follow from it as they do from frames:
///
/// 1. Chunks are durable, each proved by the owner's signed manifest, before the snapshot is taken; nothing of them is
///    a row until then.
/// 2. It is taken by one synced batch: apply order, heads, and that it is the base of its partition. Only then its rows
///    and entries are written, behind the cursors of rows and indexes; those do not pass it before all are.
/// 3. No frame of the partition is applied between the two.
/// 4. From then on the partition is this base and the frames behind it: so it is handed on, upward and downward.
struct Snapshots {
  /// A snapshot that comes in.
  struct Receiving {
    var receipt: SnapshotReceipt
    /// Who sends it now.
    var link: LinkID?
  }

  /// What was taken, or known already, and must be told to who offered it once it is durable and complete.
  struct Promise {
    let link: LinkID
    let partition: PartitionID
    let manifest: SnapshotManifest
  }

  /// By partition: what its log begins behind here, or what its owner made for a parent.
  private(set) var bases: [PartitionID: SnapshotBase] = [:]
  private(set) var floors: [LogID: LogFloor] = [:]
  var receiving: [PartitionID: Receiving] = [:]
  /// Taken; their rows are not written yet.
  var untouched: [PartitionID] = []
  var installation: SnapshotInstallation?
  /// What a flush must cover before anybody reads: an installation ended.
  var flushIsDue = false
  var promises: [Promise] = []
  /// What the parent was offered on a link.
  var offered: [LinkID: Digest256] = [:]
  /// An own snapshot is to be made at the next quiet moment.
  var isWanted = false
  /// Rows were replaced as a whole: who follows them by changes must read them anew.
  var rowsWereReplaced = false
  var rowsMin = FirstSync.rowsMin
  var chunkBytes = 256 << 10
  var figures = SnapshotFigures()
  var bytesReceived: UInt64 = 0
  /// From which chunk on the parent asked last on a link: so many are durable there.
  var asked: [LinkID: UInt32] = [:]
  /// For the log, until somebody takes them; nobody has to.
  var notes: [SnapshotNote] = []

  /// Keeps a note; the oldest goes when nobody takes them.
  mutating func note(_ note: SnapshotNote) {
    if notes.count == 64 { notes.removeFirst() }
    notes.append(note)
  }

  /// So many are received at the same time; others wait for their turn.
  static let receivingMax = 4

  mutating func set(_ base: SnapshotBase) {
    let partition = base.manifest.facts.partition
    remove(partition)
    bases[partition] = base
    guard let covered = base.covered else { return }
    for end in base.manifest.facts.logs {
      floors[end.log] = LogFloor(last: end.last, hash: end.hash, first: covered.first)
    }
  }

  mutating func remove(_ partition: PartitionID) {
    guard let base = bases.removeValue(forKey: partition) else { return }
    for end in base.manifest.facts.logs { floors[end.log] = nil }
  }

  /// The base with this name.
  func base(_ id: Digest256) -> SnapshotBase? {
    bases.keys.sorted().lazy.compactMap { bases[$0] }.first { $0.manifest.id == id }
  }

  mutating func taken() {
    for partition in receiving.keys.sorted() { receiving[partition]?.receipt.taken() }
  }

  mutating func written() {
    for partition in receiving.keys.sorted() { receiving[partition]?.receipt.written() }
  }

  mutating func forget(_ id: LinkID) {
    offered[id] = nil
    asked[id] = nil
    promises.removeAll { $0.link == id }
    for partition in receiving.keys.sorted() where receiving[partition]?.link == id { receiving[partition]?.link = nil }
    if offered.isEmpty { isWanted = false }
  }

  /// Snapshots of which every chunk is durable, whose taking only waits for a quiet moment.
  var ready: [PartitionID] { receiving.keys.sorted().filter { receiving[$0]?.receipt.isComplete ?? false } }
  /// Whether rows in memory must reach the store for what comes next.
  var wantsFlush: Bool { isWanted || flushIsDue || !ready.isEmpty }
  /// Whether the driver should come round again without an event.
  var wantsTurn: Bool { wantsFlush || !untouched.isEmpty }
}

/// What snapshots did since the engine was opened.
public struct SnapshotFigures: Hashable, Sendable {
  /// Made of our own rows.
  public internal(set) var made = 0
  /// Chunks sent, and chunks that came and were stored.
  public internal(set) var chunksSent = 0
  public internal(set) var chunksReceived = 0
  /// Chunks that were in the store when the sender was asked to go on.
  public internal(set) var chunksResumed = 0
  /// Taken where nothing of the partition was, and in place of older rows.
  public internal(set) var taken = 0
  public internal(set) var replaced = 0
  /// Made again at opening, for a crash had come in between.
  public internal(set) var restarted = 0

  /// Nothing happened.
  public init() {}

  /// What another life did besides.
  public mutating func add(_ more: SnapshotFigures) {
    made += more.made
    chunksSent += more.chunksSent
    chunksReceived += more.chunksReceived
    chunksResumed += more.chunksResumed
    taken += more.taken
    replaced += more.replaced
    restarted += more.restarted
  }
}

extension Engine {
  /// Rows of a domain from which on its first sync goes by snapshot (`FirstSync`).
  public var firstSyncRowsMin: Int {
    get { snapshots.rowsMin }
    set { snapshots.rowsMin = newValue }
  }

  /// Bytes of rows, unpacked, at which a chunk is cut.
  public var snapshotChunkBytes: Int {
    get { snapshots.chunkBytes }
    set { snapshots.chunkBytes = newValue }
  }

  /// Bytes of the chunks that came since the engine was opened.
  public var snapshotBytesReceived: UInt64 { snapshots.bytesReceived }

  /// What snapshots did since the engine was opened.
  public var snapshotFigures: SnapshotFigures { snapshots.figures }

  /// Whether rows were replaced as a whole since the last call: who followed ``takeDurableRows()`` must begin anew.
  public func takeRowsWereReplaced() -> Bool {
    defer { snapshots.rowsWereReplaced = false }
    return snapshots.rowsWereReplaced
  }

  /// Reads which snapshots the store has, whole and in part.
  func loadSnapshots() throws(EngineError) {
    var damage: String?
    var receipts: [SnapshotManifest] = []
    do {
      try store.scan(.meta, from: MetaKey.bases, to: MetaKey.bases.prefixEnd()) { key, value in
        do throws(MalformedBytes) { snapshots.set(try SnapshotBase(Bytes(value), with: codec.hashing)) } catch {
          damage = "snapshot at \(Bytes(key).hex): \(error.expected)"
        }
        return damage == nil
      }
      try store.scan(.meta, from: MetaKey.receipts, to: MetaKey.receipts.prefixEnd()) { key, value in
        do throws(MalformedBytes) { receipts.append(try SnapshotManifest(Bytes(value), with: codec.hashing)) } catch {
          damage = "snapshot receipt at \(Bytes(key).hex): \(error.expected)"
        }
        return damage == nil
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
    for manifest in receipts {
      let durable = try durableChunks(of: manifest)
      snapshots.receiving[manifest.facts.partition] = .init(
        receipt: SnapshotReceipt(manifest, durable: durable), link: nil)
    }
  }

  /// How many chunks of a snapshot are in the store, without a gap.
  private func durableChunks(of manifest: SnapshotManifest) throws(EngineError) -> Int {
    let prefix = manifest.key
    var count: UInt32 = 0
    do {
      try store.scan(.log, from: prefix, to: prefix.prefixEnd()) { key, _ in
        guard key.count == prefix.count + 4,
          UInt32(bigEndian: key.loadUnaligned(fromByteOffset: prefix.count, as: UInt32.self)) == count
        else { return false }
        count += 1
        return true
      }
    } catch { throw .store(error) }
    return Swift.min(Int(count), manifest.facts.chunks.count)
  }

  /// Reads a chunk that is here; `.corrupt` when it is not what the manifest says.
  func chunk(_ number: Int, of manifest: SnapshotManifest) throws(EngineError) -> Bytes {
    let (partition, end) = (manifest.facts.partition, manifest.current)
    guard let bytes = try value(.log, Keys.snapshotChunk(partition, end.log, end.last, number: UInt32(number))),
      codec.hashing.digest(bytes) == manifest.facts.chunks[number].digest
    else { throw .corrupt("chunk \(number) of the snapshot of partition \(partition.value) at \(end.last.value)") }
    return bytes
  }

  /// Lends the rows of a chunk.
  func forEachRow(
    _ bytes: Bytes, _ number: Int, of manifest: SnapshotManifest,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
  ) throws(MalformedBytes) {
    let chunks = manifest.facts.chunks
    try SnapshotChunk.forEachRow(
      bytes, chunks[number], before: number + 1 < chunks.count ? chunks[number + 1].first : nil,
      of: manifest.facts.partition, with: snapshotCompression, body)
  }

  /// Everything applied is durable and in the store, and no batch is open: what a scan finds is the rows at
  /// ``durableApplied``, and what is begun now is alone in its batch's beginning.
  var isQuiet: Bool {
    !writes.hasInFlight && !wantsWrite && applied == durableApplied && rows.cursor == applied && index.cursor == applied
      && snapshots.untouched.isEmpty
  }
}

extension SnapshotManifest {
  /// Its place in the apply order, and what every chunk's key begins with.
  var key: Bytes { Keys.snapshot(facts.partition, current.log, current.last) }
}

// MARK: What the frames' machines ask

extension Engine {
  public func floor(of log: LogID) -> LogFloor? { snapshots.floors[log] }

  public func snapshot(at sequence: ApplySequence) throws(EngineError) -> SnapshotPlace? {
    // Stores without a base read nothing for it.
    guard !snapshots.floors.isEmpty, let key = try value(.order, Keys.order(sequence)),
      let partition = Keys.parseSnapshot(key)
    else { return nil }
    guard let base = snapshots.bases[partition], base.covered != nil else {
      throw .corrupt("the snapshot at \(sequence.value) of the apply order is missing")
    }
    return SnapshotPlace(partition: partition, ends: base.manifest.facts.logs)
  }

  /// Whether a frame waits for rows that a snapshot brings: what is applied meanwhile would be lost under them.
  func waitsForSnapshot(_ partition: PartitionID) -> Bool {
    !snapshots.untouched.isEmpty && snapshots.untouched.contains(partition)
      && Defect.active != .framesOvertakeSnapshot
  }
}
