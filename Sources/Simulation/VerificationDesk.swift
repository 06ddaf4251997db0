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
    /// Set when there is no comparison.
    public let failure: VerificationFailure?
  }

  private struct Running {
    let partition: PartitionID
    var comparison: RangeComparison
    var moment: SimulatedStore?
    var number: UInt32 = 0
    var asked = VerificationQuestion.Kind.begin
  }

  private var held: [UInt64: SimulatedStore] = [:]
  private var running: [UInt64: Running] = [:]
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
    let next = try run.comparison.received(try believed(answer.kind, run, moment), moment)
    running[answer.id] = run
    if next == nil { end(answer.id, engine, nil) } else { ask(answer.id, next, engine) }
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
    results.append(Result(partition: run.partition, comparison: run.comparison, failure: failure))
  }
}
