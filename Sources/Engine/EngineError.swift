import Ports
import Primitives

/// Why the engine did not do it. Nothing was changed, except where a case says otherwise.
public enum EngineError: Error, Hashable, Sendable {
  /// The store failed; after `.outcomeUnknown` the engine must be reopened.
  case store(StoreError)
  /// A stored row or frame is damaged: never served. Names key or position, without personal data.
  case corrupt(String)
  /// The key handed over is not the one this node was created with; nothing it signed would be believed.
  case wrongKey
  /// The commit has more than ``Commit/Limits`` allow; split it under one batch id.
  case tooLarge(operations: Int, bytes: Int)
  /// The record does not exist here.
  case notFound(RecordKey)
  /// The record is on its way to another domain: not to be changed until that hand-over is over.
  case frozen(RecordKey, handover: RecordID)
  /// The node takes no commits now; nothing was changed.
  case readOnly(Standing)
}
