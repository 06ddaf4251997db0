import Catalog
import Engine
import Formats
import Ports
import Primitives

/// One node of a simulated fleet: a real engine over a simulated store, and what the world knows about it.
final class VirtualNode {
  let number: Int
  let parent: Int?
  /// As it was created; its engine may live a later life.
  var identity: NodeIdentity
  var key: SigningKey
  var store = SimulatedStore()
  /// What somebody copied of the disk some time ago.
  var backup: SimulatedStore?
  /// A second machine with the identity of another node.
  let isClone: Bool
  /// Shut down for good.
  var isRetired = false
  /// The engine took frames back since the model was made: it must be made anew before clients go on.
  var isStale = false
  /// nil while the node is down.
  var engine: Engine?
  /// Counts the engine's lives, so that what belonged to an earlier one is known as such.
  var life = 0
  /// How far the node's clock is off, in milliseconds.
  var skew: Int64
  /// When its clock jumped last.
  var jumpedAt: UInt64 = 0
  /// Taken from the engine and on its way to a slow disk.
  var flight: WriteBatch?
  var model = DomainModel()
  var workload: Workload
  /// What a client was told is durable, and in which log.
  var acknowledged = Sequence64.zero
  var acknowledgedLog: LogID
  /// The line to the parent, while this node believes in it.
  var upLine: Int?
  /// It dials nobody: only files go between it and its parent.
  var isOffline = false
  /// Files go between it and its parent, beside its line or instead of it.
  var usesFiles = false
  /// Packages whose record is not durable yet, with the life in which they were made.
  var outbox: [(life: Int, package: Package, target: Int)] = []
  /// Holds moments and compares, in this life.
  let desk = VerificationDesk()
  /// Row keys whose rows were made to rot, lost, or put where nobody wrote them.
  var rotten: [Bytes] = []
  var lost: [Bytes] = []
  var stray: [Bytes] = []
  /// Records of this node that no replica can take.
  var poison: [RecordKey] = []
  var planted: [Bytes] { rotten + lost + stray }
  func isPlanted(_ rowKey: Bytes) -> Bool { planted.contains(rowKey) }
  /// Refusals of earlier lives.
  var refusalsBefore = 0

  init(
    number: Int, parent: Int?, identity: NodeIdentity, key: SigningKey, skew: Int64, workload: Workload,
    isClone: Bool = false
  ) {
    self.isClone = isClone
    acknowledgedLog = identity.log
    self.number = number
    self.parent = parent
    self.identity = identity
    self.key = key
    self.skew = skew
    self.workload = workload
  }

  /// The node's clock when the world's reads `now`.
  func clock(_ now: UInt64) -> UInt64 { UInt64(Swift.max(1, Int64(now) + skew)) }

  var refusals: Int { refusalsBefore + (engine?.refusals ?? 0) }

  /// Everything durable now was told to its clients.
  func acknowledge() {
    guard let engine else { return }
    // The first frame of a new log is told once it is there.
    guard engine.durableSequence > .zero || engine.identity.log == acknowledgedLog else { return }
    acknowledgedLog = engine.identity.log
    acknowledged = engine.durableSequence
  }

  /// The log written now.
  var log: LogID { engine?.identity.log ?? acknowledgedLog }

  /// How far the store has `log` durably.
  func durableLast(_ log: LogID) throws(StoreError) -> Sequence64 {
    guard let bytes = try store.get(.meta, MetaKey.head(log)) else { return .zero }
    var reader = ByteReader(bytes)
    return Sequence64((try? reader.u64()) ?? 0)
  }
}
