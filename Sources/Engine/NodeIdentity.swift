import Formats
import Primitives

/// Who a store belongs to. Written once, when the store is created; a store with another identity is refused.
public struct NodeIdentity: Hashable, Sendable {
  /// The network's name; its hash keeps frames from crossing networks.
  public let network: Text
  public let node: NodeID
  /// Which life of the store, from 1.
  public let incarnation: UInt16
  /// The domain this node owns.
  public let partition: PartitionID
  public let epoch: Epoch
  /// The public half of the key the node was created with; the secret one never lies in the store.
  public let key: PublicKey
  /// Code and name of the domain's root org.
  public let rootOrgCode: Text
  public let rootOrgName: Text
  /// Code of the org above the root org, empty at the top of the network.
  public let parentOrgCode: Text

  public init(
    network: Text, node: NodeID, incarnation: UInt16 = 1, key: PublicKey, rootOrgCode: Text, rootOrgName: Text,
    parentOrgCode: Text
  ) {
    self.network = network
    self.node = node
    self.incarnation = incarnation
    partition = PartitionID(LogID(node: node, incarnation: incarnation).value)
    epoch = Epoch(1)
    self.key = key
    self.rootOrgCode = rootOrgCode
    self.rootOrgName = rootOrgName
    self.parentOrgCode = parentOrgCode
  }

  /// The identity of a node that takes over a partition which was another's, or its own before it lost its disk.
  ///
  /// - Parameters:
  ///   - partition: the id the partition has kept since its first owner.
  ///   - epoch: as the assignment to this node says.
  public init(
    network: Text, node: NodeID, partition: PartitionID, epoch: Epoch, key: PublicKey, rootOrgCode: Text,
    rootOrgName: Text, parentOrgCode: Text
  ) {
    self.init(
      network, node, 1, partition, epoch, key, rootOrgCode, rootOrgName, parentOrgCode)
  }

  private init(
    _ network: Text, _ node: NodeID, _ incarnation: UInt16, _ partition: PartitionID, _ epoch: Epoch, _ key: PublicKey,
    _ rootOrgCode: Text, _ rootOrgName: Text, _ parentOrgCode: Text
  ) {
    self.network = network
    self.node = node
    self.incarnation = incarnation
    self.partition = partition
    self.epoch = epoch
    self.key = key
    self.rootOrgCode = rootOrgCode
    self.rootOrgName = rootOrgName
    self.parentOrgCode = parentOrgCode
  }

  /// The same node in another life of its store.
  public func reborn(as incarnation: UInt16) -> NodeIdentity {
    NodeIdentity(network, node, incarnation, partition, epoch, key, rootOrgCode, rootOrgName, parentOrgCode)
  }

  /// The log that the node writes in this life.
  public var log: LogID { LogID(node: node, incarnation: incarnation) }
  /// The domain's root org: the first id of the mint that the partition is named after, whoever owns it now.
  public var rootOrg: RecordID { RecordID(mint: partition.value, counter: 0) }

  /// The identity as it lies in the store.
  public var encoded: Bytes {
    var writer = ByteWriter()
    writer.u8(1)
    writer.text(network.string)
    writer.u64(node.value)
    writer.u16(incarnation)
    writer.u64(partition.value)
    writer.u32(epoch.value)
    writer.raw(key.bytes)
    writer.text(rootOrgCode.string)
    writer.text(rootOrgName.string)
    writer.text(parentOrgCode.string)
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("identity version 1", at: 0) }
    network = Text(try reader.text())
    let nodeAt = reader.offset
    guard let node = NodeID(exactly: try reader.u64()) else { throw MalformedBytes("a node id", at: nodeAt) }
    self.node = node
    incarnation = try reader.u16()
    guard incarnation > 0 else { throw MalformedBytes("an incarnation", at: nodeAt + 8) }
    guard let partition = PartitionID(exactly: try reader.u64()) else {
      throw MalformedBytes("a partition", at: nodeAt)
    }
    self.partition = partition
    epoch = Epoch(try reader.u32())
    guard let key = PublicKey(exactly: try reader.raw(PublicKey.byteCount)) else {
      throw MalformedBytes("a public key", at: nodeAt)
    }
    self.key = key
    rootOrgCode = Text(try reader.text())
    rootOrgName = Text(try reader.text())
    parentOrgCode = Text(try reader.text())
    try reader.finish()
  }
}
