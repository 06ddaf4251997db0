import ArgumentParser
import Console
import Foundation
import Messages
import NodeBench

/// `xylemd bench`: what this machine is good for, before it is trusted with a node.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures this machine's disk and Xylem on it, in a scratch directory that is removed afterwards.",
    discussion: """
      xylemd bench disk --directory /var/lib/xylem
      xylemd bench all --profile county -o json > today.json
      xylemd bench import --profile county --compare today.json
      """,
    subcommands: [
      BenchDisk.self, BenchImport.self, BenchCommit.self, BenchQuery.self, BenchReplicate.self, BenchAll.self,
    ])
}

extension BenchProfile: ExpressibleByArgument {}
extension TableFormat: ExpressibleByArgument {}

/// What every benchmark takes.
struct BenchOptions: ParsableArguments {
  @Option(help: "An existing directory on the disk to be measured.") var directory = "."
  @Option(help: "Which node the machine is meant to be: township, county, city or nation.") var profile: BenchProfile =
    .township
  @Option(help: "How many members the invented register has; from the profile otherwise.") var members: Int?
  @Option(help: "How long commits, disk works and each question are repeated.") var seconds = 3.0
  @Option(name: [.customShort("o"), .long], help: "table, json or csv; table on a terminal, csv in a pipe.")
  var output: TableFormat?
  @Option(help: "A report that -o json printed earlier: shows by how much each figure moved.") var compare: String?
  @Flag(name: [.customShort("q"), .long], help: "No notes and no progress.") var quiet = false

  func validate() throws {
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds takes 0.01 to 3600") }
  }

  /// How many members to work with.
  var count: Int { members ?? profile.members }

  /// Runs `body` in a scratch directory and tells what it found.
  func perform(
    needsDisk: Bool = true, _ body: (ScratchFolder, Output) async throws(Failure) -> [BenchFigure], usesMembers: Bool
  ) async throws {
    let out = Output.standard(isQuiet: quiet)
    do throws(Failure) {
      // Read first: a mistyped name must not cost the minutes of the run.
      var before: BenchReport?
      if let compare { before = try BenchReport.read(compare) }
      let machine = MachineFacts.read(directory: directory)
      guard machine.isDurable || !needsDisk else {
        throw Failure(
          .clientBadArgument,
          ["argument": "--directory", "expected": "a directory on a disk", "found": machine.fileSystem])
      }
      let folder = try ScratchFolder(in: directory)
      // Ctrl-C must not leave gigabytes behind.
      signal(SIGINT, SIG_IGN)
      let interrupt = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
      interrupt.setEventHandler {
        folder.remove()
        Foundation.exit(130)
      }
      interrupt.resume()
      let figures: [BenchFigure]
      do throws(Failure) { figures = try await body(folder, out) } catch {
        folder.remove()
        throw error
      }
      folder.remove()
      try tell(
        BenchReport(machine: machine, profile: profile, members: usesMembers ? count : 0, figures: figures), before, out
      )
    } catch { throw stop(error) }
  }

  private func tell(_ report: BenchReport, _ before: BenchReport?, _ out: Output) throws(Failure) {
    let format = output ?? TableFormat.automatic(isTerminal: out.isTerminal)
    if format == .json {
      guard let text = try? report.json() else { return }
      try out.data(text)
      return
    }
    let machine = report.machine
    out.say(
      "\(machine.processor), \(machine.cores) × CPU, \(Human.bytes(machine.memoryBytes)), Linux \(machine.kernel), "
        + "\(machine.fileSystem), \(Human.bytes(machine.freeBytes)) free, load \(machine.loadBefore)"
        + (report.members > 0 ? ", \(Human.exact(report.members)) members" : ""))
    if machine.loadBefore > 0.5 * Double(machine.cores) {
      out.warn(
        Phrase("机器上有其他负载，结果偏低", "others keep this machine busy: the figures are too low")[out.language])
    }
    try out.table(report.table(comparedWith: before, out.language), TableStyle(format))
    let fitness = report.fitness(out.language)
    if !fitness.isEmpty { out.say(fitness) }
  }
}

struct BenchDisk: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disk", abstract: "Appends, syncs, writes and random reads, without Xylem.")
  @OptionGroup var options: BenchOptions

  func run() async throws {
    let seconds = options.seconds
    try await options.perform(
      { folder, out throws(Failure) in try DiskBench(in: folder, seconds: seconds, output: out).run() },
      usesMembers: false)
  }
}

/// The benchmarks of one node: they differ in what they tell.
private func node(_ options: BenchOptions, _ parts: [RegisterBench.Part]) async throws {
  try await options.perform(
    { folder, out throws(Failure) in
      try await RegisterBench(in: folder, members: options.count, seconds: options.seconds, output: out).run(parts)
    }, usesMembers: true)
}

struct BenchImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Fills a node with an invented register: rows a second, disk, memory, opening.")
  @OptionGroup var options: BenchOptions
  func run() async throws { try await node(options, [.importing]) }
}

struct BenchCommit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "commit", abstract: "64 callers that change one record each and wait until it is durable.")
  @OptionGroup var options: BenchOptions
  func run() async throws { try await node(options, [.commits]) }
}

struct BenchQuery: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "A record, 37 people, statistics, villages, a sorted page: time of each.")
  @OptionGroup var options: BenchOptions
  func run() async throws { try await node(options, [.queries]) }
}

struct BenchReplicate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicate", abstract: "Three nodes in a chain under TLS: rows a second at the top, time of a commit.")
  @OptionGroup var options: BenchOptions

  func run() async throws {
    let options = options
    try await options.perform(
      { folder, out throws(Failure) in
        try await ReplicationBench(in: folder, members: options.count, seconds: options.seconds, output: out).run()
      }, usesMembers: true)
  }
}

struct BenchAll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "all", abstract: "All of them, one after the other.")
  @OptionGroup var options: BenchOptions

  func run() async throws {
    let options = options
    try await options.perform(
      { folder, out throws(Failure) in
        var figures = try DiskBench(in: folder, seconds: options.seconds, output: out).run()
        figures += try await RegisterBench(in: folder, members: options.count, seconds: options.seconds, output: out)
          .run([.importing, .commits, .queries])
        figures += try await ReplicationBench(
          in: folder, members: options.count, seconds: options.seconds, output: out
        ).run()
        return figures
      }, usesMembers: true)
  }
}
