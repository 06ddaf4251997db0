import ArgumentParser
import Formats
import Foundation
import Messages
import Primitives

/// `xylemd audit verify`: what an auditor runs, on any machine, without a node.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Checks exports of a node's audit log.", subcommands: [VerifyAudit.self])
}

struct VerifyAudit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Follows an exported chain and checks every signed head; takes public keys only.",
    discussion: """
      xylemd audit verify audit.xya --key 9f3a…
      xylemd audit verify audit.xya --key 9f3a… --known 1204=77ab…
      """)
  @Argument(help: "The file that xylemctl audit export wrote.") var file: String
  @Option(
    help: "The node's public key in hexadecimal, as xylemd init printed it. Without it the file's own is believed.")
  var key: String?
  @Option(help: "NUMBER=HASH of an entry noted at an earlier check: a chain begun anew does not have it.")
  var known: String?

  func run() throws {
    do throws(Failure) {
      var publicKey: PublicKey?
      if let key {
        publicKey = Bytes(hex: key).flatMap { PublicKey(exactly: $0) }
        guard publicKey != nil else {
          throw Failure(
            .clientBadArgument, ["argument": "--key", "expected": "64 hexadecimal digits", "found": key])
        }
      }
      let noted = try known.map { text throws(Failure) in try entry(text) }
      guard let data = FileManager.default.contents(atPath: file) else {
        throw Failure(.clientFileMissing, ["file": file])
      }
      guard data.count <= AuditFile.byteCountMax else {
        throw Failure(.apiBodyTooLarge, ["maximum": "\(AuditFile.byteCountMax)"])
      }
      let verifier: AuditVerifier
      do { verifier = try AuditFile.verify(Bytes(data), key: publicKey, known: noted) } catch {
        throw Failure(.accessAuditBroken, ["number": "\(error.number)", "reason": error.reason])
      }
      say(
        "the chain holds: \(verifier.entries) entries, \(verifier.heads) signed heads, last "
          + "\(verifier.last.number)=\(verifier.last.hash.bytes.hex)")
      if key == nil { say("warning: the key was taken from the file; name it with --key") }
    } catch { throw stop(error) }
  }

  private func entry(_ text: String) throws(Failure) -> (number: UInt64, hash: Digest256) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let number = UInt64(parts[0]), let bytes = Bytes(hex: String(parts[1])),
      bytes.count == Digest256.byteCount
    else {
      throw Failure(.clientBadArgument, ["argument": "--known", "expected": "NUMBER=HASH", "found": text])
    }
    return (number, Digest256(bytes))
  }
}
