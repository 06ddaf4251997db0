import Formats
import Primitives

/// What a parent keeps for one child: dispatches by number, contiguous, until the child has them durably.
///
/// 1. Numbers of one stream are given once, in order, and never again; a new beginning is another stream.
/// 2. An entry is sent only when it is durable here, and leaves when the child acknowledged it.
/// 3. A child that names another stream, or a place before what it acknowledged, has lost something, or we have: the
///    outbox begins anew with everything that still holds. What the child has it takes no second time, by its id.
/// 4. At most ``entriesMax`` entries wait: beyond that the outbox is dropped, and begun anew when the child comes.
///
/// A value without I/O: whoever drives it writes what it returns.
public struct Outbox: Hashable, Sendable {
  /// One place.
  public struct Entry: Hashable, Sendable {
    public let place: UInt64
    public let id: DispatchID
    /// The dispatch at a place.
    public init(place: UInt64, id: DispatchID) {
      self.place = place
      self.id = id
    }
  }

  public private(set) var stream: OutboxStream
  /// The last place given.
  public private(set) var last: UInt64 = 0
  /// The last place that the child has.
  public private(set) var acknowledged: UInt64 = 0
  /// What it does not have, in order.
  public private(set) var entries: [Entry] = []
  private var flying: UInt64 = 0
  /// The last place that is durable here.
  public private(set) var durable: UInt64 = 0

  /// Beyond so many waiting entries an outbox is dropped.
  public static let entriesMax = 8192

  /// An outbox without entries.
  public init(_ stream: OutboxStream) { self.stream = stream }

  /// An outbox as it was kept: everything in it is durable.
  ///
  /// - Parameter entries: from the place after `acknowledged` to `last`, none missing.
  /// - Returns: nil when one is.
  public init?(_ stream: OutboxStream, acknowledged: UInt64, last: UInt64, entries: [Entry]) {
    guard last >= acknowledged, UInt64(entries.count) == last - acknowledged,
      entries.indices.allSatisfy({ entries[$0].place == acknowledged + UInt64($0) + 1 })
    else { return nil }
    self.stream = stream
    self.acknowledged = acknowledged
    self.last = last
    self.entries = entries
    flying = last
    durable = last
  }

  /// Gives a dispatch the next place.
  public mutating func add(_ id: DispatchID) -> Entry {
    last += 1
    let entry = Entry(place: last, id: id)
    entries.append(entry)
    return entry
  }

  /// Whether so much waits that the outbox should rather be begun anew.
  public var isOverfull: Bool { entries.count > Outbox.entriesMax }

  /// What was added so far goes with the batch that is taken now.
  public mutating func taken() { flying = last }
  /// The batch that was taken last is durable.
  public mutating func written() { durable = flying }

  /// Whether a child that stands there can go on in this outbox.
  public func continues(_ position: LinkMessage.OutboxPosition) -> Bool {
    position.stream == stream && position.last >= acknowledged && position.last <= durable
  }

  /// The child has everything up to `place`; returns the places that leave.
  public mutating func acknowledge(_ place: UInt64) -> ClosedRange<UInt64>? {
    guard place > acknowledged, place <= durable else { return nil }
    let gone = (acknowledged + 1)...place
    entries.removeFirst(Int(place - acknowledged))
    acknowledged = place
    return gone
  }

  /// The durable entries after `place`.
  public func entries(after place: UInt64) -> ArraySlice<Entry> { entries(after: place, to: durable) }

  /// The entries after `place` up to another, durable or not.
  public func entries(after place: UInt64, to end: UInt64) -> ArraySlice<Entry> {
    guard place >= acknowledged, place < end, end <= last else { return [] }
    return entries[Int(place - acknowledged)..<Int(end - acknowledged)]
  }
}

/// How far a child took its parent's outbox.
public struct InboxCursor: Hashable, Sendable {
  public private(set) var stream = OutboxStream.none
  public private(set) var last: UInt64 = 0

  /// Nothing taken.
  public init() {}

  /// A cursor as it was kept.
  public init(stream: OutboxStream, last: UInt64) {
    self.stream = stream
    self.last = last
  }

  /// What to do with something that came.
  public enum Place: Hashable, Sendable {
    /// The next one.
    case next
    /// Taken before.
    case again
    /// Something between is missing, or another stream does not begin at its beginning.
    case gap
  }

  /// What place `place` of `stream` is to this cursor.
  public func judge(_ stream: OutboxStream, _ place: UInt64) -> Place {
    if stream != self.stream { return place == 1 ? .next : .gap }
    return place == last + 1 ? .next : place <= last ? .again : .gap
  }

  /// Steps to a place that was judged the next.
  public mutating func take(_ stream: OutboxStream, _ place: UInt64) {
    require(judge(stream, place) == .next, "places are taken in order")
    self.stream = stream
    last = place
  }
}
