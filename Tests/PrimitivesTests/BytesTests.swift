import Primitives
import Testing

@Suite struct BytesTests {
  @Test("hex: bytes come back; capitals, odd lengths and other characters do not")
  func hex() {
    let all = Bytes((0...255).map { UInt8($0) })
    #expect(Bytes(hex: all.hex) == all && Bytes(hex: "") == [])
    for text in ["0", "0A", "0g", "00 ", "é0"] { #expect(Bytes(hex: text) == nil, "\(text)") }
  }

  @Test("bytes: what the writer wrote the reader reads (1,000 seeds)")
  func roundTrip() throws {
    for seed in 0..<1000 {
      var random = SeededRandom(seed: UInt64(seed))
      let number = random.next() >> UInt64(random.below(64))
      let signed = Int64(bitPattern: random.next()) >> Int64(random.below(64))
      var writer = ByteWriter()
      writer.varint(number)
      writer.zigzag(signed)
      writer.u64(number)
      writer.text("党员\(number)")
      var reader = ByteReader(writer.bytes)
      #expect(try reader.varint() == number)
      #expect(try reader.zigzag() == signed)
      #expect(try reader.u64() == number)
      #expect(try reader.text() == "党员\(number)")
      try reader.finish()
    }
  }

  @Test("bytes: a cut input is an error at every length, never a trap")
  func truncated() {
    var writer = ByteWriter()
    writer.u32(7)
    writer.varint(1 << 40)
    writer.text("中共宁波市委")
    for length in 0..<writer.bytes.count {
      var reader = ByteReader(Bytes(writer.bytes.prefix(length)))
      #expect(throws: MalformedBytes.self) {
        _ = try reader.u32()
        _ = try reader.varint()
        _ = try reader.text()
      }
    }
  }

  @Test("bytes: a count larger than the bytes left is refused before allocation")
  func hostileCount() {
    var writer = ByteWriter()
    writer.varint(1 << 60)
    var reader = ByteReader(writer.bytes)
    #expect(throws: MalformedBytes("a count that fits the bytes left", at: 0)) { _ = try reader.block() }
  }

  @Test("bytes: a padded variable integer is refused, so equal numbers have equal bytes")
  func canonical() {
    var reader = ByteReader([0x81, 0x00])
    #expect(throws: MalformedBytes.self) { _ = try reader.varint() }
  }

  @Test("bytes: the end of a prefix comes after everything that starts with it")
  func prefixEnd() {
    #expect(([1, 2] as Bytes).prefixEnd() == [1, 3])
    #expect(([1, 0xFF] as Bytes).prefixEnd() == [2])
    #expect(([0xFF, 0xFF] as Bytes).prefixEnd() == nil)
  }

  @Test("text: two normal forms are two texts")
  func normalForms() {
    #expect(Text("é") != Text("e\u{301}"))
    #expect(Set([Text("é"), Text("e\u{301}")]).count == 2)
  }
}
