import Primitives

/// Whom a node's certificate names, written as its only URI: `xylem:NETWORK:node:ID`.
///
/// NETWORK is the network's name, every byte of its UTF-8 that RFC 3986 does not call unreserved as `%XX` in upper
/// case; ID is the node's id as 12 lower-case hexadecimal digits. One name has one spelling, and no other is read.
public struct NodeName: Hashable, Sendable, CustomStringConvertible {
  /// The network's name.
  public let network: String
  /// The node.
  public let node: NodeID

  /// The name of a node in its network.
  public init(network: String, node: NodeID) {
    self.network = network
    self.node = node
  }

  /// Reads what ``uri`` writes; nil for anything else, a user's name among it.
  public init?(uri: String) {
    let parts = uri.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "xylem", parts[2] == "node", let number = UInt64(parts[3], radix: 16),
      let node = NodeID(exactly: number), let network = NodeName.decoded(parts[1])
    else { return nil }
    self.init(network: network, node: node)
    guard self.uri == uri else { return nil }
  }

  /// The name as it stands in a certificate.
  public var uri: String { "xylem:\(NodeName.encoded(network)):node:\(id)" }

  /// The node's id as 12 hexadecimal digits, as everywhere where people read it.
  public var id: String {
    let digits = String(node.value, radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }

  public var description: String { uri }

  private static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: Bytes = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
  }
}
