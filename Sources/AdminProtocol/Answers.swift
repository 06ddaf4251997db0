/// An answer of the interface, which names its shape in the member `schema`. Fields are added, never changed or removed.
public protocol AdminAnswer: Codable, Sendable {
  /// `xylem/<what>/v1`.
  static var schemaName: String { get }
  var schema: String { get }
}

/// `GET /v1/version`.
public struct VersionResponse: AdminAnswer, Hashable {
  /// A part whose version matters in a fault report: `RocksDB`, `wire`, `format`, `Swift`.
  public struct Component: Codable, Hashable, Sendable {
    public var name: String
    public var version: String
    public init(_ name: String, _ version: String) {
      self.name = name
      self.version = version
    }
  }

  public static let schemaName = "xylem/version/v1"
  public var schema = VersionResponse.schemaName
  public var program: String
  public var version: String
  public var components: [Component]

  public init(program: String, version: String, components: [Component]) {
    self.program = program
    self.version = version
    self.components = components
  }
}

/// A node by id, code and name.
public struct NodeName: Codable, Hashable, Sendable {
  public var id: String
  /// Code of its root org.
  public var code: String
  public var name: String
  public init(id: String, code: String, name: String) {
    self.id = id
    self.code = code
    self.name = name
  }
}

/// `GET /v1/status`: this node at a glance.
public struct StatusResponse: AdminAnswer, Hashable {
  /// Sequence numbers of this node's own log.
  public struct Position: Codable, Hashable, Sendable {
    public var last: Int
    /// Synced here.
    public var durable: Int
    /// Synced at the parent.
    public var parent: Int
    /// Synced at the top of the network.
    public var root: Int
    public init(last: Int, durable: Int, parent: Int, root: Int) {
      self.last = last
      self.durable = durable
      self.parent = parent
      self.root = root
    }
  }

  /// The link upwards; a top node has none.
  public struct Parent: Codable, Hashable, Sendable {
    public var code: String
    public var linked: Bool
    /// Commits that the parent does not have yet.
    public var backlog: Int
    /// Why the last link ended, when somebody said so.
    public var refusal: String?
    public init(code: String, linked: Bool, backlog: Int, refusal: String? = nil) {
      self.code = code
      self.linked = linked
      self.backlog = backlog
      self.refusal = refusal
    }
  }

  public struct EntityRows: Codable, Hashable, Sendable {
    public var entity: String
    public var labelZh: String
    public var labelEn: String
    public var rows: Int
    public init(entity: String, zh: String, en: String, rows: Int) {
      self.entity = entity
      labelZh = zh
      labelEn = en
      self.rows = rows
    }
    private enum CodingKeys: String, CodingKey {
      case entity, rows
      case labelZh = "label_zh"
      case labelEn = "label_en"
    }
  }

  public static let schemaName = "xylem/status/v1"
  public var schema = StatusResponse.schemaName
  public var node: NodeName
  public var network: String
  public var position: Position
  public var parent: Parent?
  /// Children whose links are up.
  public var childrenLinked: Int
  public var childrenKnown: Int
  public var entities: [EntityRows]
  public var secondsUp: Int
  public var residentBytes: Int

  public init(
    node: NodeName, network: String, position: Position, parent: Parent?, childrenLinked: Int, childrenKnown: Int,
    entities: [EntityRows], secondsUp: Int, residentBytes: Int
  ) {
    self.node = node
    self.network = network
    self.position = position
    self.parent = parent
    self.childrenLinked = childrenLinked
    self.childrenKnown = childrenKnown
    self.entities = entities
    self.secondsUp = secondsUp
    self.residentBytes = residentBytes
  }

  private enum CodingKeys: String, CodingKey {
    case schema, node, network, position, parent, entities
    case childrenLinked = "children_linked"
    case childrenKnown = "children_known"
    case secondsUp = "seconds_up"
    case residentBytes = "resident_bytes"
  }
}

/// `GET /v1/tree`: this node and all below it, in tree order.
public struct TreeResponse: AdminAnswer, Hashable {
  public struct Node: Codable, Hashable, Sendable {
    public var node: NodeName
    public var partition: String
    /// 0 for the node that answers.
    public var depth: Int
    /// `idle`, `ok`, `stalled`, `broken` or `unknown`.
    public var state: String
    /// Rows of its domain held here.
    public var rows: Int
    public var rowsAtOwner: Int
    public var bytesSent: Int
    /// Commits it made that are not here yet.
    public var lag: Int
    /// Since it last spoke; nil for the node that answers and for nodes never heard of.
    public var ageMilliseconds: Int?

    public init(
      node: NodeName, partition: String, depth: Int, state: String, rows: Int, rowsAtOwner: Int, bytesSent: Int, lag: Int,
      ageMilliseconds: Int?
    ) {
      self.node = node
      self.partition = partition
      self.depth = depth
      self.state = state
      self.rows = rows
      self.rowsAtOwner = rowsAtOwner
      self.bytesSent = bytesSent
      self.lag = lag
      self.ageMilliseconds = ageMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
      case node, partition, depth, state, rows, lag
      case rowsAtOwner = "rows_at_owner"
      case bytesSent = "bytes_sent"
      case ageMilliseconds = "age_milliseconds"
    }
  }

  public static let schemaName = "xylem/tree/v1"
  public var schema = TreeResponse.schemaName
  public var nodes: [Node]
  public init(nodes: [Node]) { self.nodes = nodes }
}
