import Primitives

/// The characters that short texts are made of, in the order of their numbers: those of the frame's dictionary, then
/// what the columns of a group added. First characters (surnames) and later ones (given names) count apart.
struct Alphabet {
  struct Half {
    /// Numbers of the dictionary's characters; shared, never changed.
    let base: FrameDictionary.Characters?
    var added: [UInt32] = []
    private var numbers: [UInt32: Int] = [:]

    init(_ base: FrameDictionary.Characters?) { self.base = base }

    var count: Int { (base?.scalars.count ?? 0) + added.count }

    func number(of scalar: UInt32) -> Int? { base?.number(of: scalar) ?? numbers[scalar] }

    mutating func add(_ scalar: UInt32) {
      numbers[scalar] = count
      added.append(scalar)
    }

    @inline(__always)
    func scalar(_ number: Int) -> UInt32 {
      let known = base?.scalars.count ?? 0
      return number < known ? base?.scalars[number] ?? 0 : added[number - known]
    }
  }

  var first: Half
  var later: Half

  init(_ dictionary: FrameDictionary?) {
    first = Half(dictionary?.firstCharacters)
    later = Half(dictionary?.laterCharacters)
  }
}

/// Short texts such as names as numbers of their characters, place by place: a byte or two for what UTF-8 needs three.
///
///     longest u8 · lengths in characters as integers · characters new to the alphabet, first ones then later ones
///     (count varint, then differences of code points as zigzag) · per place: numbers of the rows that are that long,
///     as integers
enum CharacterColumn {
  /// Longer texts are not names; other modes serve them better.
  static let lengthMax = 6
  private static let textsMin = 16

  static func encode(_ texts: TextColumn.Texts, _ alphabet: inout Alphabet, to writer: inout ColumnWriter) -> Bool {
    guard texts.count >= textsMin else { return false }
    // Four bytes a character at most: tells long texts without walking through them.
    for row in 0..<texts.count where texts[row].count > lengthMax * 4 || texts[row].isEmpty { return false }
    var lengths: [Int64] = []
    lengths.reserveCapacity(texts.count)
    var places: [[UInt32]] = []
    for row in 0..<texts.count {
      let text = texts[row]
      var place = 0
      var at = 0
      while at < text.count {
        guard place < lengthMax else { return false }
        if place == places.count {
          places.append([])
          places[place].reserveCapacity(texts.count)
        }
        places[place].append(scalar(text, &at))
        place += 1
      }
      lengths.append(Int64(place))
    }
    writer.u8(5)
    writer.u8(UInt8(places.count))
    IntegerColumn.encode(lengths, to: &writer)
    add(places[0], to: &alphabet.first, &writer)
    add(places.dropFirst().flatMap { $0 }, to: &alphabet.later, &writer)
    for (place, scalars) in places.enumerated() {
      let half = place == 0 ? alphabet.first : alphabet.later
      IntegerColumn.encode(scalars.map { Int64(half.number(of: $0) ?? 0) }, to: &writer)
    }
    return true
  }

  /// The character at `at`, which moves to the next.
  ///
  /// - Requires: valid UTF-8; a text that is cut short gives some scalar and ends.
  @inline(__always)
  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> UInt32 {
    let first = UInt32(text[at])
    let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var value = count == 1 ? first : first & (0x7F >> UInt32(count))
    for place in at + 1..<at + count where place < text.count { value = value << 6 | UInt32(text[place] & 0x3F) }
    at += count
    return value
  }

  private static func add(_ scalars: [UInt32], to half: inout Alphabet.Half, _ writer: inout ColumnWriter) {
    let fresh = Set(scalars.filter { half.number(of: $0) == nil }).sorted()
    writer.count(fresh.count)
    var previous: Int64 = 0
    for scalar in fresh {
      writer.zigzag(Int64(scalar) - previous)
      previous = Int64(scalar)
      half.add(scalar)
    }
  }

  static func decode(
    count: Int, _ alphabet: inout Alphabet, into decoded: inout TextColumn.Decoded, from reader: inout ByteReader
  ) throws(MalformedBytes) {
    let at = reader.offset
    let longest = Int(try reader.u8())
    guard (1...lengthMax).contains(longest) else { throw MalformedBytes("1 to \(lengthMax) characters", at: at) }
    let lengths = try IntegerColumn.decode(count: count, from: &reader)
    var counts = [Int](repeating: 0, count: longest)
    for length in lengths {
      guard length >= 1, length <= longest else { throw MalformedBytes("1 to \(longest) characters", at: at) }
      counts[Int(length) - 1] += 1
    }
    try readAdded(&alphabet.first, &reader)
    try readAdded(&alphabet.later, &reader)
    var numbers: [[Int64]] = []
    var rows = count
    for place in 0..<longest {
      let half = place == 0 ? alphabet.first : alphabet.later
      let column = try IntegerColumn.decode(count: rows, from: &reader)
      guard column.allSatisfy({ $0 >= 0 && $0 < half.count }) else {
        throw MalformedBytes("a character of the alphabet", at: at)
      }
      numbers.append(column)
      rows -= counts[place]
    }
    decoded.reserve(count, bytesEach: longest * 3)
    var cursors = [Int](repeating: 0, count: longest)
    for length in lengths {
      for place in 0..<Int(length) {
        let number = Int(numbers[place][cursors[place]])
        cursors[place] += 1
        append(place == 0 ? alphabet.first.scalar(number) : alphabet.later.scalar(number), to: &decoded.blob)
      }
      decoded.endText()
    }
  }

  private static func readAdded(_ half: inout Alphabet.Half, _ reader: inout ByteReader) throws(MalformedBytes) {
    let at = reader.offset
    let count = try reader.count()
    var value: Int64 = 0
    for _ in 0..<count {
      value = value &+ (try reader.zigzag())
      guard let number = UInt32(exactly: value), Unicode.Scalar(number) != nil, half.number(of: number) == nil else {
        throw MalformedBytes("characters that are new", at: at)
      }
      half.add(number)
    }
  }

  /// UTF-8 by RFC 3629.
  ///
  /// - Requires: a Unicode scalar value.
  @inline(__always)
  private static func append(_ scalar: UInt32, to blob: inout Bytes) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift & 0x3F) }
    if scalar < 0x80 {
      blob.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      blob.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
      blob.append(tail(0))
    } else if scalar < 0x1_0000 {
      blob.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
      blob.append(tail(6))
      blob.append(tail(0))
    } else {
      blob.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
      blob.append(tail(12))
      blob.append(tail(6))
      blob.append(tail(0))
    }
  }
}
