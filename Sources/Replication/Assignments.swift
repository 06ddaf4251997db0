import Formats
import Primitives

/// Who owns a partition, with which key, and where it hangs. Kept as ordinary rows of the engine's entity 200 in the
/// *parent's* partition, so that they flow upward with everything else and every ancestor checks frames against them.
///
/// Each is signed by the owner of the partition that holds it, whose own assignment names that owner's key, and so on
/// up to the key of whoever checks: an ancestor trusts what it signed itself and what follows from it, nothing else.
public struct Assignment: Hashable, Sendable {
  public let partition: PartitionID
  public let owner: NodeID
  public let epoch: Epoch
  /// What the owner signs its frames and the assignments below it with.
  public let key: PublicKey
  /// The org under which the partition's root org hangs.
  public let mount: RecordID
  public let rootOrgCode: Text
  /// Made over ``signedBytes(_:network:holder:)`` by the owner of the partition that holds this record.
  public let signature: Bytes

  /// Signs an assignment.
  ///
  /// - Parameters:
  ///   - network: hash of the network's name; an assignment means nothing in another.
  ///   - holder: the partition in which the record will lie.
  ///   - signer: the key of that partition's owner.
  public init(
    partition: PartitionID, owner: NodeID, epoch: Epoch, key: PublicKey, mount: RecordID, rootOrgCode: Text,
    network: UInt64, holder: PartitionID, signer: SigningKey
  ) {
    self.partition = partition
    self.owner = owner
    self.epoch = epoch
    self.key = key
    self.mount = mount
    self.rootOrgCode = rootOrgCode
    signature = signer.sign(
      Assignment.signedBytes((partition, owner, epoch, key, mount, rootOrgCode), network: network, holder: holder))
  }

  private typealias Content = (
    partition: PartitionID, owner: NodeID, epoch: Epoch, key: PublicKey, mount: RecordID, rootOrgCode: Text
  )

  /// "XYA1" · network · holder · partition · owner · epoch · key · mount · code: nothing a frame header can be.
  private static func signedBytes(_ content: Content, network: UInt64, holder: PartitionID) -> Bytes {
    var writer = ByteWriter(capacity: 128)
    writer.u32(0x5859_4131)
    writer.u64(network)
    writer.u64(holder.value)
    writer.u64(content.partition.value)
    writer.u64(content.owner.value)
    writer.u32(content.epoch.value)
    writer.raw(content.key.bytes)
    writer.u64(content.mount.mint)
    writer.u64(content.mount.counter)
    writer.text(content.rootOrgCode.string)
    return writer.bytes
  }

  /// Whether the holder of `key` signed exactly this for a record in partition `holder`.
  public func isSigned(by key: PublicKey, network: UInt64, holder: PartitionID) -> Bool {
    let content = (partition, owner, epoch, self.key, mount, rootOrgCode)
    return key.isValid(signature, over: Assignment.signedBytes(content, network: network, holder: holder))
  }

  /// Whether this may take the place of `known`, the last assignment of the same partition: an epoch has one owner with
  /// one key, and none comes back.
  public func follows(_ known: Assignment) -> Bool {
    epoch > known.epoch || epoch == known.epoch && owner == known.owner && key == known.key
  }

  /// The engine's entity for assignments.
  public static let entity = EntityID(200)
  private static let partitionItem = ItemID(1)
  private static let ownerItem = ItemID(2)
  private static let epochItem = ItemID(3)
  private static let mountItem = ItemID(4)
  private static let codeItem = ItemID(5)
  private static let keyItem = ItemID(6)
  private static let signatureItem = ItemID(7)

  /// The record that holds the assignment of `partition`.
  public static func key(_ partition: PartitionID) -> RecordKey {
    RecordKey(entity: entity, record: RecordID(mint: partition.value, counter: 0))
  }

  /// The record that keeps the assignment which held in an earlier epoch: its key still proves who made the frames of
  /// that time.
  public static func formerKey(_ partition: PartitionID, _ epoch: Epoch) -> RecordKey {
    RecordKey(entity: entity, record: RecordID(mint: partition.value, counter: 1 << 32 | UInt64(epoch.value)))
  }

  /// Keys and signatures are hexadecimal texts: a value has no kind for bytes.
  public var fields: [Field] {
    [
      Field(.general, Assignment.partitionItem, .int(Int64(bitPattern: partition.value))),
      Field(.general, Assignment.ownerItem, .int(Int64(owner.value))),
      Field(.general, Assignment.epochItem, .int(Int64(epoch.value))),
      Field(.general, Assignment.mountItem, .reference(mount)),
      Field(.general, Assignment.codeItem, .text(rootOrgCode)),
      Field(.general, Assignment.keyItem, .text(Text(key.bytes.hex))),
      Field(.general, Assignment.signatureItem, .text(Text(signature.hex))),
    ]
  }

  /// Reads an assignment from a record's fields; nil when they are not those of an assignment. Its signature is not
  /// checked here.
  public init?(_ value: (ItemID) -> Value) {
    guard case .int(let partition) = value(Assignment.partitionItem),
      let partitionID = PartitionID(exactly: UInt64(bitPattern: partition)),
      case .int(let owner) = value(Assignment.ownerItem), owner > 0, let node = NodeID(exactly: UInt64(owner)),
      case .int(let epoch) = value(Assignment.epochItem), let epochNumber = UInt32(exactly: epoch),
      case .reference(let mount) = value(Assignment.mountItem), case .text(let code) = value(Assignment.codeItem),
      case .text(let keyText) = value(Assignment.keyItem), let keyBytes = Bytes(hex: keyText.string),
      let key = PublicKey(exactly: keyBytes),
      case .text(let signatureText) = value(Assignment.signatureItem),
      let signature = Bytes(hex: signatureText.string), signature.count == PublicKey.signatureByteCount
    else { return nil }
    self.partition = partitionID
    self.owner = node
    self.epoch = Epoch(epochNumber)
    self.key = key
    self.mount = mount
    rootOrgCode = code
    self.signature = signature
  }
}

/// The assignments a node knows, and its answer to "may this node write this partition?".
public struct AssignmentTable: Sendable {
  /// What a table says of a frame's header.
  public enum Verdict: Hashable, Sendable {
    /// Yes, if this key signed it.
    case allowed(PublicKey)
    /// Not this node's partition, or nobody's.
    case notOwner
    /// The owner's, in another epoch: a fenced writer, or one ahead of its assignment.
    case wrongEpoch
  }

  private var assignments: [PartitionID: Assignment] = [:]
  /// Assignments of earlier epochs.
  private var formers: [PartitionID: [Epoch: Assignment]] = [:]

  public init() {}

  public mutating func set(_ assignment: Assignment) { assignments[assignment.partition] = assignment }
  public subscript(partition: PartitionID) -> Assignment? { assignments[partition] }
  public mutating func remove(_ partition: PartitionID) { assignments[partition] = nil }

  /// Keeps the assignment of an earlier epoch.
  public mutating func remember(_ assignment: Assignment) {
    formers[assignment.partition, default: [:]][assignment.epoch] = assignment
  }

  /// The assignment of `partition` that held in an earlier epoch.
  public func former(_ partition: PartitionID, _ epoch: Epoch) -> Assignment? { formers[partition]?[epoch] }

  /// Keys of the owners that `partition` had in earlier epochs, in their order.
  public func formerKeys(_ partition: PartitionID) -> [PublicKey] {
    let all = formers[partition] ?? [:]
    return all.keys.sorted().compactMap { all[$0]?.key }
  }

  /// All, sorted by partition.
  public var all: [Assignment] { assignments.values.sorted { $0.partition < $1.partition } }

  /// Whether `node` is the owner of `partition` in exactly this epoch, and by which key.
  public func judge(_ node: NodeID, _ partition: PartitionID, _ epoch: Epoch) -> Verdict {
    guard let assignment = assignments[partition], assignment.owner == node else { return .notOwner }
    return assignment.epoch == epoch ? .allowed(assignment.key) : .wrongEpoch
  }
}
