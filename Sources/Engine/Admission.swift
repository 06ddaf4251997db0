import Primitives

/// Who of the children may have how much on its way.
///
/// Every child has a small window, enough for a slow line and for whatever happens from day to day. One that uses it up
/// is catching up: it gets one of a few large windows, or waits in line for one. So 700 children that return at once
/// make ``slotsMax`` fast streams, and nobody is cut off meanwhile.
struct Admission {
  /// Children that catch up at full speed at the same time.
  static let slotsMax = 8
  /// Frame bytes a child that catches up may have on its way: fills a line while a sync runs.
  static let largeWindow: UInt64 = 4 << 20
  /// The same for every other: 700 of them are 175 MiB at the very most.
  static let smallWindow: UInt64 = 256 << 10
  /// After so many bytes a slot passes to the next in line, when there is one.
  static let turnBytes: UInt64 = 32 << 20

  private struct Holder {
    let id: LinkID
    /// Bytes it had sent at its first grant with the slot.
    var since: UInt64?
  }

  private var holders: [Holder] = []
  private var line: [LinkID] = []

  /// Links that catch up, and links that wait for it.
  var counts: (catchingUp: Int, waiting: Int) { (holders.count, line.count) }

  func window(_ id: LinkID) -> UInt64 {
    holders.contains { $0.id == id } ? Admission.largeWindow : Admission.smallWindow
  }

  /// A child was granted anew: does it use what it has?
  ///
  /// - Parameters:
  ///   - received: bytes that came in all on this link.
  ///   - unused: what it did not use of its credit when the grant was made.
  /// - Returns: a link that has a large window from now on, if not this one: it must be told.
  mutating func granted(_ id: LinkID, received: UInt64, unused: UInt64) -> LinkID? {
    let window = window(id)
    let isHungry = unused < window / 2
    if let place = holders.firstIndex(where: { $0.id == id }) {
      let since = holders[place].since ?? received
      holders[place].since = since
      let isOver = received >= since + Admission.turnBytes
      guard !isHungry || isOver && !line.isEmpty else { return nil }
      holders.remove(at: place)
      if isHungry { line.append(id) }
      return next()
    }
    guard isHungry else {
      line.removeAll { $0 == id }
      return nil
    }
    if holders.count < Admission.slotsMax {
      line.removeAll { $0 == id }
      holders.append(Holder(id: id, since: received))
    } else if !line.contains(id) {
      line.append(id)
    }
    return nil
  }

  private mutating func next() -> LinkID? {
    guard holders.count < Admission.slotsMax, !line.isEmpty else { return nil }
    let id = line.removeFirst()
    holders.append(Holder(id: id, since: nil))
    return id
  }

  /// The link is gone: its slot passes on.
  ///
  /// - Returns: who has it now.
  mutating func forget(_ id: LinkID) -> LinkID? {
    line.removeAll { $0 == id }
    guard let place = holders.firstIndex(where: { $0.id == id }) else { return nil }
    holders.remove(at: place)
    return next()
  }
}
