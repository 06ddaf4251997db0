import Primitives

/// The org tree as this node knows it, with preorder intervals: "in the subtree" is an interval test. A value; readers
/// keep the one of their snapshot.
public struct OrgDirectory: Sendable {
  /// One org.
  public struct Org: Hashable, Sendable {
    public let id: RecordID
    public let code: Text
    public let name: Text
    public let category: Text
    public let partition: PartitionID
    /// The org above, or nil at the top and where it is unknown here.
    public let parent: RecordID?
    /// The org's place in preorder, and one past its subtree's last.
    public let start: Int32
    public let end: Int32
    /// 0 at the top.
    public let depth: Int
  }

  /// An org as a row has it, before it has a place.
  public struct Entry: Hashable, Sendable {
    public let id: RecordID
    public let code: Text
    public let name: Text
    public let category: Text
    public let partition: PartitionID
    public let parent: RecordID?

    public init(
      id: RecordID, code: Text, name: Text, category: Text, partition: PartitionID, parent: RecordID?
    ) {
      self.id = id
      self.code = code
      self.name = name
      self.category = category
      self.partition = partition
      self.parent = parent
    }
  }

  /// In preorder; children by code.
  public let orgs: [Org]
  private let positions: [RecordID: Int32]
  private let codes: [Text: Int32]
  /// The second org, in preorder, of a code that several have.
  private let doubles: [Text: Int32]

  public static let empty = OrgDirectory([])

  /// Builds the tree. Orgs whose parent is unknown, or that form a ring, stand at the top: nothing is left out.
  public init(_ entries: [Entry]) {
    let sorted = entries.sorted { $0.code == $1.code ? $0.id < $1.id : $0.code < $1.code }
    var index: [RecordID: Int] = [:]
    index.reserveCapacity(sorted.count)
    for (number, entry) in sorted.enumerated() { index[entry.id] = number }
    var children = [[Int]](repeating: [], count: sorted.count)
    var tops: [Int] = []
    for (number, entry) in sorted.enumerated() {
      if let parent = entry.parent, let above = index[parent], above != number {
        children[above].append(number)
      } else {
        tops.append(number)
      }
    }
    var places = [(start: Int32, depth: Int)](repeating: (-1, 0), count: sorted.count)
    var ends = [Int32](repeating: 0, count: sorted.count)
    var order: [Int] = []
    order.reserveCapacity(sorted.count)
    func visit(_ top: Int) {
      // An explicit stack: the depth of a hostile tree must not be the depth of ours.
      var stack: [(org: Int, child: Int)] = [(top, 0)]
      places[top] = (Int32(order.count), 0)
      order.append(top)
      while let (org, child) = stack.last {
        if child < children[org].count {
          stack[stack.count - 1].child += 1
          let next = children[org][child]
          guard places[next].start < 0 else { continue }
          places[next] = (Int32(order.count), stack.count)
          order.append(next)
          stack.append((next, 0))
        } else {
          ends[org] = Int32(order.count)
          stack.removeLast()
        }
      }
    }
    for top in tops { visit(top) }
    for number in sorted.indices where places[number].start < 0 { visit(number) }
    orgs = order.map { number in
      let entry = sorted[number]
      return Org(
        id: entry.id, code: entry.code, name: entry.name, category: entry.category, partition: entry.partition,
        parent: entry.parent, start: places[number].start, end: ends[number], depth: places[number].depth)
    }
    var positions: [RecordID: Int32] = [:]
    positions.reserveCapacity(orgs.count)
    var codes: [Text: Int32] = [:]
    codes.reserveCapacity(orgs.count)
    var doubles: [Text: Int32] = [:]
    for (position, org) in orgs.enumerated() {
      positions[org.id] = Int32(position)
      if codes[org.code] == nil {
        codes[org.code] = Int32(position)
      } else if doubles[org.code] == nil {
        doubles[org.code] = Int32(position)
      }
    }
    self.positions = positions
    self.codes = codes
    self.doubles = doubles
  }

  /// Whether both are copies of one directory: what was derived from the other holds for this one. Constant time; false
  /// for two that were built apart, even when they say the same.
  public func isCopy(of other: OrgDirectory) -> Bool {
    orgs.withUnsafeBufferPointer { ours in
      other.orgs.withUnsafeBufferPointer { $0.baseAddress == ours.baseAddress && $0.count == ours.count }
    }
  }

  /// The org with this id.
  public func org(_ id: RecordID) -> Org? { positions[id].map { orgs[Int($0)] } }
  /// The org with this code; nil when none has it, or several: which of them is meant nobody can say. Codes are labels,
  /// so this is for people's input only.
  public func org(code: Text) -> Org? { doubles[code] == nil ? codes[code].map { orgs[Int($0)] } : nil }
  /// The orgs with this code, in preorder; of more than two the first two.
  public func orgs(code: Text) -> [Org] { [codes[code], doubles[code]].compactMap { $0 }.map { orgs[Int($0)] } }
  /// The org's place in preorder, -1 when unknown.
  public func position(_ id: RecordID) -> Int32 { positions[id] ?? -1 }
  /// Whether `id` lies in the subtree of `top`, itself included.
  public func contains(_ id: RecordID, under top: Org) -> Bool {
    let place = position(id)
    return place >= top.start && place < top.end
  }
}
