import Foundation

/// A link address as a configuration may write it.
enum LinkText {
  enum Reading: Equatable {
    /// The address in one spelling, for comparing.
    case address(String)
    /// A name that is looked up when it is dialled, in one spelling.
    case name(String)
    case malformed
    case portOutOfRange(String)
    /// A name or another machine's address, where links must stay on this machine.
    case notLoopback
  }

  /// - Parameters:
  ///   - text: `HOST:PORT`, an IPv6 host in brackets or not.
  ///   - isLoopbackOnly: whether the link is not encrypted.
  static func read(_ text: String, isLoopbackOnly: Bool) -> Reading {
    guard let colon = text.lastIndex(of: ":"), colon != text.startIndex else { return .malformed }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .malformed }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    let address = spelling(host)
    if isLoopbackOnly {
      guard let address, address == "[::1]" || address.hasPrefix("127.") else { return .notLoopback }
    } else if address == nil, !isName(host) {
      return .malformed
    }
    guard let port = Int(digits), (1...65_535).contains(port) else { return .portOutOfRange(String(digits)) }
    return address.map { .address("\($0):\(port)") } ?? .name("\(host.lowercased()):\(port)")
  }

  /// inet_pton takes no shorthand and no octal, so what it takes means one thing.
  private static func spelling(_ host: String) -> String? {
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, host, &v4) == 1 { return host }
    guard inet_pton(AF_INET6, host, &v6) == 1 else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(AF_INET6, &v6, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return "[" + buffer.prefix { $0 != 0 }.map { String(UnicodeScalar(UInt8(bitPattern: $0))) }.joined() + "]"
  }

  /// Letters, digits, points and hyphens, and not only digits behind the last point.
  private static func isName(_ host: String) -> Bool {
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    return host.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
          && label.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
          }
      } && labels.last?.utf8.allSatisfy({ (0x30...0x39).contains($0) }) == false
  }
}
