import Formats
import Primitives

/// Who owns a partition and where it hangs. Kept as ordinary rows of the engine's entity 200 in the *parent's* partition, so
/// that they flow upward with everything else and every ancestor checks frames against them.
public struct Assignment: Hashable, Sendable {
  public let partition: PartitionID
  public let owner: NodeID
  public let epoch: Epoch
  /// The org under which the partition's root org hangs.
  public let mount: RecordID
  public let rootOrgCode: Text

  public init(partition: PartitionID, owner: NodeID, epoch: Epoch, mount: RecordID, rootOrgCode: Text) {
    self.partition = partition
    self.owner = owner
    self.epoch = epoch
    self.mount = mount
    self.rootOrgCode = rootOrgCode
  }

  /// The engine's entity for assignments.
  public static let entity = EntityID(200)
  private static let partitionItem = ItemID(1)
  private static let ownerItem = ItemID(2)
  private static let epochItem = ItemID(3)
  private static let mountItem = ItemID(4)
  private static let codeItem = ItemID(5)

  /// The record that holds the assignment of `partition`.
  public static func key(_ partition: PartitionID) -> RecordKey {
    RecordKey(entity: entity, record: RecordID(mint: partition.value, counter: 0))
  }

  public var fields: [Field] {
    [
      Field(.general, Assignment.partitionItem, .int(Int64(bitPattern: partition.value))),
      Field(.general, Assignment.ownerItem, .int(Int64(owner.value))),
      Field(.general, Assignment.epochItem, .int(Int64(epoch.value))),
      Field(.general, Assignment.mountItem, .reference(mount)),
      Field(.general, Assignment.codeItem, .text(rootOrgCode)),
    ]
  }

  /// Reads an assignment from a record's fields; nil when they are not those of an assignment.
  public init?(_ value: (ItemID) -> Value) {
    guard case .int(let partition) = value(Assignment.partitionItem),
      let partitionID = PartitionID(exactly: UInt64(bitPattern: partition)),
      case .int(let owner) = value(Assignment.ownerItem), owner > 0, let node = NodeID(exactly: UInt64(owner)),
      case .int(let epoch) = value(Assignment.epochItem), let epochNumber = UInt32(exactly: epoch),
      case .reference(let mount) = value(Assignment.mountItem), case .text(let code) = value(Assignment.codeItem)
    else { return nil }
    self.init(partition: partitionID, owner: node, epoch: Epoch(epochNumber), mount: mount, rootOrgCode: code)
  }
}

/// The assignments a node knows, and its answer to "may this node write this partition?".
public struct AssignmentTable: Sendable {
  private var assignments: [PartitionID: Assignment] = [:]

  public init() {}

  public mutating func set(_ assignment: Assignment) { assignments[assignment.partition] = assignment }
  public subscript(partition: PartitionID) -> Assignment? { assignments[partition] }
  public mutating func remove(_ partition: PartitionID) { assignments[partition] = nil }

  /// All, sorted by partition.
  public var all: [Assignment] { assignments.values.sorted { $0.partition < $1.partition } }

  /// Whether `node` is the owner of `partition` in exactly this epoch.
  public func allows(_ node: NodeID, _ partition: PartitionID, _ epoch: Epoch) -> Bool {
    guard let assignment = assignments[partition] else { return false }
    return assignment.owner == node && assignment.epoch == epoch
  }
}
