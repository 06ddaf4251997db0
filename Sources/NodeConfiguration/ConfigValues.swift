import Foundation
import Messages
import Primitives

extension NodeConfig {
  /// Takes a value for a key, or tells why it cannot be one. Ranges and contradictions are ``validate()``'s.
  ///
  /// - Requires: a key of ``keys``.
  mutating func set(_ entry: ConfigEntry, origin: String) -> Failure? {
    let key = entry.key
    let text: String
    switch entry.value {
    case .list(let list) where key == "link.children":
      children = list.map(normalised)
      return note(entry, origin)
    case .list: return entry.place.wrongType(key, "one value", "a list")
    case .text(let value): text = value
    }
    // A terminal or a log that shows a path must not be steered by it.
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return entry.place.wrongType(key, "text without control characters", "…")
    }
    if let expected = take(key, text) {
      return expected == ByteSize.expected
        ? entry.place.failure(.configBadUnit, ["key": key, "example": "16 MiB", "found": text])
        : entry.place.wrongType(key, expected, text)
    }
    return note(entry, origin)
  }

  private mutating func note(_ entry: ConfigEntry, _ origin: String) -> Failure? {
    origins[entry.key] = origin
    places[entry.key] = entry.place
    return nil
  }

  /// Returns what the key takes when `text` is not that.
  private mutating func take(_ key: String, _ text: String) -> String? {
    switch key {
    case "network": network = normalised(text)
    case "node.directory": directory = text
    case "node.code": code = normalised(text)
    case "node.name": name = normalised(text)
    case "node.parent_code": parentCode = normalised(text)
    case "node.id":
      guard let id = nodeID(text) else { return "1 to 12 hexadecimal digits, not zero" }
      self.id = id
    case "admin.socket": socket = text
    case "admin.open":
      guard let isOpen = Bool(text) else { return "true, false" }
      isSocketOpenToAll = isOpen
    case "link.listen": listen = text
    case "link.parent": parent = text
    case "link.parent_node":
      guard let id = nodeID(text) else { return "1 to 12 hexadecimal digits, not zero" }
      parentNode = id
    case "tls.certificate": tlsCertificate = text
    case "tls.key": tlsKey = text
    case "tls.authorities": tlsAuthorities = text
    case "tls.revoked": tlsRevoked = text
    case "tls.issuer": tlsIssuer = text
    case "link.children": children = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
    case "link.snapshot_rows":
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return "a whole number" }
      snapshotRows = Int(text) ?? .max
    case "log.level":
      guard NodeConfig.levels.contains(text) else { return NodeConfig.levels.joined(separator: ", ") }
      logLevel = text
    case "log.format":
      guard NodeConfig.formats.contains(text) else { return NodeConfig.formats.joined(separator: ", ") }
      logFormat = text
    case "storage.cache":
      guard let size = ByteSize.parse(text) else { return ByteSize.expected }
      cache = size
    case "storage.write_buffer":
      guard let size = ByteSize.parse(text) else { return ByteSize.expected }
      writeBuffer = size
    case "import.max_rejects":
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return "a whole number" }
      // A number that no Int holds is out of range, not of another type.
      importRejectsMax = Int(text) ?? .max
    case "calendar.today":
      guard CivilDate(iso: text) != nil else { return "YYYY-MM-DD" }
      today = text
    default: requirementFailed("\(key) is no key")
    }
    return nil
  }
}

extension ByteSize {
  static let expected = "a size"
}

private func nodeID(_ text: String) -> NodeID? {
  guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy(isHexDigit) else { return nil }
  return UInt64(text, radix: 16).flatMap { NodeID(exactly: $0) }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
  default: false
  }
}

/// The engine compares text by its bytes, so it gets one spelling of each.
private func normalised(_ text: String) -> String { text.precomposedStringWithCanonicalMapping }

private func trimmed(_ text: Substring) -> String { normalised(text.trimmingCharacters(in: .whitespaces)) }
