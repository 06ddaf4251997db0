import Access
import Console
import Messages
import Primitives
import Xylem

/// The questions that people ask all day, repeated with other literals each time so that nothing is answered twice.
struct QueryBench {
  private let node: Node
  private let city: BenchCity
  private let seconds: Double
  private let output: Output
  private let scope = Authoriser.embedder("bench")

  init(_ node: Node, _ city: BenchCity, seconds: Double, output: Output) {
    self.node = node
    self.city = city
    self.seconds = seconds
    self.output = output
  }

  func run() async throws(Failure) -> [BenchFigure] {
    let people = try await sampleMembers(node, 370)
    guard people.count >= 37 else {
      throw Failure(.clientBadArgument, ["argument": "--members", "expected": "more", "found": "\(people.count)"])
    }
    let bar = output.progress(
      Phrase("查询", "queries")[output.language], total: 6, unit: .items(Phrase("种", "kinds")))
    defer { bar.finish() }
    let (node, scope) = (node, scope)
    var figures: [BenchFigure] = []
    figures.append(
      try await repeated("query.record") { number in
        _ = try await node.record("member", key: people[number % people.count].card, scope: scope)
      })
    bar.advance(to: 1)
    figures.append(
      try await repeated("query.people") { number in
        let asked = (0..<37).map { people[(number * 37 + $0) % people.count] }.map {
          (name: $0.name, birthDate: $0.birthDate)
        }
        _ = try await node.match(asked, scope: scope)
      })
    bar.advance(to: 2)
    let (_, first) = try await timedFailing { try await self.table(0) }
    figures.append(BenchFigure("query.first", first / .milliseconds(1), .milliseconds))
    bar.advance(to: 3)
    figures.append(try await repeated("query.table") { try await self.table($0 + 1) })
    bar.advance(to: 4)
    figures.append(
      try await repeated("query.villages") { number in
        var question = Question("org")
        question.with = ["host_unit_ids: unit_category = '16'"]
        question.without = ["member: join_date >= \(CivilDate(days: 11_960 - Int32(number % 300)))"]
        _ = try await node.find(question, columns: ["org_code"], limit: 100_000, scope: scope)
      })
    bar.advance(to: 5)
    let county = city.county
    figures.append(
      try await repeated("query.page") { number in
        let born = CivilDate(days: -Int32(number % 3000))
        _ = try await node.find(
          Question("member", where: "birth_date < \(born)", under: county), columns: ["name", "sex", "birth_date"],
          order: [.init(by: "name")], limit: 50, scope: scope)
      })
    bar.advance(to: 6)
    return figures
  }

  private func table(_ number: Int) async throws {
    let joined = CivilDate(days: 13_000 - Int32(number % 2000))
    _ = try await node.tally(
      Question("member", where: "join_date < \(joined)"), by: ["sex", "edu.highest"], scope: scope)
  }

  /// Repeats a question for the given time, three times at least; the first is not counted.
  private func repeated(_ key: String, _ ask: (Int) async throws -> Void) async throws(Failure) -> BenchFigure {
    var times = LatencyRecorder()
    let clock = ContinuousClock()
    do { try await ask(0) } catch { throw Failure(error) }
    let end = clock.now + .seconds(seconds)
    while clock.now < end || times.count < 3 {
      let number = times.count + 1
      let (_, time) = try await timedFailing { try await ask(number) }
      times.record(time)
    }
    return BenchFigure(key, times)
  }
}

/// ``timed(_:)`` for work of the node's API.
func timedFailing<Result>(_ work: () async throws -> Result) async throws(Failure) -> (Result, Duration) {
  do { return try await timed(work) } catch { throw Failure(error) }
}

extension Failure {
  /// The failure that an API of ours threw.
  init(_ error: any Error) {
    self = (error as? Failure) ?? Failure(.apiInternal, ["reference": "\(type(of: error))"])
  }
}
