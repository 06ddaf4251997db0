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

  public var log: LogID { LogID(node: node, incarnation: incarnation) }
  /// The domain's root org: the first id of its mint.
  public var rootOrg: RecordID { RecordID(LogID(node: node, incarnation: 1), counter: 0) }

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
