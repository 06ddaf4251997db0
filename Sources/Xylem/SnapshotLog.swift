import Engine
import Logging

/// What the node's log says about snapshots: that a domain goes as a whole is announced, never silent.
enum SnapshotLog {
  static func write(_ note: SnapshotNote, of engine: Engine, to log: Logger) {
    switch note {
    case .made(let rows, let chunks, let bytes):
      log.notice(
        "this domain goes up as a snapshot: the parent has nothing of it",
        metadata: ["rows": "\(rows)", "chunks": "\(chunks)", "bytes": "\(bytes)"])
    case .notMade:
      log.error("no snapshot: a row of this domain is damaged; the log goes up instead, xylemctl doctor says more")
    case .offered(let partition, let last, let isDownward):
      log.notice(
        isDownward ? "a child takes its domain back by snapshot" : "the parent needs a snapshot",
        metadata: ["domain": "\(engine.code(of: partition))", "sequence": "\(last.value)"])
    case .receiving(let partition, let rows, let chunks, let here):
      log.notice(
        "a snapshot comes in",
        metadata: [
          "domain": "\(engine.code(of: partition))", "rows": "\(rows)", "chunks": "\(chunks)", "here": "\(here)",
        ])
    case .taken(let partition, let last, let rows, let replaces):
      log.notice(
        replaces ? "a snapshot was taken over older rows" : "a snapshot was taken",
        metadata: ["domain": "\(engine.code(of: partition))", "sequence": "\(last.value)", "rows": "\(rows)"])
    case .installed(let partition):
      log.notice("its rows and indexes are written", metadata: ["domain": "\(engine.code(of: partition))"])
    }
  }
}
