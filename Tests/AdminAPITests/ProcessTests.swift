import Foundation
import Testing

/// The built program, beside the test bundle.
private let program: String = {
  let folder = (CommandLine.arguments.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }) ?? "."
  return folder + "/xylemctl"
}()

private func execute(_ command: String) async throws -> (status: Int32, output: String) {
  try await blocking { try executeNow(command) }
}

private func executeNow(_ command: String) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/bash")
  process.arguments = ["-c", command]
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: program), "xylemctl is not beside the tests"))
struct ProcessTests {
  @Test("process: no store is linked")
  func libraries() async throws {
    let found = try await execute("ldd \(program)")
    #expect(found.status == 0 && !found.output.contains("rocksdb"))
  }

  @Test("process: a reader that leaves early kills nothing")
  func brokenPipe() async throws {
    let found = try await execute(
      "set -o pipefail; \(program) completion bash | head -c 10 >/dev/null; echo ${PIPESTATUS[0]}")
    #expect(found.output == "0\n")
  }

  @Test("process: talk goes to standard error, exit codes reach the shell")
  func exitCodes() async throws {
    let found = try await execute("\(program) status --socket /tmp/xylem-nobody.sock 2>/dev/null; echo $?")
    #expect(found.output == "5\n")
    #expect(try await execute("\(program) statsu 2>/dev/null; echo $?").output == "64\n")
    #expect(
      try await execute("\(program) status --socket /tmp/xylem-nobody.sock --lang zh 2>&1 >/dev/null").output.hasPrefix(
        "错误[XYL-CLI-0001]"))
  }

  @Test("process: init hands every argument to the xylemd beside it or on the path")
  func initialise() async throws {
    try await withFolder { folder in
      let script = folder + "/xylemd"
      try "#!/bin/sh\nprintf '%s|' \"$@\"\nexit 4\n".write(toFile: script, atomically: true, encoding: .utf8)
      chmod(script, 0o755)
      try FileManager.default.copyItem(atPath: program, toPath: folder + "/xylemctl")
      let found = try await execute("\(folder)/xylemctl init --directory 'a b' --code 033 --name 中共 --help")
      #expect(found.output == "init|--directory|a b|--code|033|--name|中共|--help|" && found.status == 4)
    }
  }
}
