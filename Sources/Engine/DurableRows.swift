import Ports

/// Changes of rows on their way to being durable, kept for whoever follows them: nothing while nobody does.
///
/// A change is in `open` from when the engine accepted it, in `flying` while its batch is written, in `durable` until
/// it is taken.
struct DurableRows {
  /// Whether somebody follows. What was accepted before is not handed over: whoever begins to follow reads the store
  /// after the next write.
  var isKept = false {
    didSet { if !isKept { self = DurableRows() } }
  }
  private var open = WriteBatch()
  private var flying = WriteBatch()
  private var durable = WriteBatch()

  mutating func accept(_ rows: WriteBatch) { if isKept { open.append(rows) } }
  mutating func taken() { swap(&open, &flying) }

  mutating func written() {
    guard isKept else { return }
    durable.append(flying)
    flying.removeAll()
  }

  mutating func take() -> WriteBatch? {
    guard !durable.isEmpty else { return nil }
    defer { durable = WriteBatch() }
    return durable
  }
}

extension Engine {
  /// Whether changes of rows are kept for ``takeDurableRows()``; costs a copy of each row while it is.
  public var keepsDurableRows: Bool {
    get { durableRows.isKept }
    set { if newValue != durableRows.isKept { durableRows.isKept = newValue } }
  }

  /// Every row put or deleted that became durable since the last call, in the order in which it was applied: own
  /// commits
  /// and others' frames. Nil when there is none.
  public func takeDurableRows() -> WriteBatch? { durableRows.take() }
}
