import Foundation
import Simulation

/// What many runs did together.
struct SimulationReport {
  private(set) var runs = 0
  private(set) var violations = 0
  private(set) var milliseconds: UInt64 = 0
  /// Sums of what happened, by name, in a fixed order.
  private(set) var figures: [(name: String, count: Int)] = []
  private(set) var hashes: [UInt64: UInt64] = [:]
  private(set) var lastLine = ""
  var unrepeatable: [UInt64] = []

  mutating func add(_ result: WorldResult) {
    runs += 1
    if result.violation != nil { violations += 1 }
    milliseconds += result.milliseconds
    hashes[result.seed] = result.hash
    lastLine = result.line
    // Histories of different kinds have different figures.
    for figure in result.figures.named {
      if let place = figures.firstIndex(where: { $0.name == figure.name }) {
        figures[place].count += figure.count
      } else {
        figures.append(figure)
      }
    }
  }

  /// Rare things that no run met.
  var neverHappened: [String] { figures.filter { $0.count == 0 }.map(\.name) }

  /// The one line of a whole voyage.
  func summary(nodes: Int, seconds: Double, repeated: Int) -> String {
    let hours = Double(milliseconds) / 3_600_000
    let counts = figures.map { "\($0.name)=\($0.count)" }.joined(separator: " ")
    return String(
      format:
        "%d seeds × %d nodes in %.1f s (%.1f seeds/s), %.2f simulated hours, %d violations, %d of %d repeated alike; ",
      runs, nodes, seconds, Double(runs) / max(seconds, 0.001), hours, violations, repeated - unrepeatable.count,
      repeated) + counts
  }

  func json(seconds: Double) throws -> Data {
    var object: [String: Any] = [
      "seeds": runs, "violations": violations, "unrepeatable": unrepeatable.count, "seconds": seconds,
      "simulated_milliseconds": milliseconds,
    ]
    for figure in figures { object[figure.name] = figure.count }
    return try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
  }
}
