import Foundation
import Messages
import Testing

@testable import NodeConfiguration

/// A directory of its own for one test's files.
func withDirectory(_ body: (String) throws -> Void) throws {
  let path = NSTemporaryDirectory() + "config-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try body(path)
}

/// Reads a file with `bytes`; every failure must fill its texts.
func read(
  _ bytes: [UInt8], environment: [String: String] = [:], flags: [String: String] = [:], plaintext: Bool = false
) throws -> (config: NodeConfig, failures: [Failure]) {
  var result: (config: NodeConfig, failures: [Failure]) = (NodeConfig(), [])
  try withDirectory { directory in
    let path = directory + "/node.yaml"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    result = ConfigReader.read(path: path, environment: environment, flags: flags, isPlaintextForTests: plaintext)
    for failure in result.failures {
      for field in failure.code.message.requiredFields {
        #expect(failure.value(of: field) != nil, "\(failure.code) lacks \(field)")
      }
    }
  }
  return result
}

func read(
  _ text: String, environment: [String: String] = [:], flags: [String: String] = [:], plaintext: Bool = false
) throws -> (config: NodeConfig, failures: [Failure]) {
  try read(Array(text.utf8), environment: environment, flags: flags, plaintext: plaintext)
}

/// `code key line:column` of each failure, for comparing at a glance.
func summary(_ failures: [Failure]) -> [String] {
  failures.map { failure in
    let place = failure.value(of: "line").map { "\($0):\(failure.value(of: "column") ?? "?")" } ?? "-"
    return "\(failure.code) \(failure.value(of: "key") ?? "-") \(place)"
  }
}
