import Formats
import Ports
import Primitives

/// Whether a node may write, and why not. Kept in the store: a crash does not lift it.
public enum Standing: Hashable, Sendable {
  /// The node owns its domain and commits.
  case writing
  /// The store was put back, rebuilt or found behind: it asks its parent for what it lacks before it writes again.
  case recovering
  /// The first frame of a new incarnation is not durable yet.
  case opening
  /// Another life, machine or owner holds the partition. Nothing is written and nothing sent until an operator says
  /// `xylemd recover`; what lies here stays as evidence.
  case fenced(Text)

  /// Whether commits are taken.
  public var mayCommit: Bool { self == .writing }
}

/// What the operator, or the engine itself, wrote down about a store's standing; nothing for an ordinary one.
public enum StandingMark: Hashable, Sendable {
  case recovering
  /// Go on under a new incarnation without asking the parent.
  case isolated
  case fenced(Text)

  var encoded: Bytes {
    var writer = ByteWriter(capacity: 16)
    switch self {
    case .recovering: writer.u8(1)
    case .isolated: writer.u8(2)
    case .fenced(let reason):
      writer.u8(3)
      writer.text(reason.string)
    }
    return writer.bytes
  }

  init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    switch try reader.u8() {
    case 1: self = .recovering
    case 2: self = .isolated
    case 3: self = .fenced(Text(try reader.text()))
    default: throw MalformedBytes("a standing", at: 0)
    }
    try reader.finish()
  }

  /// The mark in a store, or nil.
  public static func read(_ store: any StoreReader) throws(StoreError) -> StandingMark? {
    guard let bytes = try store.get(.meta, MetaKey.standing) else { return nil }
    do { return try StandingMark(bytes) } catch { throw .corrupt("the node's standing") }
  }

  /// Writes the mark into a store that no engine has open; durable on return.
  public func write(to store: any Store) throws(StoreError) {
    var batch = WriteBatch()
    batch.put(.meta, MetaKey.standing, encoded)
    try store.write(batch, .synced)
  }
}

/// Something that only a person can set right: two machines with one identity, two histories of one log.
public struct Incident: Hashable, Sendable {
  public let reason: LinkMessage.Refusal.Reason
  /// The log it is about, as far as known.
  public let log: LogID
  /// The node's clock when it was first seen, milliseconds since 1970.
  public let time: UInt64
  /// Both sides by name and position, without personal data.
  public let detail: Text

  /// A store keeps so many, the newest.
  static let countMax = 32

  static func encode(_ list: [Incident]) -> Bytes {
    var writer = ByteWriter()
    writer.count(list.count)
    for incident in list {
      writer.u16(incident.reason.rawValue)
      writer.u64(incident.log.value)
      writer.u64(incident.time)
      writer.text(incident.detail.string)
    }
    return writer.bytes
  }

  static func decode(_ bytes: Bytes) throws(MalformedBytes) -> [Incident] {
    var reader = ByteReader(bytes)
    var list: [Incident] = []
    for _ in 0..<(try reader.count(bytesEach: 19)) {
      guard let reason = LinkMessage.Refusal.Reason(rawValue: try reader.u16()),
        let log = LogID(exactly: try reader.u64())
      else { throw MalformedBytes("an incident", at: reader.offset) }
      list.append(Incident(reason: reason, log: log, time: try reader.u64(), detail: Text(try reader.text())))
    }
    try reader.finish()
    return list
  }
}

extension Engine {
  /// Reads what was written down about this store's standing, and acts on it where nobody has to be asked.
  func loadStanding() throws(EngineError) {
    do {
      if let bytes = try store.get(.meta, MetaKey.incidents) {
        do { incidents = try Incident.decode(bytes) } catch { throw EngineError.corrupt("the list of incidents") }
      }
      guard !lineage.isTorn(identity.partition) else {
        standing = .fenced("which of this store's own logs is the last cannot be read any more: put a backup back")
        return
      }
      switch try StandingMark.read(store) {
      case nil: return
      case .fenced(let reason): standing = .fenced(reason)
      case .isolated: try openIncarnation(isolated: true, clock: 0)
      case .recovering:
        standing = .recovering
        // The top has nobody to ask: what the store lost is lost, and the new incarnation says so.
        if isRoot { try openIncarnation(isolated: true, clock: 0) }
      }
    } catch let error as StoreError { throw .store(error) } catch let error as EngineError { throw error } catch {
      requirementFailed("reading a standing throws two kinds of errors")
    }
  }

  func set(_ mark: StandingMark) {
    switch mark {
    case .recovering, .isolated: standing = .recovering
    case .fenced(let reason): standing = .fenced(reason)
    }
    if Defect.active == .standingIsForgotten { return }
    writes.put(.meta, MetaKey.standing, mark.encoded)
  }

  /// No more commits here: somebody else holds the partition.
  func fence(_ refusal: LinkMessage.Refusal) {
    if case .fenced = standing { return }
    set(.fenced(Text("\(refusal.detail)")))
    note(refusal, of: identity.log)
  }

  /// Writes down what only a person can set right, once.
  func note(_ refusal: LinkMessage.Refusal, of log: LogID) {
    switch refusal.reason {
    case .diverged, .fenced, .twin, .behind: break
    default: return
    }
    guard !incidents.contains(where: { $0.reason == refusal.reason && $0.detail == refusal.detail }) else { return }
    incidents.append(Incident(reason: refusal.reason, log: log, time: clock, detail: refusal.detail))
    if incidents.count > Incident.countMax { incidents.removeFirst(incidents.count - Incident.countMax) }
    writes.put(.meta, MetaKey.incidents, Incident.encode(incidents))
  }
}
