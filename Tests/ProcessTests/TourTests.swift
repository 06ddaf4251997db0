import Foundation
import Testing

/// Documentation that is run.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct TourTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path + "/Docs/Tours"

  static let tours: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".tour") }.sorted()

  @Test("tours: every command of every tour does what it tells", arguments: tours)
  func play(tour: String) async throws {
    let found = try await run("xylem-fleet", ["tour", "\(TourTests.folder)/\(tour)"])
    #expect(found.status == 0, "\(found.text)")
  }

  @Test("tours: an output that differs is told with its line, and the tour fails")
  func differs() async throws {
    #expect(!TourTests.tours.isEmpty)
    try await withFolder { folder in
      let tour = folder + "/wrong.tour"
      try "# Wrong\nnode city 033 市委\n\n$ echo one two\none …\n\n$ echo three\nfour\n\n$ false\n".write(
        toFile: tour, atomically: true, encoding: .utf8)
      let found = try await run("xylem-fleet", ["tour", tour])
      #expect(found.status == 2 && found.text.contains("wrong.tour:7: $ echo three"), "\(found.text)")
      #expect(found.text.contains("1 of 3 commands as told") && found.text.contains("exit 1, expected 0"))
    }
  }
}
