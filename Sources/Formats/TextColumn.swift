import Primitives

/// Texts of one column in the form that packs best.
///
///     mode u8: 0 lengths, then all bytes · 1 dictionary, then indexes · 2 equally long digits as numbers · 3 citizen
///     ids
enum TextColumn {
  /// What a decoded column keeps: a blob with the places of its texts, and which place each row has.
  struct Decoded {
    /// Bytes of all distinct texts.
    var blob: Bytes = []
    /// `places[i] ..< places[i + 1]` is text i.
    var places: [Int32] = [0]
    /// Text number by row; empty when row i has text i.
    var indexes: [Int32] = []

    func range(_ row: Int) -> Range<Int> {
      let text = indexes.isEmpty ? row : Int(indexes[row])
      return Int(places[text])..<Int(places[text + 1])
    }

    fileprivate mutating func append(_ bytes: some Collection<UInt8>) {
      blob.append(contentsOf: bytes)
      places.append(Int32(clamping: blob.count))
    }
  }

  private static let dictionarySizeMax = 4096

  /// - Parameter dates: date columns without gaps that the decoder has by then, for citizen ids.
  static func encode(_ texts: [Text], dates: [[Int64]], to writer: inout ByteWriter) {
    if encodeDictionary(texts, to: &writer) { return }
    if encodeDigits(texts, to: &writer) { return }
    if CitizenIDColumn.encode(texts, dates: dates, to: &writer) { return }
    writer.u8(0)
    IntegerColumn.encode(texts.map { Int64($0.byteCount) }, to: &writer)
    for text in texts { writer.raw(text.string.utf8) }
  }

  private static func encodeDictionary(_ texts: [Text], to writer: inout ByteWriter) -> Bool {
    var numbers: [Text: Int64] = [:]
    var distinct: [Text] = []
    var indexes: [Int64] = []
    indexes.reserveCapacity(texts.count)
    // Worth it when a text comes three times on average; give up as soon as that is out of reach.
    let most = Swift.min(dictionarySizeMax, texts.count / 3 + 1)
    for text in texts {
      if let number = numbers[text] {
        indexes.append(number)
        continue
      }
      if distinct.count == most { return false }
      numbers[text] = Int64(distinct.count)
      indexes.append(Int64(distinct.count))
      distinct.append(text)
    }
    writer.u8(1)
    writer.count(distinct.count)
    for text in distinct { writer.text(text.string) }
    IntegerColumn.encode(indexes, to: &writer)
    return true
  }

  private static func encodeDigits(_ texts: [Text], to writer: inout ByteWriter) -> Bool {
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
    count: Int, dates: [[Int64]], from reader: inout ByteReader
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
      for index in try IntegerColumn.decode(count: count, from: &reader) {
        guard index >= 0, index < distinct else { throw MalformedBytes("an index into the dictionary", at: at) }
        decoded.indexes.append(Int32(index))
      }
    case 2:
      let length = Int(try reader.u8())
      guard (1...18).contains(length) else { throw MalformedBytes("1 to 18 digits", at: at) }
      for number in try IntegerColumn.decode(count: count, from: &reader) {
        guard let text = digits(number, length) else { throw MalformedBytes("a number of \(length) digits", at: at) }
        decoded.append(text)
      }
    case 3:
      for text in try CitizenIDColumn.decode(count: count, dates: dates, from: &reader) { decoded.append(text) }
    default: throw MalformedBytes("a mode of texts", at: at)
    }
    return decoded
  }

  /// The number that only decimal digits spell, or nil.
  static func digits(_ utf8: some Sequence<UInt8>) -> Int64? {
    var number: Int64 = 0
    for byte in utf8 {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number &* 10 &+ Int64(byte - 0x30)
    }
    return number
  }

  /// `number` in exactly `length` decimal digits, or nil when it does not fit.
  static func digits(_ number: Int64, _ length: Int) -> Bytes? {
    guard number >= 0 else { return nil }
    var out = Bytes(repeating: 0x30, count: length)
    var rest = number
    var place = length
    while rest > 0 {
      guard place > 0 else { return nil }
      place -= 1
      out[place] = 0x30 + UInt8(rest % 10)
      rest /= 10
    }
    return out
  }
}

/// Citizen ids (GB 11643: region 6, birth date 8, serial 3, check 1) as what is not implied: region, the birth date's
/// difference to a date column of the same rows, serial. Used only when every text is a valid id.
///
///     date column + 1, or 0 · regions · birth dates · serials
enum CitizenIDColumn {
  private struct Parts {
    let region: Int64
    let birth: Int64
    let serial: Int64
  }

  static func encode(_ texts: [Text], dates: [[Int64]], to writer: inout ByteWriter) -> Bool {
    var parts: [Parts] = []
    parts.reserveCapacity(texts.count)
    for text in texts {
      guard let part = parse(Bytes(text.string.utf8)) else { return false }
      parts.append(part)
    }
    let (column, births) = nearest(parts, dates)
    writer.u8(3)
    writer.count(column + 1)
    IntegerColumn.encode(parts.map(\.region), to: &writer)
    IntegerColumn.encode(births, to: &writer)
    IntegerColumn.encode(parts.map(\.serial), to: &writer)
    return true
  }

  /// The date column that equals most birth dates (-1 when none equals half), and what is left to say.
  private static func nearest(_ parts: [Parts], _ dates: [[Int64]]) -> (column: Int, births: [Int64]) {
    for (column, days) in dates.enumerated() where days.count == parts.count {
      var equal = 0
      for (part, day) in zip(parts, days) where part.birth == day { equal += 1 }
      if equal * 2 > parts.count { return (column, zip(parts, days).map { $0.birth &- $1 }) }
    }
    return (-1, parts.map(\.birth))
  }

  static func decode(
    count: Int, dates: [[Int64]], from reader: inout ByteReader
  ) throws(MalformedBytes) -> [Bytes] {
    let at = reader.offset
    let column = Int(clamping: try reader.varint()) - 1
    let regions = try IntegerColumn.decode(count: count, from: &reader)
    var births = try IntegerColumn.decode(count: count, from: &reader)
    let serials = try IntegerColumn.decode(count: count, from: &reader)
    if column >= 0 {
      guard column < dates.count, dates[column].count == count else {
        throw MalformedBytes("an earlier date column", at: at)
      }
      for row in 0..<count { births[row] = births[row] &+ dates[column][row] }
    }
    var texts: [Bytes] = []
    texts.reserveCapacity(count)
    for row in 0..<count {
      guard let text = compose(regions[row], births[row], serials[row]) else {
        throw MalformedBytes("a citizen id", at: at)
      }
      texts.append(text)
    }
    return texts
  }

  private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  private static let checks = Bytes("10X98765432".utf8)

  private static func check(_ seventeen: ArraySlice<UInt8>) -> UInt8 {
    var sum = 0
    for (byte, weight) in zip(seventeen, weights) { sum += Int(byte &- 0x30) * weight }
    return checks[sum % 11]
  }

  private static func parse(_ id: Bytes) -> Parts? {
    guard id.count == 18, let region = TextColumn.digits(id[0..<6]), let year = TextColumn.digits(id[6..<10]),
      let month = TextColumn.digits(id[10..<12]), let day = TextColumn.digits(id[12..<14]),
      let serial = TextColumn.digits(id[14..<17]), id[17] == check(id[0..<17]),
      let birth = CivilDate(year: Int(year), month: Int(month), day: Int(day))
    else { return nil }
    return Parts(region: region, birth: Int64(birth.days), serial: serial)
  }

  private static func compose(_ region: Int64, _ birth: Int64, _ serial: Int64) -> Bytes? {
    guard let days = Int32(exactly: birth) else { return nil }
    let (year, month, day) = CivilDate(days: days).components
    guard (1...9999).contains(year), let regionDigits = TextColumn.digits(region, 6),
      let dateDigits = TextColumn.digits(Int64(year * 10_000 + month * 100 + day), 8),
      let serialDigits = TextColumn.digits(serial, 3)
    else { return nil }
    var id = regionDigits + dateDigits + serialDigits
    id.append(check(id[...]))
    return id
  }
}
