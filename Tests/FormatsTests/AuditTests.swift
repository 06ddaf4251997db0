import Primitives
import Testing

@testable import Formats

private func bytes(_ hex: String) throws -> Bytes { try #require(Bytes(hex: hex)) }
private func signer(_ number: UInt8) throws -> SigningKey {
  try #require(SigningKey(seed: Bytes(repeating: number, count: 32)))
}

/// A chain of some entries with a head over every third and the last, as a file, with its parts.
private struct Chain {
  var entries: [Bytes] = []
  var heads: [Int: Bytes] = [:]
  let node = NodeID(7)
  let key: SigningKey

  init(_ count: UInt64, _ key: SigningKey) {
    self.key = key
    var previous = Digest256.zero
    for number in 1...count {
      let draft = AuditEntry.Draft(
        .read, actor: "甲", session: 5, org: number % 2 == 0 ? RecordID(mint: 9, counter: number) : nil, count: number,
        detail: "why", records: [RecordKey(entity: EntityID(3), record: RecordID(mint: 4, counter: number))])
      let entry = AuditEntry(draft, number: number, time: 1000 + number, incarnation: 1, previous: previous).encoded
      previous = Hashing().digest(entry)
      entries.append(entry)
      if number % 3 == 0 || number == count {
        let head = AuditHead(network: 11, node: node, number: number, hash: previous, time: 5, signer: key)
        heads[entries.count - 1] = head.encoded
      }
    }
  }

  func file(after: Int = 0) -> Bytes {
    let hash = after == 0 ? Digest256.zero : Hashing().digest(entries[after - 1])
    var writer = AuditFile.Writer(network: 11, node: node, key: key.publicKey, after: UInt64(after), hash: hash)
    for place in entries.indices.dropFirst(after) {
      writer.entry(entries[place])
      if let head = heads[place] { writer.head(head) }
    }
    return writer.finish()
  }
}

@Suite struct AuditTests {
  @Test("audit: an entry comes back, and its bytes are these")
  func entry() throws {
    let draft = AuditEntry.Draft(
      .unmasking, actor: "甲", session: 0x0102_0304, org: RecordID(mint: 5, counter: 6), count: 7, detail: "r",
      records: [RecordKey(entity: EntityID(3), record: RecordID(mint: 8, counter: 9), ordinal: 2)])
    let entry = AuditEntry(draft, number: 1, time: 2, incarnation: 3, previous: .zero)
    let golden =
      "01" + "0000000000000001" + "0000000000000002" + "0003" + "08" + "01020304" + "03e794b2" + "0000000000000005"
      + "0000000000000006" + "0000000000000007" + "0172" + "01" + "03" + "0000000000000008" + "0000000000000009"
      + "00000002" + String(repeating: "00", count: 32)
    #expect(entry.encoded.hex == golden)
    #expect(try AuditEntry(entry.encoded) == entry)
    for count in 0..<entry.encoded.count {
      #expect(throws: MalformedBytes.self) { try AuditEntry(Bytes(entry.encoded.prefix(count))) }
    }
  }

  @Test("audit: a reader of a file needs the public key alone, and may begin where the last one ended")
  func file() throws {
    let chain = Chain(10, try signer(1))
    var seen: [UInt64] = []
    let all = try AuditFile.verify(chain.file(), key: chain.key.publicKey) { seen.append($0.number) }
    #expect(seen == Array(1...10) && all.entries == 10 && all.heads == 4 && all.covered == 10)
    let noted = (number: UInt64(4), hash: Hashing().digest(chain.entries[3]))
    #expect(try AuditFile.verify(chain.file(), known: noted).entries == 10)
    #expect(try AuditFile.verify(chain.file(after: 4), known: noted).entries == 6)
    #expect(throws: AuditFault.self) { try AuditFile.verify(chain.file(), key: try signer(2).publicKey) }
    // The same node, with its key, begins its past anew: the auditor's note is not in it.
    var other = Chain(10, chain.key)
    other.entries[0] = Bytes(other.entries[0].reversed())
    #expect(throws: AuditFault.self) { try AuditFile.verify(Chain(3, chain.key).file(), known: noted) }
  }

  @Test("audit: a bit turned anywhere in a file is seen")
  func tampering() throws {
    let chain = Chain(5, try signer(1))
    let file = chain.file()
    for place in file.indices {
      var other = file
      other[place] ^= 1
      #expect(throws: AuditFault.self, "byte \(place)") {
        try AuditFile.verify(other, key: chain.key.publicKey)
      }
    }
    for count in 0..<file.count {
      #expect(throws: AuditFault.self) { try AuditFile.verify(Bytes(file.prefix(count)), key: chain.key.publicKey) }
    }
  }

  @Test("audit: an entry left out, put in, swapped, or cut off behind a head is seen")
  func cutting() throws {
    let chain = Chain(9, try signer(1))
    for place in chain.entries.indices {
      var less = chain
      less.entries.remove(at: place)
      #expect(throws: AuditFault.self) { try AuditFile.verify(less.file(), key: chain.key.publicKey) }
      var swapped = chain
      if place > 0 { swapped.entries.swapAt(place, place - 1) } else { swapped.entries.insert(chain.entries[3], at: 0) }
      #expect(throws: AuditFault.self) { try AuditFile.verify(swapped.file(), key: chain.key.publicKey) }
    }
    var beheaded = chain
    beheaded.heads[8] = nil
    #expect(throws: AuditFault.self) { try AuditFile.verify(beheaded.file(), key: chain.key.publicKey) }
  }

  @Test("audit: texts longer than an entry takes are cut at a character")
  func long() throws {
    let draft = AuditEntry.Draft(.read, actor: "a", detail: Text(String(repeating: "文", count: 400)))
    let entry = AuditEntry(draft, number: 1, time: 1, incarnation: 1, previous: .zero)
    #expect(entry.detail.byteCount <= AuditEntry.textBytesMax && entry.detail.string.hasSuffix("文…"))
    #expect(try AuditEntry(entry.encoded) == entry)
  }
}

@Suite struct PasswordTests {
  @Test("passwords: a hash fits its password only, and comes back from its bytes")
  func hash() throws {
    let salt = Bytes(repeating: 3, count: 16)
    let hash = PasswordHash(Bytes("正确的 password 1".utf8), salt: salt)
    var writer = ByteWriter(capacity: 64)
    hash.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    let same = try PasswordHash(&reader)
    #expect(same == hash && same.fits(Bytes("正确的 password 1".utf8)) && !same.fits(Bytes("正确的 password 2".utf8)))
    #expect(!same.fits([]))
    // Parameters that would take gigabytes are refused before they do.
    writer.bytes[0] = 30
    var hostile = ByteReader(writer.bytes)
    #expect(throws: MalformedBytes.self) { try PasswordHash(&hostile) }
  }

  @Test("passwords: scrypt as another implementation computes it (N 16,384, r 8, p 1)")
  func vector() throws {
    let hash = PasswordHash(Bytes("pleaseletmein".utf8), salt: Bytes("SodiumChloride".utf8) + [0, 0])
    #expect(hash.hash.hex == "f7d2bd1befac5a5bd950e569afa233d06ab554e25b451d4027f2142013beaea3")
    #expect((hash.logN, hash.r, hash.p) == (14, 8, 1))
  }

  @Test("codes: those of RFC 6238, appendix B")
  func codes() throws {
    let secret = Bytes("12345678901234567890".utf8)
    for (time, code) in [
      (59, 94_287_082), (1_111_111_109, 7_081_804), (1_111_111_111, 14_050_471), (1_234_567_890, 89_005_924),
      (2_000_000_000, 69_279_037),
    ] as [(UInt64, UInt32)] {
      #expect(OneTimeCode.code(secret, step: OneTimeCode.step(at: time * 1000)) == code % 1_000_000)
    }
    #expect(OneTimeCode.base32(secret) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
  }

  @Test("secrets: what is sealed opens for its place and its key only")
  func seal() throws {
    let key = try signer(1)
    let sealed = LocalSeal.seal([1, 2, 3], salt: Bytes(repeating: 9, count: 16), purpose: [7], by: key)
    #expect(LocalSeal.open(sealed, purpose: [7], by: key) == [1, 2, 3])
    #expect(LocalSeal.open(sealed, purpose: [8], by: key) == nil)
    #expect(LocalSeal.open(sealed, purpose: [7], by: try signer(2)) == nil)
    for place in sealed.indices {
      var other = sealed
      other[place] ^= 1
      #expect(LocalSeal.open(other, purpose: [7], by: key) == nil)
    }
  }
}
