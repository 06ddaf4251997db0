import Foundation

/// A link address as a configuration may write it.
enum LoopbackText {
  enum Reading: Equatable {
    /// The address in its one spelling, for comparing.
    case address(String)
    case malformed
    case portOutOfRange(String)
    /// A name or another machine's address: links are not encrypted yet, so they stay on this machine.
    case notLoopback
  }

  /// - Parameter text: `HOST:PORT`, an IPv6 host in brackets or not.
  static func read(_ text: String) -> Reading {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { return .malformed }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .malformed }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    // inet_pton takes no shorthand and no octal, so what it takes means one thing.
    var v4 = in_addr()
    var v6 = in6_addr()
    let spelling: String
    if inet_pton(AF_INET, host, &v4) == 1, UInt32(bigEndian: v4.s_addr) >> 24 == 127 {
      spelling = host
    } else if inet_pton(AF_INET6, host, &v6) == 1,
      withUnsafeBytes(of: &v6, { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 })
    {
      spelling = "[::1]"
    } else {
      return .notLoopback
    }
    guard let port = Int(digits), (1...65_535).contains(port) else { return .portOutOfRange(String(digits)) }
    return .address("\(spelling):\(port)")
  }
}
