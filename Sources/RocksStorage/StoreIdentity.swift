import Primitives

/// Whose store this is: the content of the NODE file, and of one record inside the database, so that neither can be
/// swapped.
public struct StoreIdentity: Hashable, Sendable {
  /// The disk format this release writes.
  public static let currentFormat = 1
  static let byteCountMax = 4096
  private static let firstLine = "xylem store"

  /// The node whose store it is.
  public let node: NodeID
  /// The network's name.
  public let network: String
  /// The code of the node's root org when the store was made; a label.
  public let rootOrgCode: String
  /// When it was made, as text for people.
  public let created: String
  /// The disk format.
  public let format: Int

  /// An identity in the current format.
  ///
  /// - Requires: no control characters in the texts, which stand in lines of their own, and less than 1,000 bytes each.
  public init(node: NodeID, network: String, rootOrgCode: String, created: String) {
    for text in [network, rootOrgCode, created] {
      require(text.utf8.count < 1000 && text.utf8.allSatisfy { $0 >= 0x20 }, "identity texts are short single lines")
    }
    self.init(node, network, rootOrgCode, created, StoreIdentity.currentFormat)
  }

  private init(_ node: NodeID, _ network: String, _ rootOrgCode: String, _ created: String, _ format: Int) {
    self.node = node
    self.network = network
    self.rootOrgCode = rootOrgCode
    self.created = created
    self.format = format
  }

  /// Whose store a directory holds, read without opening it.
  ///
  /// - Throws: when there is none, or its NODE file is not ours to read.
  public static func read(in directory: String) throws(OpenError) -> StoreIdentity {
    try StoreDirectory(path: directory).identity()
  }

  /// The text of the NODE file: lines a person can read, closed by their checksum.
  var encoded: Bytes {
    let body = """
      \(StoreIdentity.firstLine)
      format: \(format)
      node: \(hexadecimal(node.value, digits: 12))
      network: \(network)
      root-org: \(rootOrgCode)
      created: \(created)

      """
    return Bytes((body + "checksum: \(hexadecimal(UInt64(Checksum.crc32c(body.utf8)), digits: 8))\n").utf8)
  }

  /// Reads a NODE file.
  ///
  /// - Throws: `.newerFormat` before anything else of a newer file is judged, `.damaged` for bytes we did not write.
  static func decode(_ bytes: Bytes, file: String) throws(OpenError) -> StoreIdentity {
    func damaged(_ detail: String) -> OpenError { .damaged(file: file, detail: detail) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw damaged("not UTF-8") }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count >= 4, lines[0] == firstLine, lines.last == "" else { throw damaged("not a NODE file") }
    let checksum = lines[lines.count - 2]
    let body = lines.dropLast(2).map { $0 + "\n" }.joined()
    guard checksum == "checksum: \(hexadecimal(UInt64(Checksum.crc32c(body.utf8)), digits: 8))" else {
      throw damaged("its checksum differs")
    }
    func value(_ key: String, _ line: Int) throws(OpenError) -> String {
      guard line < lines.count - 2, lines[line].hasPrefix(key + ": ") else {
        throw damaged("line \(line + 1) is not \(key)")
      }
      return String(lines[line].dropFirst(key.count + 2))
    }
    guard let format = Int(try value("format", 1)) else { throw damaged("its format is no number") }
    guard format <= currentFormat else { throw .newerFormat(found: format, supported: currentFormat) }
    guard let number = UInt64(try value("node", 2), radix: 16), let node = NodeID(exactly: number) else {
      throw damaged("its node id is malformed")
    }
    let identity = StoreIdentity(
      node, try value("network", 3), try value("root-org", 4), try value("created", 5), format)
    guard identity.encoded == bytes else { throw damaged("it has lines that this format does not know") }
    return identity
  }
}

/// What a caller knows about the store it means to open; nil is "any".
public struct ExpectedIdentity: Hashable, Sendable, CustomStringConvertible {
  /// The node, as in its certificate.
  public let node: NodeID?
  /// The network's name.
  public let network: String?
  /// The code of the node's root org.
  public let rootOrgCode: String?

  /// An expectation of a node, a network, an org or some of them.
  public init(node: NodeID? = nil, network: String? = nil, rootOrgCode: String? = nil) {
    self.node = node
    self.network = network
    self.rootOrgCode = rootOrgCode
  }

  func admits(_ identity: StoreIdentity) -> Bool {
    (node ?? identity.node) == identity.node && (network ?? identity.network).utf8.elementsEqual(identity.network.utf8)
      && (rootOrgCode ?? identity.rootOrgCode).utf8.elementsEqual(identity.rootOrgCode.utf8)
  }

  /// For an operator: what is expected, and nothing of what is not.
  public var description: String {
    [node.map { "node \(hexadecimal($0.value, digits: 12))" }, network.map { "network \($0)" }, rootOrgCode]
      .compactMap { $0 }.joined(separator: ", ")
  }
}

/// A number in lower-case hexadecimal with leading zeros.
func hexadecimal(_ value: UInt64, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(digits - text.count, 0)) + text
}
