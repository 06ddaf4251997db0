import Primitives

/// Bytes of columns, and where in them the content changes its nature.
///
/// A compressor that begins a new block there gives each column statistics of its own; one table for all of them costs
/// a tenth of the frame.
struct ColumnWriter {
  private(set) var bytes: Bytes = []
  /// Offsets at which a block should begin, ascending.
  private(set) var cuts: [Int] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  /// What follows is of another kind than what came before.
  mutating func cut() { if cuts.last != bytes.count { cuts.append(bytes.count) } }

  @inline(__always)
  mutating func u8(_ value: UInt8) { bytes.append(value) }

  mutating func u64(_ value: UInt64) { write { $0.u64(value) } }
  mutating func varint(_ value: UInt64) { write { $0.varint(value) } }
  mutating func zigzag(_ value: Int64) { write { $0.zigzag(value) } }
  mutating func count(_ value: Int) { write { $0.count(value) } }
  mutating func text(_ value: String) { write { $0.text(value) } }

  mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

  /// Appends `count` bytes that `fill` puts down.
  @inline(__always)
  mutating func fill(_ count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: count))
    bytes.withUnsafeMutableBufferPointer { fill(UnsafeMutableBufferPointer(rebasing: $0[start...])) }
  }

  /// Lends the bytes to the encodings of ``ByteWriter``, without a copy.
  @inline(__always)
  private mutating func write(_ body: (inout ByteWriter) -> Void) {
    var writer = ByteWriter()
    swap(&writer.bytes, &bytes)
    body(&writer)
    swap(&writer.bytes, &bytes)
  }
}
