import Primitives

/// Who a node is and with which keys, signed by itself: what two nodes that never meet on a network give each other
/// once, as a small text file. Docs/FORMATS.md draws it.
///
/// Its signature shows that the holder of the signing key made it, not who that is: people compare the ``fingerprint``
/// by telephone or on paper.
public struct NodeCard: Hashable, Sendable {
  /// What a file name ends with.
  public static let fileExtension = "xycard"
  /// A longer text is no card.
  public static let byteCountMax = 4096

  public let network: Text
  /// The node and the present life of its store.
  public let log: LogID
  public let partition: PartitionID
  public let epoch: Epoch
  /// Code and name of the domain's root org, and the code of the org above, empty at the top.
  public let rootOrgCode: Text
  public let rootOrgName: Text
  public let parentOrgCode: Text
  /// What the node signs with.
  public let signingKey: PublicKey
  /// What packages for the node are sealed to.
  public let sealingKey: SealingPublicKey
  private var signature: Bytes

  /// The card of the node that holds `signer`.
  public init(
    network: Text, log: LogID, partition: PartitionID, epoch: Epoch, rootOrgCode: Text, rootOrgName: Text,
    parentOrgCode: Text, signer: SigningKey
  ) {
    self.network = NodeCard.oneLine(network)
    self.log = log
    self.partition = partition
    self.epoch = epoch
    self.rootOrgCode = NodeCard.oneLine(rootOrgCode)
    self.rootOrgName = NodeCard.oneLine(rootOrgName)
    self.parentOrgCode = NodeCard.oneLine(parentOrgCode)
    signingKey = signer.publicKey
    sealingKey = SealingKey(of: signer).publicKey
    signature = []
    signature = signer.sign(NodeCard.signed(lines))
  }

  private static let title = "xylem node card 1"
  private static let names = [
    "network", "node", "incarnation", "partition", "epoch", "code", "name", "parent", "signing-key", "package-key",
    "signature",
  ]

  /// A line break in a name would begin another line of the card.
  private static func oneLine(_ text: Text) -> Text {
    Text(String(String.UnicodeScalarView(text.string.unicodeScalars.map { $0.value < 0x20 ? " " : $0 })))
  }

  private static func lines(_ fields: [(name: String, value: String)]) -> String {
    title + "\n" + fields.map { "\($0.name): \($0.value)\n" }.joined()
  }

  /// "XYC1" and the lines above the signature's.
  private static func signed(_ lines: String) -> Bytes { [0x58, 0x59, 0x43, 0x31] + Bytes(lines.utf8) }

  /// The lines that are signed.
  private var lines: String {
    NodeCard.lines(
      [
        ("network", network.string), ("node", String(log.node.value, radix: 16)),
        ("incarnation", "\(log.incarnation)"), ("partition", String(partition.value, radix: 16)),
        ("epoch", "\(epoch.value)"), ("code", rootOrgCode.string), ("name", rootOrgName.string),
        ("parent", parentOrgCode.string), ("signing-key", signingKey.bytes.hex),
        ("package-key", sealingKey.bytes.hex),
      ])
  }

  /// The card as its file holds it.
  public var text: String { lines + "signature: \(signature.hex)\n" }

  /// 32 hexadecimal digits in groups of four: what people compare.
  public var fingerprint: String { Hashing().digest(NodeCard.signed(lines)).grouped(groups: 8) }

  private static func trimmed(_ line: Substring) -> String {
    var line = line
    while line.first == " " { line = line.dropFirst() }
    while line.last == " " { line = line.dropLast() }
    return String(line)
  }

  /// Reads a card and checks its signature.
  ///
  /// - Throws: what was expected, and at which line (from 1) as the offset.
  public init(_ text: String) throws(MalformedBytes) {
    guard text.utf8.count <= NodeCard.byteCountMax else { throw MalformedBytes("a card of at most 4 KiB", at: 0) }
    // Mail and editors may change line ends and add empty lines; the signature is over the lines.
    let lines = text.split { $0.isNewline }.map(NodeCard.trimmed).filter { !$0.isEmpty }
    guard lines.first == NodeCard.title else { throw MalformedBytes(NodeCard.title, at: 1) }
    guard lines.count == NodeCard.names.count + 1 else {
      throw MalformedBytes("\(NodeCard.names.count + 1) lines", at: lines.count)
    }
    var values: [String] = []
    for (place, name) in NodeCard.names.enumerated() {
      let line = lines[place + 1]
      guard line.hasPrefix(name + ":") else { throw MalformedBytes(name, at: place + 2) }
      values.append(NodeCard.trimmed(line.dropFirst(name.count + 1)))
    }
    func fail(_ name: String, _ expected: String) -> MalformedBytes {
      MalformedBytes("\(name): \(expected)", at: (NodeCard.names.firstIndex(of: name) ?? 0) + 2)
    }
    network = Text(values[0])
    guard let node = UInt64(values[1], radix: 16).flatMap({ NodeID(exactly: $0) }) else {
      throw fail("node", "a node id")
    }
    guard let incarnation = UInt16(values[2]), incarnation > 0 else { throw fail("incarnation", "a number from 1") }
    log = LogID(node: node, incarnation: incarnation)
    guard let partition = UInt64(values[3], radix: 16).flatMap({ PartitionID(exactly: $0) }) else {
      throw fail("partition", "a partition")
    }
    self.partition = partition
    guard let epoch = UInt32(values[4]) else { throw fail("epoch", "a number") }
    self.epoch = Epoch(epoch)
    rootOrgCode = Text(values[5])
    rootOrgName = Text(values[6])
    parentOrgCode = Text(values[7])
    guard let signing = Bytes(hex: values[8]).flatMap({ PublicKey(exactly: $0) }) else {
      throw fail("signing-key", "64 hexadecimal digits")
    }
    guard let sealing = Bytes(hex: values[9]).flatMap({ SealingPublicKey(exactly: $0) }) else {
      throw fail("package-key", "64 hexadecimal digits")
    }
    guard let signature = Bytes(hex: values[10]) else { throw fail("signature", "128 hexadecimal digits") }
    signingKey = signing
    sealingKey = sealing
    self.signature = signature
    guard signing.isValid(signature, over: NodeCard.signed(self.lines)) else {
      throw fail("signature", "one made with the signing key over the lines above")
    }
  }
}

extension Digest256 {
  /// The first `groups` × 4 hexadecimal digits in groups of four, to be read aloud.
  public func grouped(groups: Int) -> String {
    let digits = Bytes(bytes.prefix(groups * 2)).hex
    return stride(from: 0, to: digits.utf8.count, by: 4).map { start in
      String(digits.dropFirst(start).prefix(4))
    }.joined(separator: " ")
  }
}
