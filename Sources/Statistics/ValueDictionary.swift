import Primitives

/// Values with numbers from 1, each value once: what codes of texts and references mean. Only grows.
///
/// What nearly all values are, texts of up to 15 bytes or references, is found by two words in an open table; the rest
/// through a dictionary.
final class ValueDictionary {
  /// Whether its values are references; else texts.
  private let holdsReferences: Bool
  /// Code → value; 0 is null.
  private(set) var values: [Value] = [.null]
  /// The words of each code; codes of values that are found otherwise have a pair that nobody asks for.
  private var words: [Words] = [Words(first: 0, second: 0)]
  /// Codes by the hash of their words, 0 for a free place. Never more than half full.
  private var table = [Int32](repeating: 0, count: 64)
  private var fast = 0
  private var slow: [Value: Int32] = [:]

  init(holdsReferences: Bool) { self.holdsReferences = holdsReferences }

  private struct Words: Equatable {
    let first: UInt64
    let second: UInt64

    var hash: Int {
      var mixed = first ^ second &* 0x9E37_79B9_7F4A_7C15
      mixed = (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
      mixed = (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93
      return Int(truncatingIfNeeded: mixed ^ mixed >> 32)
    }
  }

  var count: Int { values.count }

  /// What it takes, nearly.
  var byteCount: Int {
    values.capacity * MemoryLayout<Value>.stride + words.capacity * 16 + table.capacity * 4 + slow.capacity * 64
  }

  /// The code of a text of lent bytes; 0 when they are no UTF-8, as a reader of rows sees null.
  func code(text bytes: UnsafeRawBufferPointer) -> Int32 {
    guard !holdsReferences, let words = ValueDictionary.words(bytes) else {
      guard let text = String(validating: bytes, as: UTF8.self) else { return 0 }
      return slowCode(.text(Text(text)))
    }
    if let code = find(words) { return code }
    guard let text = String(validating: bytes, as: UTF8.self) else { return 0 }
    return add(words, .text(Text(text)))
  }

  /// The code of a reference.
  func code(reference record: RecordID) -> Int32 {
    guard holdsReferences else { return slowCode(.reference(record)) }
    let words = Words(first: record.counter, second: record.mint)
    return find(words) ?? add(words, .reference(record))
  }

  /// The code of any value.
  func code(_ value: Value) -> Int32 {
    switch value {
    case .null: return 0
    case .reference(let record): return code(reference: record)
    case .text(let text):
      var string = text.string
      return string.withUTF8 { code(text: UnsafeRawBufferPointer($0)) }
    default: return slowCode(value)
    }
  }

  /// A short text as two words, its length the last byte; nil for longer ones.
  private static func words(_ bytes: UnsafeRawBufferPointer) -> Words? {
    guard bytes.count <= 15 else { return nil }
    var (first, second): (UInt64, UInt64) = (0, UInt64(bytes.count) << 56)
    for (position, byte) in bytes.enumerated() {
      if position < 8 {
        first |= UInt64(byte) << UInt64(position * 8)
      } else {
        second |= UInt64(byte) << UInt64(position * 8 - 64)
      }
    }
    return Words(first: first, second: second)
  }

  private func find(_ words: Words) -> Int32? {
    let mask = table.count - 1
    var place = words.hash & mask
    while table[place] != 0 {
      let code = table[place]
      if self.words[Int(code)] == words { return code }
      place = (place + 1) & mask
    }
    return nil
  }

  private func add(_ words: Words, _ value: Value) -> Int32 {
    let code = append(value, words)
    fast += 1
    if fast * 2 > table.count {
      let old = table
      table = [Int32](repeating: 0, count: old.count * 2)
      for code in old where code != 0 { place(code) }
    }
    place(code)
    return code
  }

  private func place(_ code: Int32) {
    let mask = table.count - 1
    var place = words[Int(code)].hash & mask
    while table[place] != 0 { place = (place + 1) & mask }
    table[place] = code
  }

  private func slowCode(_ value: Value) -> Int32 {
    if let code = slow[value] { return code }
    // Not in the table, so that these words are never compared.
    let code = append(value, Words(first: 0, second: 0))
    slow[value] = code
    return code
  }

  private func append(_ value: Value, _ words: Words) -> Int32 {
    require(values.count < Int(Int32.max), "codes fit 31 bits")
    values.append(value)
    self.words.append(words)
    return Int32(values.count - 1)
  }
}
