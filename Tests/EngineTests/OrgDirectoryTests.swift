import Access
import Primitives
import Testing

// Laws of the org tree against a dumb twin that follows parents one by one.

@Suite struct OrgDirectoryTests {
  private func entry(_ number: Int, under parent: Int?, code: Text) -> OrgDirectory.Entry {
    OrgDirectory.Entry(
      id: RecordID(mint: 1, counter: UInt64(number)), code: code, name: "n", category: "1", partition: PartitionID(1),
      parent: parent.map { RecordID(mint: 1, counter: UInt64($0)) })
  }

  /// Parents drawn at random: trees, rings, orgs that are their own parent, parents that nobody knows.
  private func randomEntries(_ random: inout SeededRandom) -> [OrgDirectory.Entry] {
    let count = 1 + random.below(40)
    return (0..<count).map { number in
      let parent: Int? =
        switch random.below(10) {
        case 0: nil
        case 1: 1000 + random.below(5)
        case 2...5: number == 0 ? nil : random.below(number)
        default: random.below(count)
        }
      return entry(number, under: parent, code: Text("\(random.below(30))"))
    }
  }

  /// The way up from an org, as far as it leads, without going round in a ring.
  private func above(_ start: RecordID, _ entries: [RecordID: OrgDirectory.Entry]) -> [RecordID] {
    var way: [RecordID] = []
    var current = entries[start]?.parent
    while let id = current, entries[id] != nil, !way.contains(id) {
      way.append(id)
      current = entries[id]?.parent
    }
    return way
  }

  @Test("directory: every org has one place, subtrees are intervals, trees agree with the way up (500 random sets)")
  func laws() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<500 {
      let entries = randomEntries(&random)
      let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })
      let directory = OrgDirectory(entries)
      #expect(directory.orgs.count == entries.count && Set(directory.orgs.map(\.id)).count == entries.count)
      for (place, org) in directory.orgs.enumerated() {
        #expect(Int(org.start) == place && org.end > org.start && Int(org.end) <= entries.count)
        #expect(directory.org(org.id) == org && directory.position(org.id) == org.start)
        #expect(directory.contains(org.id, under: org))
        // Intervals nest: another org's is inside, outside or around.
        for other in directory.orgs[place...] where other.start < org.end { #expect(other.end <= org.end) }
      }
      for org in directory.orgs {
        let way = above(org.id, byID)
        if way.contains(org.id) || way.last.map({ above($0, byID).contains($0) }) ?? false { continue }
        // Not in a ring nor below one: the twin knows every answer.
        #expect(org.depth == way.count)
        for other in directory.orgs {
          #expect(directory.contains(org.id, under: other) == (other.id == org.id || way.contains(other.id)))
        }
      }
    }
  }

  @Test("directory: the order does not depend on the order of entries (200 random sets)")
  func order() {
    var random = SeededRandom(seed: 12)
    for _ in 0..<200 {
      let entries = randomEntries(&random)
      #expect(OrgDirectory(entries).orgs == OrgDirectory(entries.shuffled(using: &random)).orgs)
    }
  }

  @Test("directory: children stand by code, and rings stand at the top")
  func small() {
    let directory = OrgDirectory([
      entry(1, under: nil, code: "0"), entry(2, under: 1, code: "02"), entry(3, under: 1, code: "01"),
      entry(4, under: 5, code: "8"), entry(5, under: 4, code: "9"), entry(6, under: 6, code: "7"),
    ])
    #expect(directory.orgs.map(\.code) == ["0", "01", "02", "7", "8", "9"])
    #expect(directory.orgs.map(\.depth) == [0, 1, 1, 0, 0, 1])
    #expect(
      directory.org(RecordID(mint: 9, counter: 9)) == nil && directory.position(RecordID(mint: 9, counter: 9)) == -1)
    #expect(OrgDirectory.empty.orgs.isEmpty)
  }

  @Test("directory: a chain of 50,000 orgs does not use up the stack")
  func deep() {
    let entries = (0..<50_000).map { entry($0, under: $0 == 0 ? nil : $0 - 1, code: "x") }
    #expect(OrgDirectory(entries).orgs.last?.depth == 49_999)
  }

  @Test("directory: a code that two orgs have leads to neither, and both can be named")
  func ambiguous() {
    let directory = OrgDirectory([
      entry(1, under: nil, code: "0"), entry(2, under: 1, code: "01"), entry(3, under: 2, code: "0"),
      entry(4, under: 1, code: "02"), entry(5, under: 4, code: "0"),
    ])
    #expect(directory.org(code: "0") == nil && directory.org(code: "02")?.depth == 1)
    // In preorder, the first two.
    #expect(directory.orgs(code: "0").map(\.depth) == [0, 2] && directory.orgs(code: "9").isEmpty)
    #expect(directory.orgs(code: "0").map(\.id.counter) == [1, 3] && directory.orgs(code: "01").count == 1)
  }
}
