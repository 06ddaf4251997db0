import Access
import Console
import Messages
import Primitives
import Synchronization
import Xylem

/// Many callers that change one record each, again and again: what group commit gives.
struct CommitBench {
  private let node: Node
  private let seconds: Double
  private let output: Output
  private static let callers = 64

  init(_ node: Node, seconds: Double, output: Output) {
    self.node = node
    self.seconds = seconds
    self.output = output
  }

  func run() async throws(Failure) -> [BenchFigure] {
    let records = try await sampleMembers(node, CommitBench.callers).map(\.record)
    let bar = output.progress(
      Phrase("提交", "commits")[output.language], total: nil, unit: .items(Phrase("次", "commits")))
    defer { bar.finish() }
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let node = node
    do {
      let times = try await withThrowingTaskGroup(of: LatencyRecorder.self) { group in
        for (caller, record) in records.enumerated() {
          group.addTask {
            var times = LatencyRecorder()
            while clock.now < end {
              let address = Value.text(Text("滨江路 \(caller) 号 \(times.count) 室"))
              let before = clock.now
              try await node.commit(as: "bench") { try $0.update(record, ["address": address]) }
              times.record(clock.now - before)
              bar.add(1)
            }
            return times
          }
        }
        var all = LatencyRecorder()
        for try await times in group { all.add(times) }
        return all
      }
      let rate = Double(times.count) / ((clock.now - start) / .seconds(1))
      return [BenchFigure("commit.rate", rate, .perSecond), BenchFigure("commit.time", times)]
    } catch { throw Failure(error) }
  }
}

/// A member that the bench asks for or changes.
struct SampledMember: Sendable {
  let record: RecordKey
  let name: String
  let birthDate: CivilDate
  let card: String
}

/// Members spread over the whole register.
func sampleMembers(_ node: Node, _ count: Int) async throws(Failure) -> [SampledMember] {
  let scope = Authoriser.embedder("bench")
  let answer = try await node.find(
    Question("member"), columns: ["name", "birth_date", "id_card"], limit: count * 50, scope: scope)
  let step = max(1, answer.rows.count / count)
  var people: [(name: String, birthDate: CivilDate)] = []
  var cards: [String] = []
  for row in stride(from: 0, to: answer.rows.count, by: step).prefix(count).map({ answer.rows[$0] }) {
    guard case .text(let name) = row[0], case .date(let birth) = row[1], case .text(let card) = row[2] else { continue }
    people.append((name.string, birth))
    cards.append(card.string)
  }
  let found = try await node.match(people, scope: scope)
  return people.indices.compactMap { place in
    found[place].first.map {
      SampledMember(
        record: $0.record, name: people[place].name, birthDate: people[place].birthDate, card: cards[place])
    }
  }
}
