import Foundation
import Messages
import Primitives
import Testing

@testable import NodeConfiguration

private let head = "node: { directory: d }\n"

@Suite struct RefusalTests {
  @Test(
    "refusal: each kind of mistake is named with its line and column",
    arguments: [
      ("log:\n  levle: info", "configUnknownKey log.levle 3:3"),
      ("colour: red", "configUnknownKey colour 2:1"),
      ("log:\n  level: info\n  level: debug", "configDuplicateKey level 4:3"),
      ("log.level: info\nlog:\n  level: debug", "configDuplicateKey log.level 4:3"),
      ("log:\n  level: loud", "configWrongType log.level 3:10"),
      ("log: info", "configWrongType log 2:6"),
      ("log.level: [info]", "configWrongType log.level 2:12"),
      ("log.level: { a: b }", "configWrongType log.level 2:12"),
      ("link.children: [[a]]", "configWrongType link.children 2:17"),
      ("link.parent:", "configWrongType link.parent 2:13"),
      ("link.parent: null", "configWrongType link.parent 2:14"),
      ("link.parent: 7000", "configWrongType link.parent 2:14"),
      ("node.id: 0", "configWrongType node.id 2:10"),
      ("node.id: 1234567890123", "configWrongType node.id 2:10"),
      ("node.id: 0x12", "configWrongType node.id 2:10"),
      ("node.code: 0 33", "configWrongType node.code 2:12"),
      ("calendar.today: 2026-02-30", "configWrongType calendar.today 2:17"),
      ("import.max_rejects: many", "configWrongType import.max_rejects 2:21"),
      ("link.snapshot_rows: few", "configWrongType link.snapshot_rows 2:21"),
      ("link.snapshot_rows: 0", "configOutOfRange link.snapshot_rows 2:21"),
      ("import.max_rejects: 1000001", "configOutOfRange import.max_rejects 2:21"),
      ("import.max_rejects: 99999999999999999999", "configOutOfRange import.max_rejects 2:21"),
      ("storage.cache: 16", "configBadUnit storage.cache 2:16"),
      ("storage.cache: 1023 KiB", "configOutOfRange storage.cache 2:16"),
      ("storage.write_buffer: 1025 MiB", "configOutOfRange storage.write_buffer 2:23"),
      ("link.listen: 127.0.0.1:0", "configOutOfRange link.listen 2:14"),
      ("link.listen: 127.0.0.1:65536", "configOutOfRange link.listen 2:14"),
      ("link.listen: 0.0.0.0:7000", "configPlaintextNotLoopback link.listen 2:14"),
      ("link.parent: localhost:7000", "configPlaintextNotLoopback link.parent 2:14"),
      ("link.parent: \"[::ffff:127.0.0.1]:7000\"", "configPlaintextNotLoopback link.parent 2:14"),
      ("link.listen: 127.0.0.1:7000\nlink.parent: 127.0.0.1:07000", "configConflict link.parent 3:14"),
      ("link.listen: \"[0:0::1]:7000\"\nlink.parent: ::1:7000", "configConflict link.parent 3:14"),
      ("node.code: '03'\nlink.children: ['03']", "configConflict link.children 3:16"),
      ("link.children: ['03=00ff']", "configWrongType link.children 2:16"),
      ("node.code: '03'\nnode.parent_code: '03'", "configConflict node.parent_code 3:19"),
      ("network: ''", "configOutOfRange network 2:10"),
      ("node.name: \"a\\u0007b\"", "configWrongType node.name 2:12"),
      ("log: {level: info", "configSyntax - 2:18"),
      ("log:\n\tlevel: info", "configSyntax - 3:1"),
      ("---\nlog.level: info", "configSyntax - 2:1"),
      ("? [a, b]\n: c", "configWrongType - 2:3"),
    ])
  func mistakes(text: String, expected: String) throws {
    // Without encryption, so that what is missing for it is not told too.
    let (_, failures) = try read(head + text, plaintext: true)
    #expect(summary(failures) == [expected])
  }

  @Test("refusal: a link needs certificate, key and authorities, each named where the link is")
  func certificates() throws {
    let (_, failures) = try read(head + "link.listen: 0.0.0.0:7000\ntls.key: a.key\n")
    #expect(
      summary(failures) == ["configKeyMissing tls.certificate 2:14", "configKeyMissing tls.authorities 2:14"])
    let tls = "tls: { certificate: a.crt, key: a.key, authorities: ca.crt }\n"
    for address in ["0.0.0.0:7000", "10.1.2.3:7000", "\"[::]:7000\""] {
      #expect(try summary(read(head + tls + "link.listen: \(address)").failures) == [])
    }
    for address in ["city.example.org:7000", "10.1.2.3:7000", "localhost:7000"] {
      #expect(try summary(read(head + tls + "link.parent: \(address)").failures) == [])
    }
    for (line, expected) in [
      ("link.listen: localhost:7000", "configWrongType link.listen 3:14"),
      ("link.parent: a_b:7000", "configWrongType link.parent 3:14"),
      ("link.parent: 127.1:7000", "configWrongType link.parent 3:14"),
      ("link.parent_node: xyz", "configWrongType link.parent_node 3:19"),
      ("link: { listen: 10.0.0.1:7000, parent: 10.0.0.1:7000 }", "configConflict link.parent 3:40"),
    ] { #expect(try summary(read(head + tls + line).failures) == [expected]) }
    // The test option and certificates are one or the other, and it never leaves the machine.
    #expect(try summary(read(head + tls, plaintext: true).failures) == ["configConflict tls.certificate 2:21"])
  }

  @Test("refusal: all reasons are told at once, in the order of the file, then of the keys")
  func allReasons() throws {
    let (_, failures) = try read(
      "log: { level: loud, colour: red }\nstorage.cache: 1 B\nlink.listen: 10.0.0.1:1",
      environment: ["XYLEM_LOG_FORMAT": "xml"], plaintext: true)
    #expect(
      summary(failures) == [
        "configUnknownKey log.colour 1:21", "configWrongType log.level 1:15", "configWrongType log.format 1:1",
        "configKeyMissing node.directory 1:1", "configPlaintextNotLoopback link.listen 3:14",
        "configOutOfRange storage.cache 2:16",
      ])
    #expect(failures[2].value(of: "file") == "XYLEM_LOG_FORMAT")
    #expect(failures.allSatisfy { !$0.text(.zh).remedy.contains("{") && !$0.text(.en).remedy.contains("{") })
  }

  @Test("refusal: a value that is wrong is told even when a flag overrides it")
  func overridden() throws {
    let (_, failures) = try read(head + "log.level: loud", flags: ["log.level": "info"])
    #expect(summary(failures) == ["configWrongType log.level 2:12"])
  }

  @Test(
    "refusal: an unknown key gets the key that was meant, or none",
    arguments: [
      ("link.listn", "link.listen"), ("listen", "link.listen"), ("node.listen", "link.listen"),
      ("storage.cachesize", "storage.cache"), ("netwrok", "network"), ("colour", nil), ("import.zzzzzzzzzz", nil),
      (String(repeating: "x", count: 1000), nil),
    ] as [(String, String?)])
  func suggestions(key: String, meant: String?) throws {
    let (_, failures) = try read(head + "\"\(key)\": a")
    let failure = try #require(failures.first)
    #expect(failure.code == .configUnknownKey)
    #expect(failure.value(of: "suggestion") == meant)
    #expect((failure.text(.en).why != nil) == (meant != nil))
    #expect((failure.value(of: "key") ?? "").count <= 201)
  }

  @Test("refusal: a missing file, a directory, a pipe, an oversized file and a foreign encoding are told apart")
  func files() throws {
    try withDirectory { directory in
      func codes(_ path: String) -> [ErrorCode] {
        ConfigReader.read(path: path, environment: [:], flags: [:]).failures.map(\.code)
      }
      #expect(codes(directory + "/none.yaml") == [.configFileMissing])
      #expect(codes(directory) == [.configFileUnreadable])
      #expect(mkfifo(directory + "/pipe", 0o600) == 0)
      #expect(codes(directory + "/pipe") == [.configFileUnreadable])
      let path = directory + "/a.yaml"
      let comment = [UInt8](repeating: 0x23, count: (1 << 20) - head.utf8.count)
      try Data(head.utf8 + comment).write(to: URL(fileURLWithPath: path))
      #expect(codes(path) == [])
      try Data(head.utf8 + comment + [0x23]).write(to: URL(fileURLWithPath: path))
      #expect(codes(path) == [.configFileUnreadable])
    }
    let (_, failures) = try read(Array(head.utf8) + [0xB9, 0xFA])
    #expect(failures.map(\.code) == [.configNotUTF8])
    #expect(failures[0].value(of: "offset") == "\(head.utf8.count)")
  }

  @Test("refusal: reading creates nothing")
  func touchesNothing() throws {
    try withDirectory { directory in
      let data = directory + "/data"
      _ = ConfigReader.read(path: nil, environment: [:], flags: ["node.directory": data])
      let found = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(found == [])
    }
  }
}
