import Engine
import Formats
import Ports
import Primitives

/// Plays the driver's part in the verifications of one node: holds moments as copies of its store, asks and answers.
public final class VerificationDesk {
  /// What a verification came to.
  public struct Result {
    public let partition: PartitionID
    public let comparison: RangeComparison
    /// Our rows that differ, and the owner's for them.
    public let repairs: [RowRepair]
    /// Set when there is no comparison.
    public let failure: VerificationFailure?
  }

  private struct Running {
    let partition: PartitionID
    var comparison: RangeComparison
    var moment: SimulatedStore?
    var number: UInt32 = 0
    var asked = VerificationQuestion.Kind.begin
    /// Rows to fetch once the findings are complete, and those that came.
    var wanted: [Bytes] = []
    var fetched: [Bytes: Bytes] = [:]
    var isFetching = false
  }

  private var held: [UInt64: SimulatedStore] = [:]
  private var running: [UInt64: Running] = [:]
  private let hashing = Hashing()
  /// In the order in which they ended.
  public private(set) var results: [Result] = []
  /// A bug in how this desk answers or takes moments.
  var mutant: WorldPlan.Mutant?
  /// Questions that this desk answered for others.
  public private(set) var answered = 0

  public init() {}

  /// Begins to compare a partition with its owner; see ``results``.
  public func begin(_ partition: PartitionID, id: UInt64, _ engine: Engine) -> Bool {
    guard engine.beginVerification(id: id, of: partition) else { return false }
    running[id] = Running(partition: partition, comparison: RangeComparison(partition))
    return true
  }

  /// Everything is gone with the process.
  public func crash() {
    held = [:]
    running = [:]
  }

  /// Does what the engine wants done; to be called when everything it applied is written.
  public func handle(_ engine: Engine, _ store: SimulatedStore) throws(StoreError) {
    for event in engine.takeVerificationEvents() {
      switch event {
      case .hold(let question):
        // A mutant goes on reading the living store, which moves on.
        held[question.id] = mutant == .positionIsEarly ? store : SimulatedStore(copyOf: store)
        engine.holds(question)
      case .asked(let question):
        if question.kind == .end {
          held[question.id] = nil
        } else if let moment = held[question.id] {
          answered += 1
          let answer = try RangeDigests(moment, question.partition).answer(question.kind)
          engine.answer(.init(to: question, mutated(answer)))
        } else {
          engine.answer(.init(to: question, .failed(.gone)))
        }
      case .reached(let id):
        guard engine.position(of: id) != nil else { continue }
        require(engine.isAtPosition(id), "the log stands still at the owner's position")
        running[id]?.moment = mutant == .momentIsLate ? store : SimulatedStore(copyOf: store)
        engine.momentTaken(id)
        ask(id, running[id]?.comparison.first, engine)
      case .answered(let answer): try take(answer, engine)
      case .failed(let id, let failure): end(id, engine, failure)
      }
    }
  }

  private func mutated(_ answer: VerificationAnswer.Kind) -> VerificationAnswer.Kind {
    guard case .digests(let digests) = answer, mutant == .answersAreCut else { return answer }
    return .digests(Array(digests.dropLast()))
  }

  private func ask(_ id: UInt64, _ kind: VerificationQuestion.Kind?, _ engine: Engine) {
    guard let kind, var run = running[id] else { return }
    run.number += 1
    run.asked = kind
    running[id] = run
    engine.ask(.init(id: id, number: run.number, partition: run.partition, kind))
  }

  private func take(_ answer: VerificationAnswer, _ engine: Engine) throws(StoreError) {
    guard var run = running[answer.id], run.number == answer.number, let moment = run.moment else { return }
    if run.isFetching {
      guard case .rows(let rows) = answer.kind else { return }
      for row in rows { run.fetched[row.key] = row.value }
      run.wanted = rows.isEmpty ? [] : run.wanted.filter { run.fetched[$0] == nil }
    } else if let next = try run.comparison.received(try believed(answer.kind, run, moment), moment) {
      running[answer.id] = run
      return ask(answer.id, next, engine)
    } else {
      run.isFetching = true
      run.wanted = run.comparison.findings.filter { $0.kind != .extra }.map {
        Bytes(Keys.row(run.partition, $0.key).dropFirst(8))
      }
    }
    running[answer.id] = run
    if run.wanted.isEmpty { return end(answer.id, engine, nil) }
    ask(answer.id, .rows(Array(run.wanted.prefix(VerificationQuestion.rangesMax))), engine)
  }

  /// What the comparison is told; a mutant tells it that the owner has what we have.
  private func believed(
    _ kind: VerificationAnswer.Kind, _ run: Running, _ moment: SimulatedStore
  ) throws(StoreError) -> VerificationAnswer.Kind {
    guard mutant == .differencesAreOverlooked, case .digests = kind else { return kind }
    return try RangeDigests(moment, run.partition).answer(run.asked)
  }

  private func end(_ id: UInt64, _ engine: Engine, _ failure: VerificationFailure?) {
    guard let run = running.removeValue(forKey: id) else { return }
    engine.endVerification(id: id)
    let repairs = run.comparison.findings.compactMap { finding -> RowRepair? in
      let key = Keys.row(run.partition, finding.key)
      // The owner's own row is damaged: there is nothing to repair by.
      if finding.kind != .extra, run.fetched[Bytes(key.dropFirst(8))] == nil { return nil }
      let mine = (try? run.moment?.get(.rows, key)) ?? nil
      return RowRepair(
        key: finding.key, compared: mine.map { hashing.digest($0) }, row: run.fetched[Bytes(key.dropFirst(8))])
    }
    results.append(
      Result(partition: run.partition, comparison: run.comparison, repairs: repairs, failure: failure))
  }
}
