import ArgumentParser
import Console
import Foundation
import Messages

/// Plays tours: documentation that is run.
struct TourCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tour", abstract: "Plays a tour on a small network and compares every output.",
    discussion: """
      xylem-fleet tour Docs/Tours/first-look.tour
      xylem-fleet tour --accept Docs/Tours/first-look.tour
      """)

  @Argument(help: "Tours (*.tour).") var files: [String]
  @Flag(help: "Writes what was found into the tour instead of comparing.") var accept = false
  @Flag(help: "Prints commands and outputs as they happen.") var show = false

  func run() async throws {
    let out = Console.Output.standard()
    Interruption.watch()
    var failures = 0
    for file in files {
      do throws(Failure) { failures += try await play(file, out) } catch {
        out.report(error)
        throw ExitCode(error.exitCode)
      }
    }
    if failures > 0 { throw ExitCode(2) }
  }

  /// Returns how many steps differ.
  private func play(_ file: String, _ out: Console.Output) async throws(Failure) -> Int {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw Failure(.clientFileMissing, ["file": file, "action": "read"])
    }
    let script = try TourScript(text, file: file)
    do {
      let home = NSTemporaryDirectory() + "xylem-tour-\(getpid())"
      try FileManager.default.createDirectory(atPath: home + "/work", withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: home) }
      let network = Network(script.nodes)
      let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
      let fleet = try Fleet(network: network, directory: home + "/nodes", binaries: binaries, today: "2005-09-30")
      let failures: Int
      do {
        try await fleet.start { _ in }
        try await untilHeard(fleet)
        failures = try play(script, file, home, fleet, binaries, out)
      } catch {
        await fleet.stop()
        throw error
      }
      await fleet.stop()
      return failures
    } catch let failure as Failure { throw failure } catch {
      throw Failure(.clientFileUnreadable, ["file": file, "reason": "\(error)", "action": "play"])
    }
  }

  /// Returns when the root has heard of every node: a tour begins with a network that stands.
  private func untilHeard(_ fleet: Fleet) async throws {
    let root = fleet.client(fleet.network.root)
    for _ in 0..<200 {
      let nodes = try await root.tree().nodes
      if nodes.count == fleet.network.nodes.count(where: { !$0.isOffline }),
        nodes.dropFirst().allSatisfy({ $0.age != nil })
      {
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func play(
    _ script: TourScript, _ file: String, _ home: String, _ fleet: Fleet, _ binaries: String, _ out: Console.Output
  ) throws -> Int {
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = binaries + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["LC_ALL"] = "C.UTF-8"
    environment["XYLEM_LANG"] = "en"
    environment["COLUMNS"] = "120"
    for (node, place) in zip(script.nodes, fleet.network.nodes(in: script.nodes.map(\.code))) {
      environment[node.name] = fleet.socket(place)
      environment[node.name + "_tls"] = fleet.tls(place)
      environment[node.name + "_log"] = fleet.log(place)
      environment[node.name + "_port"] = "\(fleet.port(place))"
      if node.parent == nil { environment["XYLEM_SOCKET"] = fleet.socket(place) }
    }
    environment["ca"] = fleet.authorityFolder
    var failures = 0
    var accepted: [(Range<Int>, [String])] = []
    for step in script.steps {
      let (status, lines) = try bash(step.command, home + "/work", environment)
      if show { out.say("$ " + step.command + "\n" + lines.joined(separator: "\n")) }
      if status == step.exit, TourScript.fits(lines, step.expected) { continue }
      failures += 1
      accepted.append((step.range, lines + (status == 0 ? [] : ["[exit \(status)]"])))
      if accept { continue }
      out.warn("\(file):\(step.line): $ \(step.command)")
      for line in step.expected { out.say("  expected  " + line) }
      for line in lines { out.say("  found     " + line) }
      if status != step.exit { out.say("  exit \(status), expected \(step.exit)") }
    }
    if accept, !accepted.isEmpty {
      var lines = script.lines
      for (range, found) in accepted.reversed() { lines.replaceSubrange(range, with: found) }
      try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
      out.say("\(file): \(accepted.count) outputs accepted; read them before you commit")
      return 0
    }
    out.say("\(file): \(script.steps.count - failures) of \(script.steps.count) commands as told")
    return failures
  }

  private func bash(
    _ command: String, _ folder: String, _ environment: [String: String]
  ) throws -> (status: Int32, lines: [String]) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    // An empty line would end the output in the file.
    lines.removeAll { $0.allSatisfy { $0 == " " } }
    return (process.terminationStatus, lines)
  }
}
