import ArgumentParser
import Console
import Foundation
import Messages
import Workloads

@main
struct XylemFleet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xylem-fleet", abstract: "Networks of nodes on one machine: the quickstart, its data, tours.",
    subcommands: [Quickstart.self, Generate.self, TourCommand.self])
}

/// Writes the synthetic city alone.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Writes the synthetic city as CSV files (Docs/DATA.md).",
    discussion: "xylem-fleet generate --members 20000 city-data")
  @Argument(help: "Directory; must not exist.") var directory: String
  @Option(help: "Members; every other figure scales.") var members = 340_000
  @Option(help: "small: 56 nodes; full: 700.") var nodes = "small"
  @Option(help: "The same seed gives the same bytes.") var seed: UInt64 = 1

  func run() throws {
    let out = Console.Output.standard()
    guard let plan = NodePlan(rawValue: nodes) else {
      out.report(Failure(.clientBadArgument, ["argument": "--nodes", "expected": "small, full", "found": nodes]))
      throw ExitCode(64)
    }
    let city = try CityPlan(seed: seed, members: members, nodes: plan)
    let bar = out.progress("data", total: city.nodes.count, unit: .items(Phrase("节点", "nodes")))
    _ = try city.write(to: directory) { done in bar.advance(to: done) }
    bar.finish()
  }
}
