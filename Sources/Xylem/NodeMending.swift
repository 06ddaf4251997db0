import Engine
import Formats
import Messages
import Primitives

extension Node {
  /// Rows that the node's thread puts before it looks after others.
  private static let mendedRowsMax = 256

  /// Makes records anew from the signed log that this store holds, beside the node's thread: their rows and index
  /// entries, whatever lies in their place now.
  ///
  /// - Parameters:
  ///   - rowKeys: all of one partition.
  ///   - tell: how many are done, of how many.
  /// - Returns: what was done. Durable on return; of each record the ticket closes only when its row is on the disk.
  /// - Throws: `XYL-NOD-0004` when ``Engine/mendingsMax`` of these are under way; storage failures, after which every
  ///   record that was put still has its ticket.
  /// - Complexity: reads the partition's logs from their first frame, on a reader.
  func mend(
    _ rowKeys: [Bytes], of partition: PartitionID, actor: String, tell: (_ done: Int, _ total: Int) -> Void
  ) async throws(Failure) -> RepairOutcome {
    var outcome = RepairOutcome()
    guard !rowKeys.isEmpty else { return outcome }
    // Named before the snapshot is taken: what changes them afterwards is known to be newer than what is read.
    guard let id = try await thread.perform({ $0.beginMending(rowKeys) }) else {
      throw Failure(.nodeBusy, ["queue": "mending", "limit": "\(Engine.mendingsMax)"])
    }
    do {
      let made = try await made(rowKeys, of: partition)
      for start in stride(from: 0, to: made.count, by: Node.mendedRowsMax) {
        let part = Array(made[start..<min(start + Node.mendedRowsMax, made.count)])
        outcome += try await thread.performDurably { engine in
          (try engine.mend(id, part, actor: Text(actor), clock: NodeClock.milliseconds), engine.lastSequence)
        }
        tell(start + part.count, made.count)
      }
      try await thread.performStored { engine in _ = try engine.mendedIsStored(id) }
      return outcome
    } catch {
      try? await thread.perform { $0.endMending(id) }
      throw Failure(anyError: error)
    }
  }

  private func made(_ rowKeys: [Bytes], of partition: PartitionID) async throws(Failure) -> [MadeRow] {
    let moment = try await thread.momentForReading()
    defer { moment.snapshot.release() }
    let logs = try await thread.perform { $0.logs(of: partition) }
    do {
      return try await readers.perform { try LogReplay(moment.snapshot.reader).made(rowKeys, logs: logs) }
    } catch { throw Failure(anyError: error) }
  }
}
