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
  static func encode(_ texts: [Text], _ context: inout ColumnContext, to writer: inout ColumnWriter) {
    if encodeDictionary(texts, to: &writer) { return }
    if encodeDigits(texts, to: &writer) { return }
    if CitizenIDColumn.encode(texts, dates: context.days, to: &writer) { return }
    if CharacterColumn.encode(texts, &context.alphabet, to: &writer) { return }
    if ShapeColumn.encode(texts, to: &writer) { return }
    writer.u8(0)
    IntegerColumn.encode(texts.map { Int64($0.byteCount) }, to: &writer)
    writer.cut()
    for text in texts { writer.raw(text.string.utf8) }
    writer.cut()
  }

  private static func encodeDictionary(_ texts: [Text], to writer: inout ColumnWriter) -> Bool {
    var numbers: [Text: Int64] = [:]
    var shorts = ShortTexts()
    var distinct: [Text] = []
    var indexes: [Int64] = []
    indexes.reserveCapacity(texts.count)
    // Worth it when a text comes three times on average; give up as soon as that is out of reach.
    let most = Swift.min(dictionarySizeMax, texts.count / 3 + 1)
    // Texts that are as good as all different at the start seldom repeat later: not worth hashing a third of them.
    let sample = texts.prefix(sampleCount)
    if texts.count >= sampleCount * 4, Set(sample).count > sampleCount - 4 { return false }
    var last: (text: Text, number: Int64)?
    for text in texts {
      // Neighbours are often equal, and comparing is cheaper than hashing.
      if let last, last.text == text {
        indexes.append(last.number)
        continue
      }
      let short = ShortTexts.key(text)
      let known = if let short { shorts.number(short) } else { numbers[text] }
      if let number = known {
        indexes.append(number)
        last = (text, number)
        continue
      }
      if distinct.count == most { return false }
      let number = Int64(distinct.count)
      if let short { shorts.set(short, number) } else { numbers[text] = number }
      indexes.append(number)
      distinct.append(text)
      last = (text, number)
    }
    writer.u8(1)
    writer.count(distinct.count)
    for text in distinct { writer.text(text.string) }
    IntegerColumn.encode(indexes, to: &writer)
    return true
  }

  private static func encodeDigits(_ texts: [Text], to writer: inout ColumnWriter) -> Bool {
    let length = texts[0].byteCount
    guard (1...18).contains(length) else { return false }
    var numbers: [Int64] = []
    numbers.reserveCapacity(texts.count)
    for text in texts {
      guard text.byteCount == length, let number = digits(text.string.utf8) else { return false }
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

/// Numbers of texts of at most 7 bytes, which codes are: as integers in an open table, far cheaper than by hashing.
private struct ShortTexts {
  private var keys = [UInt64](repeating: 0, count: 256)
  private var numbers = [Int64](repeating: 0, count: 256)
  private var count = 0

  /// Never 0: the length stands in the top byte, plus one.
  static func key(_ text: Text) -> UInt64? {
    var string = text.string
    return string.withUTF8 { bytes in
      guard bytes.count <= 7 else { return nil }
      var key = UInt64(bytes.count + 1) << 56
      for place in 0..<bytes.count { key |= UInt64(bytes[place]) << UInt64(place * 8) }
      return key
    }
  }

  private func slot(_ key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (keys.count - 1)
    while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
    return slot
  }

  func number(_ key: UInt64) -> Int64? {
    let slot = slot(key)
    return keys[slot] == key ? numbers[slot] : nil
  }

  /// - Requires: a key that has no number yet.
  mutating func set(_ key: UInt64, _ number: Int64) {
    if count * 2 >= keys.count { grow() }
    let slot = slot(key)
    keys[slot] = key
    numbers[slot] = number
    count += 1
  }

  private mutating func grow() {
    let old = zip(keys, numbers).filter { $0.0 != 0 }
    keys = [UInt64](repeating: 0, count: keys.count * 4)
    numbers = [Int64](repeating: 0, count: keys.count)
    for (key, number) in old {
      let slot = slot(key)
      keys[slot] = key
      numbers[slot] = number
    }
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
