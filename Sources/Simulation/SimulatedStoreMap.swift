import Primitives

/// Keys in bytewise order with their values, as a value: a copy is a snapshot and costs nothing until one side changes,
/// then one chunk and the list of chunks.
///
/// Invariants: no chunk is empty; keys ascend within a chunk and from chunk to chunk; a chunk has at most `chunkMax`
/// keys.
struct SimulatedStoreMap {
  private struct Chunk {
    var keys: [Bytes]
    var values: [Bytes]
  }

  /// Where a key is, or where it would be put: an offset may be one past the chunk's end.
  private struct Place {
    var chunk: Int
    var offset: Int
  }

  private static let chunkMax = 256
  private var chunks: [Chunk] = []
  private(set) var count = 0

  /// The first place in `0 ..< count` from where on `isBefore` is false.
  private static func boundary(_ count: Int, _ isBefore: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func place(_ key: Bytes) -> Place {
    let after = SimulatedStoreMap.boundary(chunks.count) { !key.precedes(chunks[$0].keys[0]) }
    guard after > 0 else { return Place(chunk: 0, offset: 0) }
    let keys = chunks[after - 1].keys
    return Place(chunk: after - 1, offset: SimulatedStoreMap.boundary(keys.count) { keys[$0].precedes(key) })
  }

  private func holds(_ key: Bytes, at place: Place) -> Bool {
    place.chunk < chunks.count && place.offset < chunks[place.chunk].keys.count
      && chunks[place.chunk].keys[place.offset] == key
  }

  func value(_ key: Bytes) -> Bytes? {
    let place = place(key)
    return holds(key, at: place) ? chunks[place.chunk].values[place.offset] : nil
  }

  mutating func put(_ key: Bytes, _ value: Bytes) {
    guard !chunks.isEmpty else {
      chunks = [Chunk(keys: [key], values: [value])]
      count = 1
      return
    }
    let place = place(key)
    if holds(key, at: place) {
      chunks[place.chunk].values[place.offset] = value
      return
    }
    chunks[place.chunk].keys.insert(key, at: place.offset)
    chunks[place.chunk].values.insert(value, at: place.offset)
    count += 1
    if chunks[place.chunk].keys.count > SimulatedStoreMap.chunkMax { split(place.chunk) }
  }

  private mutating func split(_ index: Int) {
    let half = chunks[index].keys.count / 2
    let upper = Chunk(keys: Array(chunks[index].keys[half...]), values: Array(chunks[index].values[half...]))
    chunks[index].keys.removeSubrange(half...)
    chunks[index].values.removeSubrange(half...)
    chunks.insert(upper, at: index + 1)
  }

  mutating func delete(_ key: Bytes) {
    let place = place(key)
    guard holds(key, at: place) else { return }
    remove(place.chunk, place.offset..<place.offset + 1)
    if chunks[place.chunk].keys.isEmpty { chunks.remove(at: place.chunk) }
  }

  mutating func deleteRange(from: Bytes, to: Bytes) {
    guard from.precedes(to), !chunks.isEmpty else { return }
    let start = place(from)
    let end = place(to)
    for index in start.chunk...end.chunk {
      let lower = index == start.chunk ? start.offset : 0
      let upper = index == end.chunk ? end.offset : chunks[index].keys.count
      remove(index, lower..<upper)
    }
    // Backwards, so that the indices that are left stay right.
    for index in (start.chunk...end.chunk).reversed() where chunks[index].keys.isEmpty { chunks.remove(at: index) }
  }

  private mutating func remove(_ chunk: Int, _ offsets: Range<Int>) {
    chunks[chunk].keys.removeSubrange(offsets)
    chunks[chunk].values.removeSubrange(offsets)
    count -= offsets.count
  }

  /// Calls `body` for the keys in `from ..< to`, ascending, until it returns false.
  func forEach(from: Bytes, to: Bytes?, _ body: (_ key: Bytes, _ value: Bytes) -> Bool) {
    var place = place(from)
    while place.chunk < chunks.count {
      let chunk = chunks[place.chunk]
      for offset in place.offset..<chunk.keys.count {
        if let to, !chunk.keys[offset].precedes(to) { return }
        if !body(chunk.keys[offset], chunk.values[offset]) { return }
      }
      place = Place(chunk: place.chunk + 1, offset: 0)
    }
  }

  /// The last key before `to` (nil = of all) with its value.
  func last(before to: Bytes?) -> (key: Bytes, value: Bytes)? {
    var place = to.map { self.place($0) } ?? Place(chunk: chunks.count, offset: 0)
    if place.offset == 0 {
      guard place.chunk > 0 else { return nil }
      place = Place(chunk: place.chunk - 1, offset: chunks[place.chunk - 1].keys.count)
    }
    let chunk = chunks[place.chunk]
    return (chunk.keys[place.offset - 1], chunk.values[place.offset - 1])
  }
}
