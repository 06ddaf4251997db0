import NIOCore

/// A host and port that a link may use.
public struct LinkAddress: Hashable, Sendable, CustomStringConvertible {
  public let host: String
  public let port: Int

  /// - Throws: `.malformed` unless the text is `HOST:PORT` with a port of 0…65535; `.notLoopback` for every host but
  ///   127.0.0.0/8 and ::1. Links are not encrypted yet, so they stay on this machine; there is no option against that.
  public init(_ text: String) throws(LinkAddressError) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port), !text[..<colon].isEmpty
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
  case malformed(String)
  case notLoopback(String)
}
