import Foundation
import Glibc
import Testing

/// What a daemon refuses before it touches anything, each with the place to mend.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct RefusalTests {
  /// Every file of a folder with its size and time of change.
  private func print(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().map { name in
      let facts = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      return "\(name) \(facts[.size] ?? 0) \(facts[.modificationDate] ?? 0)"
    }
  }

  private func serve(_ folder: String, _ text: String, _ more: [String] = []) async throws -> Ended {
    let path = folder + "/bad.yaml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try await run("xylemd", ["serve", "--config", path] + more, environment: ["XYLEM_LANG": "en"])
  }

  @Test(
    "configuration: what is wrong is told with its line, and the store is as it was",
    arguments: [
      ("lnk:\n  listen: 127.0.0.1:1\n", "bad.yaml, line 4", "lnk"),
      ("log:\n  level: loud\n", "bad.yaml, line 5", "loud"),
      ("storage:\n  cache: 16\n", "bad.yaml, line 5", "16 MiB"), ("network: elsewhere\n", "bad.yaml:2", "elsewhere"),
      ("link:\n  listen: 0.0.0.0:7000\n", "bad.yaml", "tls.certificate"),
    ])
  func configuration(more: String, place: String, words: String) async throws {
    try await withFolder { folder in
      let store = folder + "/store"
      let made = try await run(
        "xylemd", ["init", "--directory", store, "--network", "n", "--code", "033", "--name", "市委"])
      #expect(made.status == 0, "\(made.text)")
      let before = try print(store)
      let found = try await serve(folder, "node:\n  directory: \(store)\nadmin: {socket: \(folder)/s}\n" + more)
      #expect(found.status == 64 || found.status == 4, "\(found)")
      #expect(found.text.lowercased().contains(words.lowercased()), "\(found.text)")
      #expect(found.text.contains(place), "\(found.text)")
      #expect(try print(store) == before)
    }
  }

  @Test("configuration: another node's directory, a missing one and a port in use are named with their key and line")
  func otherNode() async throws {
    try await withFolder { folder in
      let store = folder + "/store"
      let made = try await run(
        "xylemd", ["init", "--directory", store, "--network", "n", "--code", "033", "--name", "市委"])
      #expect(made.status == 0)
      let before = try print(store)
      let other = try await serve(
        folder, "node:\n  directory: \(store)\n  code: \"034\"\nadmin: {socket: \(folder)/s}\n")
      #expect(other.text.contains("XYL-CFG-0017") && other.text.contains("bad.yaml:2") && other.status == 4, "\(other)")
      #expect(try print(store) == before)
      let missing = try await serve(folder, "node:\n  directory: \(folder)/none\nadmin: {socket: \(folder)/s}\n")
      #expect(missing.text.contains("XYL-CFG-0015") && missing.text.contains("bad.yaml:2"), "\(missing)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/none"))

      let handle = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(handle) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let port = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = bind(handle, $0, length)
          _ = listen(handle, 1)
          _ = getsockname(handle, $0, &length)
        }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
      let busy = try await serve(
        folder,
        "node:\n  directory: \(store)\nadmin: {socket: \(folder)/s}\nlink:\n  listen: 127.0.0.1:\(port)\n",
        ["--insecure-plaintext-for-tests"])
      #expect(busy.text.contains("XYL-CFG-0012") && busy.text.contains("bad.yaml:5") && busy.status == 4, "\(busy)")
    }
  }

  @Test("life: SIGTERM ends a daemon with 0, its socket is gone, and it starts again")
  func terminate() async throws {
    try await withFolder { folder in
      let chain = try await Chain(folder, [("033", "市委")])
      for _ in 0..<2 {
        try await chain.start(0)
        #expect(await chain.end(0, SIGTERM) == 0)
        #expect(!FileManager.default.fileExists(atPath: folder + "/033.sock"))
      }
    }
  }

  @Test("config: every key is shown with its value and where it came from")
  func show() async throws {
    try await withFolder { folder in
      let path = folder + "/n.yaml"
      try "node:\n  directory: d\n  code: \"033\"\nimport:\n  max_rejects: 7\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      let found = try await run("xylemd", ["config", "--config", path], environment: ["XYLEM_LOG_LEVEL": "debug"])
      #expect(found.status == 0)
      for line in [
        "node.directory: d    # \(path):2", "node.code: 033    # \(path):3", "import.max_rejects: 7    # \(path):5",
        "log.level: debug    # environment XYLEM_LOG_LEVEL", "storage.cache: 16 MiB    # default",
      ] { #expect(found.text.contains(line), "\(line) in \(found.text)") }
    }
  }

  @Test("init: what is missing is named with its key and flag, and nothing is made")
  func missing() async throws {
    try await withFolder { folder in
      let found = try await run(
        "xylemd", ["init", "--directory", folder + "/d", "--network", "n", "--name", "市委"],
        environment: ["XYLEM_LANG": "en"])
      #expect(found.status == 64 && found.text.contains("node.code") && found.text.contains("--code"), "\(found)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/d"))
    }
  }
}
