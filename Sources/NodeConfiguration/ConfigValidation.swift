import Messages
import Primitives

extension NodeConfig {
  /// Everything that is out of range, missing or contradictory; empty when a daemon may start with this.
  ///
  /// Touches no file: whether the directory holds this node's store is found out when it is opened.
  public func validate() -> [Failure] {
    var failures: [Failure] = []
    if directory.isEmpty {
      failures.append(
        place("node.directory").failure(
          .configKeyMissing, ["key": "node.directory", "example": "node.directory: data"]))
    }
    for key in ["network", "node.name", "node.code", "node.parent_code"] {
      guard let text = text(of: key) else { continue }
      let most = key == "network" ? 128 : key == "node.name" ? 256 : NodeConfig.codeBytesMax
      checkRange(key, text.utf8.count, 1...most, "bytes", found: text, &failures)
    }
    for key in ["node.code", "node.parent_code"] { checkCode(key, text(of: key), &failures) }
    if !directory.isEmpty { checkRange("admin.socket", socket.utf8.count, 1...100, "bytes", found: socket, &failures) }
    checkAddresses(&failures)
    checkCertificates(&failures)
    checkChildren(&failures)
    checkSize("storage.cache", cache, .mebibytes(1), .mebibytes(64 << 10), &failures)
    checkSize("storage.write_buffer", writeBuffer, .mebibytes(1), .mebibytes(1 << 10), &failures)
    checkRange("link.snapshot_rows", snapshotRows, 1...1_000_000_000, "rows", found: "\(snapshotRows)", &failures)
    checkRange("import.max_rejects", importRejectsMax, 0...1_000_000, "", found: "\(importRejectsMax)", &failures)
    if let code, code == parentCode {
      failures.append(conflict("node.parent_code", "node.code", "an org is not above itself"))
    }
    return failures
  }

  private static let codeBytesMax = 64

  private func place(_ key: String) -> ConfigPlace { places[key] ?? ConfigPlace(file: "-") }

  private func conflict(_ first: String, _ second: String, _ reason: String) -> Failure {
    place(first).failure(.configConflict, ["first": first, "second": second, "reason": reason, "key": first])
  }

  private func checkRange(
    _ key: String, _ value: Int, _ range: ClosedRange<Int>, _ unit: String, found: String, _ failures: inout [Failure]
  ) {
    guard !range.contains(value) else { return }
    let unit = unit.isEmpty ? "" : " " + unit
    failures.append(
      place(key).failure(
        .configOutOfRange,
        ["key": key, "minimum": "\(range.lowerBound)\(unit)", "maximum": "\(range.upperBound)\(unit)", "found": found]))
  }

  private func checkSize(
    _ key: String, _ size: ByteCount, _ least: ByteCount, _ most: ByteCount, _ failures: inout [Failure]
  ) {
    guard size < least || most < size else { return }
    failures.append(
      place(key).failure(
        .configOutOfRange,
        ["key": key, "minimum": ByteSize.text(least), "maximum": ByteSize.text(most), "found": ByteSize.text(size)]))
  }

  private func checkCode(_ key: String, _ code: String?, _ failures: inout [Failure]) {
    guard let code, code.contains(where: { $0.isWhitespace || $0 == "," }) else { return }
    failures.append(place(key).wrongType(key, "an org code without spaces and commas", code))
  }

  private func checkAddresses(_ failures: inout [Failure]) {
    var spellings: [String] = []
    for (key, text) in [("link.listen", listen), ("link.parent", parent)] {
      guard let text else { continue }
      switch LinkText.read(text, isLoopbackOnly: isPlaintextForTests) {
      case .address(let spelling): spellings.append(spelling)
      case .name(let spelling):
        if key == "link.listen" {
          failures.append(place(key).wrongType(key, "ADDRESS:PORT, for example 0.0.0.0:7001", text))
        } else {
          spellings.append(spelling)
        }
      case .malformed: failures.append(place(key).wrongType(key, "HOST:PORT, for example 10.3.0.1:7001", text))
      case .portOutOfRange(let port):
        failures.append(
          place(key).failure(
            .configOutOfRange, ["key": key, "minimum": "port 1", "maximum": "port 65535", "found": port]))
      case .notLoopback:
        failures.append(place(key).failure(.configPlaintextNotLoopback, ["key": key, "address": text]))
      }
    }
    if spellings.count == 2, spellings[0] == spellings[1] {
      failures.append(conflict("link.parent", "link.listen", "a node is not its own parent"))
    }
  }

  /// Links are encrypted: where there is an address, there are certificates.
  private func checkCertificates(_ failures: inout [Failure]) {
    let keys = ["tls.certificate", "tls.key", "tls.authorities"]
    let given = keys.filter { text(of: $0) != nil }
    if isPlaintextForTests {
      if let key = given.first { failures.append(conflict(key, "--insecure-plaintext-for-tests", "links are either")) }
      return
    }
    guard listen != nil || parent != nil || !given.isEmpty else { return }
    let near = ["link.listen", "link.parent"] + given
    for key in keys where !given.contains(key) {
      let place = near.compactMap { places[$0] }.first ?? place(key)
      let example = key == "tls.key" ? "node.key" : key == "tls.certificate" ? "node.crt" : "authorities.crt"
      failures.append(place.failure(.configKeyMissing, ["key": key, "example": "\(key): tls/\(example)"]))
    }
  }

  private func checkChildren(_ failures: inout [Failure]) {
    guard let children else { return }
    checkRange("link.children", children.count, 0...4096, "codes", found: "\(children.count)", &failures)
    var codes: [String] = []
    for entry in children.prefix(4096) {
      // CODE, or CODE=KEY with the public key that the child's creation printed.
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let child = parts.first ?? ""
      if parts.count == 2, Bytes(hex: parts[1])?.count != 32 {
        failures.append(
          place("link.children").wrongType("link.children", "CODE=KEY with a key of 64 hexadecimal digits", entry))
        return
      }
      codes.append(child)
      if child.isEmpty || child.utf8.count > NodeConfig.codeBytesMax {
        checkRange("link.children", child.utf8.count, 1...NodeConfig.codeBytesMax, "bytes", found: child, &failures)
        return
      }
      let before = failures.count
      checkCode("link.children", child, &failures)
      if failures.count > before { return }
    }
    if let code, codes.contains(code) {
      failures.append(conflict("link.children", "node.code", "a node is not its own child"))
    }
  }
}
