import AdminClient
import Foundation
import Synchronization

/// One look at the network while data flows.
struct Sample: Sendable {
  let seconds: Double
  let rowsImported: Int
  let rowsAtRoot: Int
}

/// Looks at the root four times a second until it is stopped.
final class Sampler: Sendable {
  private let state = Mutex<(samples: [Sample], imported: Int)>(([], 0))
  private let started = ContinuousClock.now
  private let client: AdminClient

  init(_ client: AdminClient) { self.client = client }

  func imported(_ rows: Int) { state.withLock { $0.imported += rows } }
  var rowsImported: Int { state.withLock { $0.imported } }
  var samples: [Sample] { state.withLock { $0.samples } }

  func run() async {
    while !Task.isCancelled {
      if let status = try? await client.status() {
        let rows = status.rows.reduce(0) { $0 + $1.rows }
        let elapsed = ContinuousClock.now - started
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
        state.withLock { $0.samples.append(Sample(seconds: seconds, rowsImported: $0.imported, rowsAtRoot: rows)) }
      }
      try? await Task.sleep(for: .milliseconds(250))
    }
  }
}
