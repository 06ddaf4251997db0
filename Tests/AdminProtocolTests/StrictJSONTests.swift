import AdminProtocol
import Foundation
import Messages
import Testing

private func isAccepted(_ text: String, numbers: StrictJSON.Numbers = .any) -> Bool {
  isAccepted(Array(text.utf8), numbers)
}

private func isAccepted(_ bytes: [UInt8], _ numbers: StrictJSON.Numbers = .any) -> Bool {
  do {
    try StrictJSON.check(bytes, numbers: numbers)
    return true
  } catch { return false }
}

@Suite struct StrictJSONTests {
  @Test("json border: values of RFC 8259 are taken")
  func valid() {
    for text in [
      "{}", "[]", " [1, -0, 2.5e-3, true, false, null, \"\\u00e9\\uD83D\\uDE00\"]\n", "\"甲\"", "0",
      "{\"a\":{\"b\":[{}]},\"A\":1}", "\"\u{FEFF}\"",
    ] { #expect(isAccepted(text), "\(text)") }
  }

  @Test("json border: what two readers could read differently is refused")
  func refused() {
    for text in [
      "", " ", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"é\":1,\"e\u{301}\":2}", "\u{FEFF}{}", "{} {}", "{}x",
      "[1,]",
      "{\"a\":1,}", "01", "+1", "1.", ".5", "1e", "NaN", "'a'", "\"\\x\"", "\"\\uD800\"", "\"\\uDE00\\uD83D\"",
      "\"\t\"",
      "\"abc", "{\"a\" 1}", "{1:2}", "[1 2]", "nul", "//x\n1", "[", "{\"a\":[}",
    ] { #expect(!isAccepted(text), "\(text)") }
    #expect(!isAccepted([0x22, 0xFF, 0x22]))
    #expect(!isAccepted([0x22, 0xC0, 0x80, 0x22]))
  }

  @Test("json border: a fault names the byte")
  func offset() {
    func offset(_ text: String) -> Int? {
      do { try StrictJSON.check(Array(text.utf8), numbers: .integers) } catch { return error.offset }
      return nil
    }
    #expect(offset("{\"a\":1.0}") == 5)
    #expect(offset("{\"ab\":1,\"ab\":2}") == 8)
    #expect(offset("[1]x") == 3)
    #expect(offset("[1]") == nil)
  }

  @Test("json border: 1.0 and 1e0 are no integers", arguments: ["1.0", "1e0", "[-2.5]", "{\"limit\":1.0}"])
  func integers(text: String) {
    #expect(isAccepted(text, numbers: .any))
    #expect(!isAccepted(text, numbers: .integers))
  }

  @Test("json border: 32 levels are taken, 33 and a hundred thousand are not")
  func depth() {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(isAccepted(nested(32)))
    #expect(!isAccepted(nested(33)))
    #expect(!isAccepted(String(repeating: "[", count: 100_000)))
  }

  @Test("json border: a body over 2 MiB is refused unread")
  func length() throws {
    let long = [UInt8](repeating: 0x20, count: (2 << 20) - 1) + Array("1".utf8)
    #expect(isAccepted(long))
    #expect(!isAccepted([0x20] + long))
    let failure = #expect(throws: Failure.self) {
      try StrictJSON.decode([String: String].self, [0x20] + long, members: [])
    }
    #expect(failure?.code == .apiBodyTooLarge)
  }

  @Test(
    "json border: JSONTestSuite, y_ is taken and n_ refused",
    .enabled(if: suite != nil, "XYLEM_TEST_SUITES names no folder with json/test_parsing"))
  func publicSuite() throws {
    let folder = try #require(suite)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    // Legal, and refused here on purpose: a member named twice.
    let strictHere = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
    var counted = (taken: 0, refused: 0)
    for name in names {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
      let accepted = isAccepted(bytes, .any)
      if name.hasPrefix("y_") {
        #expect(accepted != strictHere.contains(name), "\(name)")
        counted.taken += 1
      } else if name.hasPrefix("n_") {
        #expect(!accepted, "\(name)")
        counted.refused += 1
      }
    }
    #expect(counted.taken > 90 && counted.refused > 180)
  }
}

/// The folder of JSONTestSuite's parsing tests, when the environment names one.
private let suite: String? = {
  guard let root = ProcessInfo.processInfo.environment["XYLEM_TEST_SUITES"] else { return nil }
  let folder = root + "/json/test_parsing"
  return FileManager.default.fileExists(atPath: folder) ? folder : nil
}()
