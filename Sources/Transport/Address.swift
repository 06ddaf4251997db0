import NIOCore

/// A host and port that a link may use.
public struct LinkAddress: Hashable, Sendable, CustomStringConvertible {
  /// How far addresses may reach.
  public enum Reach: Hashable, Sendable {
    /// This machine's loopback device only, by address: for links without encryption, which tests have.
    case loopback
    /// Any address or name: for links under TLS.
    case anywhere
  }

  /// The address or name as it was written, without brackets.
  public let host: String
  /// 0…65535; 0 lets the kernel choose and makes sense for listening only.
  public let port: Int

  /// Reads `HOST:PORT`; an IPv6 host may stand in brackets.
  ///
  /// - Throws: `.malformed` unless the port is 0…65535 in decimal digits and the host an address or a name of letters,
  ///   digits, points and hyphens; `.notLoopback` within that reach for every host but 127.0.0.0/8 and ::1.
  public init(_ text: String, reach: Reach = .loopback) throws(LinkAddressError) {
    guard let colon = text.lastIndex(of: ":") else { throw .malformed(text) }
    let digits = text[text.index(after: colon)...]
    // Int also reads signs.
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(digits), port <= 65_535, colon != text.startIndex
    else { throw .malformed(text) }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    let address = try? SocketAddress(ipAddress: host, port: port)
    switch reach {
    case .loopback:
      guard let address, LinkAddress.isLoopback(address) else { throw .notLoopback(host) }
    case .anywhere:
      guard address != nil || LinkAddress.isName(host) else { throw .malformed(text) }
    }
    self.host = host
    self.port = port
  }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// For the socket calls; nil for a name, which is looked up when it is dialled.
  var socketAddress: SocketAddress? { try? SocketAddress(ipAddress: host, port: port) }

  private static func isLoopback(_ address: SocketAddress) -> Bool {
    switch address {
    case .v4(let v4): UInt32(bigEndian: v4.address.sin_addr.s_addr) >> 24 == 127
    case .v6: address.ipAddress == "::1"
    case .unixDomainSocket: false
    }
  }

  /// RFC 1123, 2.1, and not all digits in its last label, which some resolvers take for an address in another spelling.
  private static func isName(_ host: String) -> Bool {
    let labels = host.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    return host.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.count) && label.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D }
          && label.first != 0x2D && label.last != 0x2D
      } && labels.last?.allSatisfy({ (0x30...0x39).contains($0) }) == false
  }
}

/// Why an address cannot be used for links.
public enum LinkAddressError: Error, Hashable, Sendable {
  /// Not `HOST:PORT`; carries the text.
  case malformed(String)
  /// A name, or an address of another machine or of a network device; carries the host.
  case notLoopback(String)
}

/// Why a carrier could not begin.
public enum ListenError: Error, Hashable, Sendable {
  /// Another socket listens there: choose another port, or stop the other program.
  case addressInUse(LinkAddress)
  /// The system refused for another reason, given by its `errno` (0 when there is none).
  case refused(LinkAddress, errno: Int32)
  /// The certificate is for another network or node than the store; carries what it names and what it should.
  case otherNode(certificate: String, store: String)
  /// The certificate and its key cannot be used by TLS; carries why.
  case security(String)
  /// The carrier was stopped before it listened.
  case stopped
}
