import Catalog
import Formats
import Ports
import Primitives

/// Reads a whole store bit by bit and tells what rotted: a moment and a cursor in, findings out.
///
/// 1. Every row: its checksum and its form. On samples, that every entry it should have stands in the index.
/// 2. Of index entries, on samples: that they lead to a row which has them.
/// 3. Every frame of every log: form, body hash, that it follows the one before, and its owner's signature where the
///    owner's present key made it.
///
/// Steps may read different moments: nothing is compared across steps but a log's chain, which only grows.
public struct Scrub: Sendable {
  /// One thing that is wrong.
  public struct Damage: Hashable, Sendable {
    /// What is wrong.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
      /// The row fails its checksum, or is none.
      case row
      /// A block cannot be read: what follows this key in its entity or log was not looked at.
      case block
      /// A row lacks an entry, or an entry leads nowhere.
      case index
      /// A frame cannot be read, or does not follow the one before it.
      case chain
      /// The owner's key did not sign a frame.
      case signature
    }
    public let kind: Kind
    public let space: Keyspace
    public let key: Bytes

    /// Where, in words without personal data.
    public var place: String {
      if space == .log, let (log, last) = Keys.parseFrame(key) {
        return "log \(String(log.value, radix: 16)) at \(last.value)"
      }
      if space == .log, ScrubSnapshots.isChunk(key) { return "snapshot chunk \(Bytes(key.dropFirst(8)).hex)" }
      return "\(space) \(key.hex)"
    }
  }

  /// What one pass has seen.
  public struct Tally: Hashable, Sendable {
    public internal(set) var rows = 0
    public internal(set) var entries = 0
    /// Rows and entries held against each other.
    public internal(set) var samples = 0
    public internal(set) var frames = 0
    /// Frames whose signer's key is not known here any more.
    public internal(set) var unverified = 0
    public internal(set) var bytes = 0
    /// Everything found, counted; the first ``damageMax`` are listed.
    public internal(set) var damaged = 0
    public internal(set) var damage: [Damage] = []
  }

  private enum Stage: Int, Sendable {
    case rows
    case index
    case log
    case done
  }

  /// Every so many-th row and entry is held against its counterpart.
  static let sampleEach = 64
  /// Damage listed in one pass.
  public static let damageMax = 1000

  public private(set) var tally = Tally()
  private var stage = Stage.rows
  /// The next key to read.
  private var cursor = RowsKey.first
  /// The last frame seen: the next of its log must follow it.
  private var lastFrame: (log: LogID, last: Sequence64, hash: Digest256)?

  /// The beginning of a pass.
  public init() {}

  /// Whether the pass is over.
  public var isDone: Bool { stage == .done }
  /// `rows`, `index`, `log` or `done`.
  public var stageName: String { "\(stage)" }

  /// What a step needs to know of the node besides its store.
  public struct Context {
    let entries: IndexEntries
    let keys: [NodeID: PublicKey]
    let codec: FrameCodec

    /// - Parameter keys: the present keys of the owners of logs.
    public init(_ catalog: Catalog, keys: [NodeID: PublicKey]) {
      entries = IndexEntries(catalog: catalog)
      self.keys = keys
      codec = FrameCodec()
    }
  }

  /// Reads on for about `bytesMax` bytes.
  ///
  /// - Parameters:
  ///   - reader: a moment of everything durable, indexes complete.
  ///   - isSetAside: rows that are known to be damaged already; they are counted, not told again.
  /// - Returns: what was found in this step.
  /// - Throws: a store that cannot be read at all; damage is a finding.
  public mutating func step(
    _ reader: any StoreReader, bytesMax: Int, _ context: Context
  ) throws(StoreError) -> [Damage] {
    let before = tally.damaged
    let listed = tally.damage.count
    var left = bytesMax
    while left > 0, stage != .done {
      let read = tally.bytes
      let isThrough =
        switch stage {
        case .rows: try scanRows(reader, left, context)
        case .index: try scanIndex(reader, left, context)
        case .log: try scanLog(reader, left, context)
        case .done: true
        }
      left -= Swift.max(1, tally.bytes - read)
      if isThrough { advance() }
    }
    return tally.damaged == before ? [] : Array(tally.damage[listed...])
  }

  private mutating func advance() {
    stage = Stage(rawValue: stage.rawValue + 1) ?? .done
    // The cursor of the index itself is no entry.
    cursor = stage == .index ? [1] : []
    lastFrame = nil
  }

  private mutating func found(_ kind: Damage.Kind, _ space: Keyspace, _ key: Bytes) {
    tally.damaged += 1
    if tally.damage.count < Scrub.damageMax { tally.damage.append(Damage(kind: kind, space: space, key: key)) }
  }

  /// Lends every key from the cursor on until `bytesMax` bytes are read.
  ///
  /// - Parameter skip: where to go on behind a block that cannot be read; nil ends the keyspace.
  /// - Returns: whether the keyspace is through.
  private mutating func scan(
    _ reader: any StoreReader, _ space: Keyspace, _ bytesMax: Int, skip: (Bytes) -> Bytes?,
    _ body: (inout Scrub, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
  ) throws(StoreError) -> Bool {
    var last = cursor
    var next: Bytes?
    var read = 0
    var scrub = self
    do {
      try reader.scan(space, from: cursor, to: nil) { key, value in
        if read >= bytesMax {
          next = Bytes(key)
          return false
        }
        read += key.count + value.count
        last = Bytes(key)
        body(&scrub, key, value)
        return true
      }
    } catch {
      guard case .corrupt = error else { throw error }
      scrub.found(.block, space, last)
      next = skip(last)
    }
    self = scrub
    tally.bytes += read
    cursor = next ?? []
    return next == nil
  }

  // MARK: Keyspaces

  private mutating func scanRows(
    _ reader: any StoreReader, _ bytesMax: Int, _ context: Context
  ) throws(StoreError) -> Bool {
    var failure: StoreError?
    let isThrough = try scan(reader, .rows, bytesMax, skip: { $0.count >= 9 ? Bytes($0[0..<9]).prefixEnd() : nil }) {
      scrub, key, value in
      scrub.tally.rows += 1
      guard let (partition, recordKey) = Keys.parseRow(key),
        Row.isIntact(key: key, value: value, with: context.codec.hashing), let view = try? RowView(Bytes(value))
      else { return scrub.found(.row, .rows, Bytes(key)) }
      guard scrub.tally.rows % Scrub.sampleEach == 1, failure == nil else { return }
      scrub.tally.samples += 1
      for entry in context.entries.entries(partition, recordKey, view.value) {
        do throws(StoreError) {
          if try reader.get(.index, entry.key) != entry.target { scrub.found(.index, .rows, Bytes(key)) }
        } catch { failure = error }
      }
    }
    if let failure { try noteUnreadable(failure, .index) }
    return isThrough
  }

  private mutating func scanIndex(
    _ reader: any StoreReader, _ bytesMax: Int, _ context: Context
  ) throws(StoreError) -> Bool {
    var failure: StoreError?
    let isThrough = try scan(reader, .index, bytesMax, skip: { $0.count >= 3 ? Bytes($0[0..<3]).prefixEnd() : nil }) {
      scrub, key, value in
      scrub.tally.entries += 1
      guard scrub.tally.entries % Scrub.sampleEach == 1, failure == nil else { return }
      scrub.tally.samples += 1
      let target = value.isEmpty ? Bytes(key.suffix(Keys.rowByteCount)) : Bytes(value)
      do throws(StoreError) {
        let row = try reader.get(.rows, target)
        guard let row, let view = try? RowView(row),
          let (partition, recordKey) = target.withUnsafeBytes({ Keys.parseRow($0) })
        else { return scrub.found(.index, .index, Bytes(key)) }
        let own = Bytes(key)
        guard context.entries.entries(partition, recordKey, view.value).contains(where: { $0.key == own }) else {
          return scrub.found(.index, .index, own)
        }
      } catch { failure = error }
    }
    if let failure { try noteUnreadable(failure, .rows) }
    return isThrough
  }

  /// A counterpart that cannot be read is found by the scan of its own keyspace; another failure ends the step.
  private mutating func noteUnreadable(_ failure: StoreError, _ space: Keyspace) throws(StoreError) {
    guard case .corrupt = failure else { throw failure }
  }

  private mutating func scanLog(
    _ reader: any StoreReader, _ bytesMax: Int, _ context: Context
  ) throws(StoreError) -> Bool {
    let snapshots = try ScrubSnapshots(reader, context.codec.hashing)
    return try scan(reader, .log, bytesMax, skip: { $0.count >= 8 ? Bytes($0[0..<8]).prefixEnd() : nil }) {
      scrub, key, value in
      let place = Bytes(key)
      if ScrubSnapshots.isChunk(place) {
        if !snapshots.isIntact(place, value, context.codec.hashing) { scrub.found(.chain, .log, place) }
        return
      }
      scrub.tally.frames += 1
      guard let (log, last) = Keys.parseFrame(place), let frame = try? context.codec.parse(Bytes(value.dropFirst(8))),
        frame.header.log == log, frame.header.last == last
      else {
        scrub.lastFrame = nil
        return scrub.found(.chain, .log, place)
      }
      if let before = scrub.lastFrame, before.log == log, !snapshots.isBehindSnapshot(frame.header),
        frame.header.previous != before.hash || frame.header.first != before.last.next
      {
        scrub.found(.chain, .log, place)
      }
      scrub.lastFrame = (log, last, frame.hash)
      guard let key = context.keys[log.node], key.id == frame.header.keyID else { return scrub.tally.unverified += 1 }
      do { try context.codec.verify(frame, by: key) } catch { scrub.found(.signature, .log, place) }
    }
  }
}

extension Engine {
  /// What a ``Scrub`` needs to know of this node.
  public var ownerKeys: [NodeID: PublicKey] {
    var keys = [identity.node: identity.key]
    for assignment in assignments.all { keys[assignment.owner] = assignment.key }
    return keys
  }
}
