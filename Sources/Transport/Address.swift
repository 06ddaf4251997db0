import NIOCore

/// A host and port that a link may use: an address of this machine's loopback device, never a name.
public struct LinkAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address as it was written, without brackets.
  public let host: String
  /// 0…65535; 0 lets the kernel choose and makes sense for listening only.
  public let port: Int

  /// Reads `HOST:PORT`; an IPv6 host may stand in brackets.
  ///
  /// - Throws: `.malformed` unless the port is 0…65535 in decimal digits; `.notLoopback` for every host but
  ///   127.0.0.0/8 and ::1. Links are not encrypted yet, so they stay on this machine; there is no option against
  ///   that.
  public init(_ text: String) throws(LinkAddressError) {
    guard let colon = text.lastIndex(of: ":") else { throw .malformed(text) }
    let digits = text[text.index(after: colon)...]
    // Int also reads signs.
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(digits), port <= 65_535, colon != text.startIndex
    else { throw .malformed(text) }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard let address = try? SocketAddress(ipAddress: host, port: port), LinkAddress.isLoopback(address) else {
      throw .notLoopback(host)
    }
    self.host = host
    self.port = port
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// For the socket calls.
  func socketAddress() throws -> SocketAddress { try SocketAddress(ipAddress: host, port: port) }

  private static func isLoopback(_ address: SocketAddress) -> Bool {
    switch address {
    case .v4(let v4): UInt32(bigEndian: v4.address.sin_addr.s_addr) >> 24 == 127
    case .v6: address.ipAddress == "::1"
    case .unixDomainSocket: false
    }
  }
}

/// Why an address cannot be used for links.
public enum LinkAddressError: Error, Hashable, Sendable {
  /// Not `HOST:PORT`; carries the text.
  case malformed(String)
  /// A name, or an address of another machine or of a network device; carries the host.
  case notLoopback(String)
}

/// Why a carrier could not listen.
public enum ListenError: Error, Hashable, Sendable {
  /// Another socket listens there: choose another port, or stop the other program.
  case addressInUse(LinkAddress)
  /// The system refused for another reason, given by its `errno` (0 when there is none).
  case refused(LinkAddress, errno: Int32)
  /// The carrier was stopped before it listened.
  case stopped
}
