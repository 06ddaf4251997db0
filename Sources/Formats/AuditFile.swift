import Primitives

/// Why an audit chain does not hold.
public struct AuditFault: Error, Hashable, Sendable {
  /// The entry at which it shows.
  public let number: UInt64
  /// What is wrong, in English: for the two languages see the message that wraps it.
  public let reason: String

  /// A fault at an entry.
  public init(_ number: UInt64, _ reason: String) {
    self.number = number
    self.reason = reason
  }
}

/// Follows a chain entry by entry: the same check at the node, over its store, and at an auditor's desk, over a file.
public struct AuditVerifier {
  private let key: PublicKey
  private let network: UInt64
  private let node: NodeID
  private var next: UInt64
  private var hash: Digest256
  private let hashing = Hashing()
  /// Entries that held.
  public private(set) var entries: UInt64 = 0
  /// Heads that held.
  public private(set) var heads: UInt64 = 0
  /// The last entry that a head which held covers; 0 for none.
  public private(set) var covered: UInt64 = 0
  private var recent: [(number: UInt64, hash: Digest256)] = []

  /// Where the chain stands: the hash of the last entry.
  public var last: (number: UInt64, hash: Digest256) { (next - 1, hash) }

  /// - Parameters:
  ///   - after: the entry before the first that is given, with its hash; zero and zero for a whole chain.
  ///   - key: of the node whose chain it is.
  public init(after: UInt64, hash: Digest256, key: PublicKey, network: UInt64, node: NodeID) {
    next = after + 1
    self.hash = hash
    self.key = key
    self.network = network
    self.node = node
    recent = [(after, hash)]
  }

  /// Takes the next entry's bytes.
  ///
  /// - Throws: when they are not what the entry before says comes next.
  @discardableResult
  public mutating func add(_ bytes: Bytes) throws(AuditFault) -> AuditEntry {
    let entry: AuditEntry
    do { entry = try AuditEntry(bytes) } catch { throw AuditFault(next, "it is no entry: \(error.expected) expected") }
    guard entry.number == next else { throw AuditFault(next, "number \(entry.number) follows instead") }
    guard entry.previous == hash else { throw AuditFault(next, "it does not follow from the entry before") }
    hash = hashing.digest(bytes)
    recent.append((next, hash))
    next += 1
    entries += 1
    return entry
  }

  /// Checks a head of an entry that was added since the last head.
  ///
  /// - Throws: when the node did not sign that.
  public mutating func check(_ head: AuditHead) throws(AuditFault) {
    guard head.network == network, head.node == node else {
      throw AuditFault(head.number, "its head is another node's")
    }
    guard let place = recent.firstIndex(where: { $0.number == head.number }) else {
      throw AuditFault(head.number, "a head speaks of an entry that is not there")
    }
    guard recent[place].hash == head.hash else { throw AuditFault(head.number, "it is not what its head says") }
    guard head.isSigned(by: key) else { throw AuditFault(head.number, "the node's key did not sign its head") }
    recent.removeFirst(place)
    covered = head.number
    heads += 1
  }
}

/// A stretch of an audit chain as a file that anybody can check who has the node's public key.
///
///     "XYAF" u32 · version u8 = 1 · network u64 · node u64 · key 32 · after u64 · hash 32 ·
///     (kind u8: 1 entry, 2 head · block) … · 0
public enum AuditFile {
  private static let magic: UInt32 = 0x5859_4146
  /// Bytes of a file that is read: a million entries and more.
  public static let byteCountMax = 1 << 30

  /// Writes a stretch piece by piece.
  public struct Writer {
    private var writer = ByteWriter(capacity: 1 << 16)

    /// Begins after an entry with its hash.
    public init(network: UInt64, node: NodeID, key: PublicKey, after: UInt64, hash: Digest256) {
      writer.u32(AuditFile.magic)
      writer.u8(1)
      writer.u64(network)
      writer.u64(node.value)
      writer.raw(key.bytes)
      writer.u64(after)
      writer.raw(hash.bytes)
    }

    /// The next entry.
    public mutating func entry(_ bytes: Bytes) {
      writer.u8(1)
      writer.block(bytes)
    }

    /// A head of an entry written since the last one.
    public mutating func head(_ bytes: Bytes) {
      writer.u8(2)
      writer.block(bytes)
    }

    /// How much is written.
    public var byteCount: Int { writer.bytes.count }

    /// The whole file.
    public consuming func finish() -> Bytes {
      writer.u8(0)
      return writer.bytes
    }
  }

  /// Checks a file from the first to the last byte.
  ///
  /// - Parameters:
  ///   - key: the node's public key as the auditor knows it; nil believes the one in the file, which shows accidents
  ///     and a forger without the node's key, but not who made up a node.
  ///   - known: an entry's number with its hash, noted at an earlier check: a chain that was begun anew does not have
  ///     it.
  ///   - body: called for every entry that holds.
  /// - Throws: where the chain does not hold; `AuditFault` number 0 for what is no such file.
  public static func verify(
    _ bytes: Bytes, key: PublicKey? = nil, known: (number: UInt64, hash: Digest256)? = nil,
    _ body: (AuditEntry) -> Void = { _ in }
  ) throws(AuditFault) -> AuditVerifier {
    var reader = ByteReader(bytes)
    var verifier: AuditVerifier
    do throws(MalformedBytes) {
      guard try reader.u32() == magic, try reader.u8() == 1 else { throw MalformedBytes("an audit file", at: 0) }
      let network = try reader.u64()
      guard let node = NodeID(exactly: try reader.u64()), let said = PublicKey(exactly: try reader.raw(32)) else {
        throw MalformedBytes("a node and its key", at: 13)
      }
      if let key, key != said { throw MalformedBytes("the key of the node that was named", at: 21) }
      let after = try reader.u64()
      verifier = AuditVerifier(
        after: after, hash: Digest256(try reader.raw(Digest256.byteCount)), key: said, network: network, node: node)
    } catch { throw AuditFault(0, "the file's head: \(error.expected) expected") }
    var hasKnown = known == nil || known?.number == verifier.last.number && known?.hash == verifier.last.hash
    while true {
      let kind: UInt8
      var block: Bytes = []
      do throws(MalformedBytes) {
        kind = try reader.u8()
        if kind != 0 { block = try reader.block() }
      } catch { throw AuditFault(verifier.last.number + 1, "the file ends here") }
      switch kind {
      case 0:
        guard reader.isAtEnd else { throw AuditFault(verifier.last.number + 1, "bytes follow the end") }
        guard verifier.covered == verifier.last.number else {
          throw AuditFault(verifier.last.number, "no signed head covers the end")
        }
        if let known, !hasKnown { throw AuditFault(known.number, "the entry noted earlier is not in the file") }
        return verifier
      case 1:
        body(try verifier.add(block))
        if let known, known.number == verifier.last.number { hasKnown = known.hash == verifier.last.hash }
      case 2:
        let head: AuditHead
        do { head = try AuditHead(block) } catch { throw AuditFault(verifier.last.number, "a head that is none") }
        try verifier.check(head)
      default: throw AuditFault(verifier.last.number + 1, "a piece of kind \(kind)")
      }
    }
  }
}
