import Foundation
import Testing

/// Runs a shell script; its waiting does not hold a thread of the tests' pool.
private func bash(_ script: String, _ environment: [String: String] = [:]) async throws -> Ended {
  try await run("bash", ["-c", script], folder: "/bin", environment: environment)
}

/// The toolchain's installation, with a release of our own that is signed by a key of our own.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/gpg"), "gpg is not installed"))
struct SetupTests {
  private static let script =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/Deploy/setup-swift"

  /// A tarball whose swift says its version, its signature and the key; returns the fingerprint.
  private func release(in folder: String) async throws -> String {
    let made = try await bash(
      """
      set -e; cd \(folder); export GNUPGHOME=\(folder)/gnupg; mkdir -m 700 gnupg
      mkdir -p tree/swift-6.3.1-RELEASE-debian12/usr/bin
      printf '#!/bin/sh\\necho "Swift version 6.3.1 (swift-6.3.1-RELEASE)"\\n' > tree/swift-6.3.1-RELEASE-debian12/usr/bin/swift
      chmod +x tree/swift-6.3.1-RELEASE-debian12/usr/bin/swift
      tar -czf swift.tar.gz -C tree swift-6.3.1-RELEASE-debian12
      gpg --batch --quiet --passphrase '' --quick-gen-key test@example.org ed25519 sign never 2> log
      gpg --batch --quiet --armor --export > keys.asc
      gpg --batch --quiet --detach-sign --output swift.tar.gz.sig swift.tar.gz 2> log
      gpg --batch --quiet --with-colons --list-keys 2> log | awk -F: '$1 == "fpr" { print $10; exit }'
      gpgconf --kill all
      """)
    #expect(made.status == 0, "\(made.text)")
    return made.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func install(_ folder: String, _ fingerprint: String) async throws -> Ended {
    try await bash(
      "bash \(SetupTests.script)",
      [
        "PATH": "/usr/bin:/bin", "XYLEM_SWIFT_SEARCH": "", "XYLEM_SWIFT_SKIP_APT": "1",
        "XYLEM_SWIFT_TARBALL": folder + "/swift.tar.gz", "XYLEM_SWIFT_KEYS": folder + "/keys.asc",
        "XYLEM_SWIFT_FINGERPRINT": fingerprint, "XYLEM_SWIFT_PREFIX": folder + "/prefix/swift",
      ])
  }

  @Test("setup: a carried release is installed when the right key signed it, and found the next time")
  func installs() async throws {
    try await withFolder { folder in
      let fingerprint = try await release(in: folder)
      try FileManager.default.createDirectory(atPath: folder + "/prefix", withIntermediateDirectories: true)
      let first = try await install(folder, fingerprint)
      #expect(first.status == 0 && first.text.contains("installed: Swift 6.3.1"), "\(first.text)")
      #expect(first.text.contains(folder + "/prefix/swift/usr/bin"))
      let second = try await install(folder, fingerprint)
      #expect(second.status == 0 && second.text.contains("found: Swift 6.3.1"), "\(second.text)")
    }
  }

  @Test("setup: another key's signature, a flipped byte and a missing signature install nothing")
  func refuses() async throws {
    try await withFolder { folder in
      let fingerprint = try await release(in: folder)
      try FileManager.default.createDirectory(atPath: folder + "/prefix", withIntermediateDirectories: true)
      let other = try await install(folder, String(repeating: "A", count: 40))
      #expect(other.status != 0 && other.text.contains("nothing was installed"), "\(other.text)")
      let path = folder + "/swift.tar.gz"
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      let flipped = try await install(folder, fingerprint)
      #expect(flipped.status != 0 && flipped.text.contains("nothing was installed"), "\(flipped.text)")
      try FileManager.default.removeItem(atPath: path + ".sig")
      let unsigned = try await install(folder, fingerprint)
      #expect(unsigned.status != 0 && unsigned.text.contains("is missing"), "\(unsigned.text)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/prefix").isEmpty)
    }
  }
}
