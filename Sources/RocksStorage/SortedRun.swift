import Glibc
import Ports
import Primitives
import Rocks

/// Stores a large sorted batch of derived data as table files: nothing of it passes the memtable, whose skip list and
/// flush cost several times what writing a file does.
///
/// 1. The files of a batch are taken together, or none is; on return they are durable, and so is all that was written
///    to the keyspace before.
/// 2. Files that were not taken are removed, at the latest when the store is opened.
struct SortedRun {
  /// Smaller batches go through the memtable: a file costs syncs and, later, a merge.
  static let byteCountMin = 1 << 20
  /// A file of its own is worth it from here on; see ``plan(_:_:)``.
  static let groupBytesMin = 512 << 10

  /// A file to be written: its changes and how long it will stay as it is.
  private struct Part {
    var start: WriteBatch.Place
    var end: WriteBatch.Place
    var byteCount: Int
    var stay: TableFormat.Stay
  }

  private let parts: [Part]
  private let batch: WriteBatch

  /// Nil when the batch is not worth it, or not sorted.
  init?(_ batch: WriteBatch, in space: Keyspace) {
    guard batch.byteCount >= SortedRun.byteCountMin, let parts = SortedRun.plan(batch, space) else { return nil }
    self.batch = batch
    self.parts = parts
  }

  /// Divides a batch into files; nil when its keys do not ascend, each once.
  ///
  /// Rows of one partition and entity mostly come with ascending ids, so a file with many of nothing else lies behind
  /// all that is there and is never merged again. What comes in small pieces shares a file. Index entries spread over
  /// all that is there: one file.
  private static func plan(_ batch: WriteBatch, _ space: Keyspace) -> [Part]? {
    let prefixByteCount = space == .rows ? 9 : 0
    var groups: [Part] = []
    var isSorted = true
    var previous = UnsafeRawBufferPointer(start: nil, count: 0)
    batch.forEach { change, place in
      let order = place == .start ? -1 : compare(previous, change.key)
      isSorted = isSorted && order < 0 && change.kind != .deleteRange
      let isSameGroup = place != .start && samePrefix(previous, change.key, prefixByteCount)
      if !isSameGroup { groups.append(Part(start: place, end: place, byteCount: 0, stay: .long)) }
      groups[groups.count - 1].byteCount += change.key.count + change.value.count
      previous = change.key
    }
    guard isSorted else { return nil }
    for number in groups.indices {
      groups[number].end = number + 1 < groups.count ? groups[number + 1].start : batch.end
    }
    var parts: [Part] = []
    for group in groups {
      if space == .rows, group.byteCount >= groupBytesMin {
        parts.append(group)
      } else if let last = parts.last, last.stay == .short {
        parts[parts.count - 1].end = group.end
        parts[parts.count - 1].byteCount += group.byteCount
      } else {
        parts.append(Part(start: group.start, end: group.end, byteCount: group.byteCount, stay: .short))
      }
    }
    return parts
  }

  private static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    // Empty buffers have no address.
    guard let leftBase = left.baseAddress, let rightBase = right.baseAddress else { return left.count - right.count }
    let difference = memcmp(leftBase, rightBase, min(left.count, right.count))
    return difference != 0 ? Int(difference) : left.count - right.count
  }

  private static func samePrefix(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, _ byteCount: Int
  ) -> Bool {
    guard byteCount > 0 else { return true }
    guard left.count >= byteCount, right.count >= byteCount, let leftBase = left.baseAddress,
      let rightBase = right.baseAddress
    else { return false }
    return memcmp(leftBase, rightBase, byteCount) == 0
  }

  /// Writes the files, synced, and returns their paths; when it throws, none is left.
  func write(to directory: String, _ formats: RunFormats) throws(RocksError) -> [String] {
    var paths: [String] = []
    do throws(RocksError) {
      for (number, part) in parts.enumerated() {
        let path = "\(directory)/\(number).sst"
        try write(part, to: path, part.stay == .long ? formats.long : formats.short)
        paths.append(path)
      }
      return paths
    } catch {
      SortedRun.remove(paths)
      throw error
    }
  }

  private func write(_ part: Part, to path: String, _ format: TableFormat) throws(RocksError) {
    var writer = try TableFileWriter(path, format)
    var failure: RocksError?
    batch.forEach(from: part.start, to: part.end) { change, _ in
      guard failure == nil else { return }
      do throws(RocksError) {
        if change.kind == .put {
          try writer.put(change.key, change.value)
        } else {
          try writer.delete(change.key)
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    try writer.finish()
  }

  static func remove(_ paths: [String]) { for path in paths { unlink(path) } }
}

/// How files of one keyspace are written.
struct RunFormats: Sendable {
  let long: TableFormat
  let short: TableFormat

  init(_ space: Keyspace) throws(RocksError) {
    let family = StoreOptions.families[space.family.number]
    long = try TableFormat(family, stay: .long)
    short = try TableFormat(family, stay: .short)
  }
}
