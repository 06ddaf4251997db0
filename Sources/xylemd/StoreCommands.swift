import ArgumentParser
import Foundation
import Messages
import Xylem

// Verbs that need a store and no running daemon.

/// `xylemd backup list|verify`.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Lists and proves backups; xylemctl backup create makes them.",
    subcommands: [ListBackups.self, VerifyBackup.self])
}

struct ListBackups: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "The backups in a directory.")
  @Option(name: .customLong("in"), help: "The directory that holds them.") var directory: String

  func run() throws {
    do throws(Failure) {
      say(csv(["created", "code", "node", "sequence", "applied", "bytes", "path"]))
      for found in try Backups.list(in: directory) {
        let manifest = found.manifest
        say(
          csv([
            manifest.created, manifest.rootOrgCode, String(manifest.node.value, radix: 16), "\(manifest.sequence)",
            "\(manifest.applied)", "\(manifest.byteCount)", found.path,
          ]))
      }
    } catch { throw stop(error) }
  }
}

struct VerifyBackup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Proves a backup: restores it into a scratch directory, checks every frame and row, removes it.",
    discussion: """
      xylemd backup verify --from /backup/033001-20261125T230000Z --key data/KEY --remember data
      """)
  @Option(help: "The backup's directory.") var from: String
  @Option(help: "The node's KEY file, which is in no backup.") var key: String
  @Option(help: "Where the scratch directory is made.") var scratch = NSTemporaryDirectory()
  @Option(help: "The node's directory, which shall remember the proof for status and doctor.") var remember: String?

  func run() async throws {
    do throws(Failure) {
      let proof = try await Backups.verify(
        from, keyFile: key, scratch: scratch, rememberedBy: remember, progress: Percent("verify").tell)
      say(
        "proved: \(proof.frames) frames of \(proof.logs) logs, \(proof.rows) rows, \(String(format: "%.1f", proof.seconds)) s"
      )
    } catch { throw stop(error) }
  }
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Puts a backup into a new directory; the node then pulls from its parent what happened since.",
    discussion: """
      xylemd restore --from /backup/033001-20261125T230000Z --directory data --key /secure/KEY --dry-run
      xylemd restore --from /backup/033001-20261125T230000Z --directory data --key /secure/KEY
      """)
  @Option(help: "The backup's directory.") var from: String
  @Option(help: "A missing or empty directory.") var directory: String
  @Option(help: "The node's KEY file, which is in no backup.") var key: String
  @Flag(help: "Checks signature, key, hashes and space; writes nothing.") var dryRun = false

  func run() throws {
    do throws(Failure) {
      let manifest = try Backups.restore(
        from: from, to: directory, keyFile: key, dryRun: dryRun, progress: Percent("restore").tell)
      let what =
        "\(manifest.rootOrgCode) of \(manifest.created): commit \(manifest.sequence), \(manifest.byteCount) bytes"
      say(dryRun ? "would restore \(what)" : "restored \(what); it is read-only until its parent has been asked")
    } catch { throw stop(error) }
  }
}

struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Lets a node pull its history back from its parent: after a fence, a short log, a lost disk or machine.",
    discussion: """
      xylemd recover --directory data                              a store that was put back by hand, or was fenced
      xylemd recover --directory data --isolated                   work on without asking; to be reconciled later
      xylemd recover --config node.yaml --node 3f9a --key KEY      an empty disk, the key was kept
      xylemd recover --config node.yaml --partition 3f9a0001 --epoch 3   a new machine takes a lost node's place
      """)
  @Option(help: "The YAML file: takes network, node.directory, code, name and parent_code from it.") var config: String?
  @Option(help: "The node's directory; missing or empty for a lost disk.") var directory: String?
  @Option(help: "The network's name.") var network: String?
  @Option(help: "Code of the domain's root org, quoted.") var code: String?
  @Option(help: "Name of the domain's root org.") var name: String?
  @Option(help: "Code of the org above.") var parentCode: String?
  @Option(help: "The lost node's id in hexadecimal.") var node: String?
  @Option(help: "The lost node's KEY file; without it a new key is made.") var key: String?
  @Option(help: "The domain's partition in hexadecimal, from xylemctl domain list.") var partition: String?
  @Option(help: "The epoch in which this node will own it.") var epoch: UInt32 = 1
  @Flag(help: "Go on at once under a new incarnation that is to be reconciled.") var isolated = false

  func run() throws {
    let config = try readConfig(
      config,
      flags: [
        "node.directory": directory, "network": network, "node.code": code, "node.name": name,
        "node.parent_code": parentCode,
      ])
    do throws(Failure) {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: config.directory)) ?? []
      if !names.isEmpty {
        let (found, acknowledged) = try Node.recover(at: config.directory, isolated: isolated)
        if let acknowledged { say("acknowledged was \(acknowledged)") }
        say("found \(found)")
        say(
          isolated
            ? "the next start begins a new incarnation, to be reconciled with the parent"
            : "the node is read-only until its parent has handed back what it holds")
        return
      }
      guard let network = config.network, let code = config.code, let name = config.name,
        let parent = config.parentCode, !parent.isEmpty
      else {
        throw Failure(
          .configKeyMissing,
          ["key": "network, node.code, node.name, node.parent_code", "example": "--config node.yaml", "file": "-"])
      }
      var lost = Node.Lost()
      lost.node = try number(node, "--node") ?? config.id?.value
      lost.partition = try number(partition, "--partition")
      lost.epoch = epoch
      lost.keyFile = key
      let identity = try Node.recover(
        at: config.directory, network: network, code: code, name: name, parentCode: parent, as: lost)
      FileHandle.standardError.write(
        Data("created \(config.directory) for \(code); the parent hands its history back when the node starts\n".utf8))
      // What xylemctl domain reclaim --to takes; the public key is what link.children takes.
      say("\(String(identity.node.value, radix: 16))=\(identity.key.bytes.hex)")
    } catch { throw stop(error) }
  }

  private func number(_ text: String?, _ option: String) throws(Failure) -> UInt64? {
    guard let text else { return nil }
    guard let number = UInt64(text, radix: 16), number > 0 else {
      throw Failure(.clientBadArgument, ["argument": option, "expected": "a number in hexadecimal", "found": text])
    }
    return number
  }
}

struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence",
    abstract: "Lists what a node wrote after a position, as CSV: records of a fenced node that nobody above has.",
    discussion: """
      xylemd evidence --directory data --after 4200 > only-here.csv
      """)
  @Option(help: "The node's directory; it may be in use.") var directory: String
  @Option(help: "The last commit that the parent has, as the incident names it.") var after: UInt64 = 0

  func run() throws {
    do throws(Failure) {
      say(csv(["log", "sequence", "time", "actor", "reason", "entity", "record", "change"]))
      try Node.evidence(at: directory, after: after) { found in
        let time = ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(found.time) / 1000))
        say(
          csv([
            found.log, "\(found.sequence)", time, found.actor, found.reason, found.entity, found.record, found.change,
          ]))
      }
    } catch { throw stop(error) }
  }
}

/// A line on standard output.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// A line of RFC 4180.
private func csv(_ cells: [String]) -> String {
  cells.map { cell in
    cell.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
      ? "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : cell
  }.joined(separator: ",")
}

/// Progress in percent, on a terminal only.
private struct Percent: Sendable {
  let what: String
  init(_ what: String) { self.what = what }

  func tell(_ done: Int, _ total: Int) {
    guard isatty(STDERR_FILENO) == 1, total > 0 else { return }
    let end = done >= total ? "\n" : ""
    FileHandle.standardError.write(Data("\r\(what) \(done * 100 / total) %\(end)".utf8))
  }
}
