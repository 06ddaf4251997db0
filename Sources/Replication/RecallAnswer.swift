import Formats
import Primitives

/// The parent's side of a recall: which frames a child that lacks some is handed, from where the last answer ended.
///
/// Without a state of its own: the child says each time where it stands, so an answer that is lost or comes twice costs
/// a repetition and nothing else.
public enum RecallAnswer {
  /// An answer ends after so many bytes of frames; one frame may overdraw it.
  public static let bytesMax = 1 << 20
  /// An answer looks at so many frames at most, those of other children included.
  public static let framesMax = 4096

  /// What to answer.
  ///
  /// - Parameters:
  ///   - logs: the logs held here whose partitions hang at or below the child's, sorted.
  ///   - durable: the last apply sequence that is synced here; later frames are not handed out.
  ///   - bytesMax: ends the answer; see ``RecallAnswer/bytesMax``.
  /// - Returns: the answer's frames in apply order and where to go on.
  /// - Throws: `Uplink.Ending.refuse` when the child's history is not the one held here; the store's error when it
  ///   cannot be read.
  public static func frames(
    for recall: LinkMessage.Recall, logs: [LogID], durable: ApplySequence, bytesMax: Int = RecallAnswer.bytesMax,
    from source: some FrameSource
  ) throws -> (frames: [Bytes], cursor: ApplySequence, isLast: Bool) {
    var positions: [LogID: Sequence64] = [:]
    for position in recall.positions where logs.contains(position.log) {
      guard let head = source.head(of: position.log) else { continue }
      positions[position.log] = position.last
      // What the child has beyond us it will send; that it begins with what we have shows when it does.
      guard position.last > .zero, position.last <= head.last else { continue }
      if let floor = source.floor(of: position.log), position.last < floor.last { continue }
      guard try source.hash(of: position.log, endingAt: position.last) == position.hash else {
        throw Uplink.Ending.refuse(
          .init(.diverged, Text("log \(position.log.value) differs at \(position.last.value): two histories")))
      }
    }
    var next = recall.cursor
    if next == .zero {
      guard let start = try start(positions, logs, from: source) else { return ([], durable.next, true) }
      next = start
    }
    var frames: [Bytes] = []
    var byteCount = 0
    var looked = 0
    while next <= durable, byteCount < bytesMax, looked < framesMax {
      if let place = try source.snapshot(at: next) {
        // What the child lacks of it comes by itself, as the answer to its next recall.
        if isLacking(place, positions, logs) { break }
        looked += 1
        next = next.next
        continue
      }
      guard let (log, last, bytes) = try source.frame(at: next) else {
        throw Uplink.Ending.refuse(.init(.gap, "frame \(next.value) of the apply order is missing here"))
      }
      looked += 1
      next = next.next
      guard logs.contains(log), last > positions[log] ?? .zero else { continue }
      positions[log] = last
      frames.append(bytes)
      byteCount += bytes.count
    }
    return (frames, next, next > durable)
  }

  /// The partition whose snapshot must come before any more frames; nil when frames may.
  ///
  /// - Parameters: see ``frames(for:logs:durable:from:)``.
  public static func snapshot(
    for recall: LinkMessage.Recall, logs: [LogID], durable: ApplySequence, from source: some FrameSource
  ) throws -> PartitionID? {
    var positions: [LogID: Sequence64] = [:]
    for position in recall.positions { positions[position.log] = position.last }
    var next = recall.cursor
    if next == .zero {
      guard let start = try start(positions, logs, from: source) else { return nil }
      next = start
    }
    while next <= durable, let place = try source.snapshot(at: next) {
      if isLacking(place, positions, logs) { return place.partition }
      next = next.next
    }
    return nil
  }

  /// The first entry of the apply order that somebody who stands at `positions` lacks of `logs`.
  private static func start(
    _ positions: [LogID: Sequence64], _ logs: [LogID], from source: some FrameSource
  ) throws -> ApplySequence? {
    var start: ApplySequence?
    for log in logs {
      guard let first = try source.applySequence(of: log, after: positions[log] ?? .zero) else { continue }
      start = Swift.min(start ?? first, first)
    }
    return start
  }

  private static func isLacking(_ place: SnapshotPlace, _ positions: [LogID: Sequence64], _ logs: [LogID]) -> Bool {
    place.ends.contains { logs.contains($0.log) && positions[$0.log] ?? .zero < $0.last }
  }
}
