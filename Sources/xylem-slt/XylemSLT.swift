import ArgumentParser
import Console
import Foundation
import Messages

/// Plays sqllogictest files: what they create becomes a catalog, what they insert commits, what they ask SQL over the
/// virtual tables.
@main
struct XylemSLT: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "xylem-slt", abstract: "Plays sqllogictest files against SQL over a node.",
      discussion: "Exits with 1 when an answer is wrong, or more than a tenth of the records are left out.")
  }

  /// Of a hundred records so many may be left out.
  static let skippedPercentMax = 10

  @Argument(help: "The files.") var files: [String]

  mutating func run() async throws {
    let output = Output.standard(language: .en)
    var table = Table([
      Column("file", title: "File"), Column("passed", title: "Passed"), Column("failed", title: "Failed"),
      Column("skipped", title: "Skipped"), Column("others", title: "For other engines"),
      Column("seconds", title: "Seconds"),
    ])
    var isGood = true
    for path in files {
      let started = ContinuousClock.now
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw ValidationError("\(path) cannot be read")
      }
      let file = TestFile(name: (path as NSString).lastPathComponent, text: text)
      let outcome = try await play(file)
      isGood =
        isGood && outcome.failed.isEmpty
        && outcome.skippedCount * 100 <= outcome.count * XylemSLT.skippedPercentMax
      table.append([
        .text(file.name), .integer(outcome.passed), .integer(outcome.failed.count), .integer(outcome.skippedCount),
        .integer(file.foreign), .decimal("\((ContinuousClock.now - started).components.seconds)"),
      ])
      for failure in outcome.failed.prefix(20) { output.say(failure) }
      for (reason, count) in outcome.skipped.sorted(by: { $0.key < $1.key }) {
        output.say("\(file.name): \(count) left out: \(reason)")
      }
    }
    try output.table(table, TableStyle(.table))
    if !isGood { throw ExitCode.failure }
  }
}
