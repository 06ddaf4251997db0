import Access
import Catalog
import Primitives

/// Where records stand in the org tree of one moment, worked out once a directory instead of once a question.
struct TreePlaces {
  private(set) var directory = OrgDirectory.empty
  /// Code of a reference to an org → its place in preorder, −1 when unknown.
  private(set) var placeOfCode: [Int32] = [-1]
  /// Places of each partition's orgs, ascending.
  private var partitions: [PartitionID: [Int32]] = [:]
  /// Places of orgs by their position in their segment, with the version of its keys.
  private var own: [PartitionID: (version: Int, places: [Int32])] = [:]

  mutating func follow(_ directory: OrgDirectory, _ codes: ValueDictionary?) {
    if !self.directory.isCopy(of: directory) {
      self.directory = directory
      placeOfCode = [-1]
      own = [:]
      partitions = [:]
      for org in directory.orgs { partitions[org.partition, default: []].append(org.start) }
    }
    guard let codes, placeOfCode.count < codes.count else { return }
    placeOfCode.reserveCapacity(codes.count)
    for code in placeOfCode.count..<codes.count {
      guard case .reference(let record) = codes.values[code] else {
        placeOfCode.append(-1)
        continue
      }
      placeOfCode.append(directory.position(record))
    }
  }

  /// Places of the orgs of a segment, by position.
  mutating func places(_ orgs: Segment) -> [Int32] {
    if let known = own[orgs.partition], known.version == orgs.keysVersion { return known.places }
    let places = (0..<orgs.count).map { directory.position(orgs.keys.key($0).record) }
    own[orgs.partition] = (orgs.keysVersion, places)
    return places
  }

  /// Whether a partition has orgs in the extent, and whether it has others too.
  func extent(_ partition: PartitionID, in extent: OrgExtent) -> (touches: Bool, isWhole: Bool) {
    guard let places = partitions[partition], let first = places.first, let last = places.last else {
      return (false, false)
    }
    var touches = false
    for range in extent.ranges where !touches {
      var low = 0
      var high = places.count
      while low < high {
        let middle = (low + high) / 2
        if places[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
      }
      touches = low < places.count && places[low] < range.upperBound
    }
    return (touches, touches && extent.countsUnplaced && extent.covers(first..<last + 1))
  }
}
