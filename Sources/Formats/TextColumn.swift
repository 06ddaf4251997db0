import Primitives

/// Texts of one column in the form that packs best.
///
///     mode u8: 0 lengths, then all bytes · 1 dictionary, then indexes · 2 equally long digits as numbers ·
///     3 citizen ids · 4 shapes and numbers · 5 characters by place
enum TextColumn {
  /// What a decoded column keeps: a blob with the places of its texts, and which place each row has.
  struct Decoded {
    /// Bytes of all distinct texts.
    var blob: Bytes = []
    /// `places[i] ..< places[i + 1]` is text i.
    var places: [Int32] = [0]
    /// Text number by row; empty when row i has text i.
    var indexes: [Int32] = []
    /// Whether no two texts are known to be equal: rows are, when their numbers are.
    var isDistinct = false

    /// How many rows.
    var count: Int { indexes.isEmpty ? places.count - 1 : indexes.count }

    /// Those of some rows, in their order. Copies no text.
    func picked(_ rows: [Int32]) -> Decoded {
      var picked = self
      picked.indexes = indexes.isEmpty ? rows : rows.map { indexes[Int($0)] }
      return picked
    }

    @inline(__always)
    func range(_ row: Int) -> Range<Int> {
      let text = indexes.isEmpty ? row : Int(indexes[row])
      return Int(places[text])..<Int(places[text + 1])
    }

    mutating func reserve(_ count: Int, bytesEach: Int) {
      blob.reserveCapacity(blob.count + count * bytesEach)
      places.reserveCapacity(places.count + count)
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
      blob.append(contentsOf: bytes)
      endText()
    }

    /// What was appended to the blob since the last text is one.
    @inline(__always)
    mutating func endText() { places.append(Int32(clamping: blob.count)) }
  }

  private static let dictionarySizeMax = 4096
  private static let sampleCount = 64

  /// - Parameter context: what earlier columns of the group left; taken along to the next.
  /// - Requires: at least one text.
  static func encode(_ texts: Decoded, _ context: inout ColumnContext, to writer: inout ColumnWriter) {
    let count = texts.count
    texts.blob.withUnsafeBufferPointer { blob in
      let texts = Texts(blob: blob, texts: texts, count: count)
      if encodeDictionary(texts, to: &writer) { return }
      if encodeDigits(texts, to: &writer) { return }
      if CitizenIDColumn.encode(texts, dates: context.days, to: &writer) { return }
      if CharacterColumn.encode(texts, &context.alphabet, to: &writer) { return }
      if ShapeColumn.encode(texts, to: &writer) { return }
      writer.u8(0)
      IntegerColumn.encode((0..<count).map { Int64(texts[$0].count) }, to: &writer)
      writer.cut()
      for row in 0..<count { writer.raw(texts[row]) }
      writer.cut()
    }
  }

  /// Lent texts by row.
  struct Texts {
    // SAFETY: lives inside the closure that lends the blob; ranges are checked against it.
    fileprivate let blob: UnsafeBufferPointer<UInt8>
    fileprivate let texts: Decoded
    let count: Int

    @inline(__always)
    subscript(_ row: Int) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: blob[texts.range(row)]) }
  }

  private static func encodeDictionary(_ texts: Texts, to writer: inout ColumnWriter) -> Bool {
    // Worth it when a text comes three times on average; give up as soon as that is out of reach.
    let most = Swift.min(dictionarySizeMax, texts.count / 3 + 1)
    // Texts that are as good as all different at the start seldom repeat later: not worth looking at all of them.
    let sample = texts.count >= sampleCount * 4 ? sampleCount : 0
    guard
      let (distinct, indexes) = texts.texts.isDistinct
        ? numbered(texts.texts, most, sample) : numbered(texts, most, sample)
    else { return false }
    writer.u8(1)
    writer.count(distinct.count)
    for row in distinct {
      writer.count(texts[row].count)
      writer.raw(texts[row])
    }
    IntegerColumn.encode(indexes, to: &writer)
    return true
  }

  /// The first row of every different text and, by row, the number of its text; nil when they are more than `most`, or
  /// as good as all of the first `sample` differ.
  private static func numbered(_ texts: Texts, _ most: Int, _ sample: Int) -> (distinct: [Int], indexes: [Int64])? {
    var table = TextTable()
    var distinct: [Int] = []
    var indexes: [Int64] = []
    indexes.reserveCapacity(texts.count)
    var last: Int64 = 0
    for row in 0..<texts.count {
      let text = texts[row]
      // Neighbours are often equal, and comparing is cheaper than hashing.
      if row > 0, isEqual(texts[row - 1], text) {
        indexes.append(last)
      } else {
        let hash = TextTable.hash(text)
        if let known = table.find(hash, { isEqual(texts[distinct[Int($0)]], text) }) {
          last = Int64(known)
        } else {
          if distinct.count == most { return nil }
          last = Int64(distinct.count)
          table.insert(hash, Int32(distinct.count))
          distinct.append(row)
        }
        indexes.append(last)
      }
      if row + 1 == sample, distinct.count > sampleCount - 4 { return nil }
    }
    return (distinct, indexes)
  }

  /// The same where equal texts have equal numbers already.
  private static func numbered(_ texts: Decoded, _ most: Int, _ sample: Int) -> (distinct: [Int], indexes: [Int64])? {
    var numbers = [Int32](repeating: -1, count: texts.places.count)
    var distinct: [Int] = []
    var indexes: [Int64] = []
    indexes.reserveCapacity(texts.indexes.count)
    for (row, text) in texts.indexes.enumerated() {
      if numbers[Int(text)] < 0 {
        if distinct.count == most { return nil }
        numbers[Int(text)] = Int32(distinct.count)
        distinct.append(row)
      }
      indexes.append(Int64(numbers[Int(text)]))
      if row + 1 == sample, distinct.count > sampleCount - 4 { return nil }
    }
    return (distinct, indexes)
  }

  @inline(__always)
  private static func isEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    left.count == right.count && left.elementsEqual(right)
  }

  private static func encodeDigits(_ texts: Texts, to writer: inout ColumnWriter) -> Bool {
    let length = texts[0].count
    guard (1...18).contains(length) else { return false }
    var numbers: [Int64] = []
    numbers.reserveCapacity(texts.count)
    for row in 0..<texts.count {
      let text = texts[row]
      guard text.count == length, let number = digits(text) else { return false }
      numbers.append(number)
    }
    writer.u8(2)
    writer.u8(UInt8(length))
    IntegerColumn.encode(numbers, to: &writer)
    return true
  }

  static func decode(
    count: Int, _ context: inout ColumnContext, from reader: inout ByteReader
  ) throws(MalformedBytes) -> Decoded {
    var decoded = Decoded()
    if count == 0 { return decoded }
    let at = reader.offset
    switch try reader.u8() {
    case 0:
      let lengths = try IntegerColumn.decode(count: count, from: &reader)
      decoded.places.reserveCapacity(count + 1)
      let start = reader.offset
      for length in lengths {
        guard length >= 0, length <= reader.remaining else { throw MalformedBytes("a text inside the body", at: at) }
        _ = try reader.skip(Int(length))
        decoded.places.append(Int32(clamping: reader.offset - start))
      }
      reader.withBytes(from: start, count: reader.offset - start) { decoded.blob = Bytes($0) }
    case 1:
      let distinct = try reader.count()
      for _ in 0..<distinct { decoded.append(try reader.block()) }
      decoded.indexes.reserveCapacity(count)
      for index in try IntegerColumn.decode(count: count, from: &reader) {
        guard index >= 0, index < distinct else { throw MalformedBytes("an index into the dictionary", at: at) }
        decoded.indexes.append(Int32(index))
      }
    case 2:
      let length = Int(try reader.u8())
      guard (1...18).contains(length) else { throw MalformedBytes("1 to 18 digits", at: at) }
      decoded.reserve(count, bytesEach: length)
      var text = Bytes(repeating: 0x30, count: length)
      for number in try IntegerColumn.decode(count: count, from: &reader) {
        guard digits(number, length, into: &text, at: 0) else {
          throw MalformedBytes("a number of \(length) digits", at: at)
        }
        decoded.append(text)
      }
    case 3: try CitizenIDColumn.decode(count: count, dates: context.days, into: &decoded, from: &reader)
    case 4: try ShapeColumn.decode(count: count, &context.budget, into: &decoded, from: &reader)
    case 5: try CharacterColumn.decode(count: count, &context.alphabet, into: &decoded, from: &reader)
    default: throw MalformedBytes("a mode of texts", at: at)
    }
    return decoded
  }

  /// The number that only decimal digits spell, or nil.
  @inline(__always)
  static func digits(_ utf8: some Sequence<UInt8>) -> Int64? {
    var number: Int64 = 0
    for byte in utf8 {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number &* 10 &+ Int64(byte - 0x30)
    }
    return number
  }

  /// Writes `number` in exactly `length` decimal digits from `place` on; false when it does not fit.
  @inline(__always)
  static func digits(_ number: Int64, _ length: Int, into out: inout Bytes, at place: Int) -> Bool {
    guard number >= 0 else { return false }
    var rest = UInt64(number)
    for position in stride(from: place + length - 1, through: place, by: -1) {
      out[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    return rest == 0
  }
}

/// What the columns of a group read so far leave to the next: equal at encoder and decoder.
struct ColumnContext {
  /// Values of the date columns without gaps, as seen from the rows of the column at hand.
  var days: [[Int64]] = []
  var alphabet: Alphabet
  /// Of the decoder.
  var budget = DecodingBudget()

  init(_ dictionary: FrameDictionary?) { alphabet = Alphabet(dictionary) }
}
