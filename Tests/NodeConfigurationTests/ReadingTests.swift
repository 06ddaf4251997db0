import Messages
import Primitives
import Testing

@testable import NodeConfiguration

@Suite struct ReadingTests {
  private let full = """
    # A district's node.
    network: 示例市
    node:
      directory: /var/lib/xylem
      code: 033001
      name: "海曙区"   # quoted or not
      parent_code: '033'
      id: 00ff10
    admin:
      socket: /run/xylem.sock
      open: true
    link:
      listen: "127.0.0.1:7001"
      parent: "[::1]:7000"
      parent_node: 0a
      children: [033001001, "033001002"]
      snapshot_rows: 500
    tls: { certificate: n.crt, key: n.key, authorities: ca.crt, revoked: r.txt, issuer: ca }
    log: { level: debug, format: json }
    storage:
      cache: 64 MiB
      write_buffer: 2048KiB
    import.max_rejects: 0
    calendar:
      today: 2026-07-01
    """

  @Test("reading: every key arrives, with the line it stands in")
  func everyKey() throws {
    let (config, failures) = try read(full)
    #expect(failures == [])
    let values = NodeConfig.keys.map { config.text(of: $0) }
    #expect(
      values == [
        "示例市", "/var/lib/xylem", "033001", "海曙区", "033", "ff10", "/run/xylem.sock", "true", "127.0.0.1:7001",
        "[::1]:7000", "a", "033001001,033001002", "500", "n.crt", "n.key", "ca.crt", "r.txt", "ca", "debug", "json",
        "64 MiB", "2 MiB", "0", "2026-07-01",
      ])
    let lines = NodeConfig.keys.map { config.origins[$0]?.split(separator: ":").last.flatMap { Int($0) } }
    #expect(lines == [2, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16, 17, 18, 18, 18, 18, 18, 19, 19, 21, 22, 23, 25])
  }

  @Test("reading: the least there must be is the directory, and the rest are defaults without origin")
  func defaults() throws {
    let (config, failures) = try read("node: { directory: data }")
    #expect(failures == [])
    #expect(config.socket == "xylem.sock")
    #expect(config.children == nil && config.listen == nil && config.parent == nil && config.id == nil)
    #expect(config.cache == .mebibytes(16) && config.writeBuffer == .mebibytes(32))
    #expect(config.logLevel == "info" && config.logFormat == "text" && config.importRejectsMax == 1000)
    #expect(config.snapshotRows == 10_000)
    #expect(Array(config.origins.keys) == ["node.directory"])
  }

  @Test("reading: flags beat the environment, which beats the file")
  func precedence() throws {
    let text = "node: { directory: a }\nlog: { level: debug, format: json }\nnetwork: x"
    let (config, failures) = try read(
      text, environment: ["XYLEM_NODE_DIRECTORY": "b", "XYLEM_LOG_LEVEL": "error", "XYLEM_LOG_FORMAT": ""],
      flags: ["node.directory": "c"])
    #expect(failures == [])
    #expect(config.directory == "c" && config.logLevel == "error" && config.logFormat == "json")
    #expect(config.origins["node.directory"] == "flag")
    #expect(config.origins["log.level"] == "environment XYLEM_LOG_LEVEL")
    #expect(config.origins["log.format"]?.hasSuffix("node.yaml:2") == true)
  }

  @Test("reading: without a file, flags and environment are enough")
  func withoutFile() {
    let (config, failures) = ConfigReader.read(
      path: nil, environment: ["XYLEM_LINK_CHILDREN": "0331, 0332", "XYLEM_NODE_PARENT_CODE": "03"],
      flags: ["node.directory": "d"])
    #expect(failures == [])
    #expect(config.children == ["0331", "0332"])
    #expect(config.parentCode == "03")
  }

  @Test(
    "reading: a code keeps its text, whatever number YAML could see in it",
    arguments: ["011000", "0o17", "0x1F", "1e5", "1_000", "007", "12:30:45", "yes", "1.50"])
  func codes(code: String) throws {
    let (config, failures) = try read("node: { directory: d }\nnode.code: \(code)\nlink.children: [\(code)1]")
    #expect(failures == [])
    #expect(config.code == code)
    #expect(config.children == [code + "1"])
  }

  @Test("reading: text is brought to one spelling of its characters")
  func normalForm() throws {
    let (config, _) = try read("node: { directory: d, name: \"e\u{301}\" }")
    #expect(config.name.map { Array($0.utf8) } == Array("\u{E9}".utf8))
  }

  @Test(
    "reading: an empty file and empty headings say nothing",
    arguments: ["", "# only a comment\n", "---\n", "node:\nlink:\n", "{}", "\u{FEFF}# with a mark\n"])
  func empty(text: String) throws {
    let (config, failures) = try read(text, flags: ["node.directory": "d"])
    #expect(failures == [])
    #expect(config.directory == "d")
  }

  @Test(
    "sizes: read and shown",
    arguments: [("1 B", 1, "1 B"), ("16MiB", 16 << 20, "16 MiB"), ("1024 KiB", 1 << 20, "1 MiB"), ("0 GiB", 0, "0 B")])
  func sizes(text: String, bytes: Int, shown: String) {
    #expect(ByteSize.parse(text) == ByteCount(bytes))
    #expect(ByteSize.text(ByteCount(bytes)) == shown)
  }

  @Test(
    "sizes: what is not exact is refused",
    arguments: ["", "16", "MiB", "16 MB", "16 mib", "1.5 MiB", "-1 MiB", "+1 MiB", "16  MiB", "16 MiB ", "١٦ MiB"])
  func badSizes(text: String) { #expect(ByteSize.parse(text) == nil) }

  @Test("sizes: what no Int holds is refused")
  func hugeSizes() {
    #expect(ByteSize.parse("9223372036854775807 KiB") == nil)
    #expect(ByteSize.parse("99999999999999999999 B") == nil)
  }
}
