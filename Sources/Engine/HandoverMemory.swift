import Formats
import Primitives
import Replication

/// What an engine knows of hand-overs that are not over, mirrored from rows and from dispatches that are held.
struct HandoverMemory {
  var known: [RecordID: Handover] = [:]
  /// At a target: the dispatch that brought the rows, and what it says.
  var offers: [RecordID: (dispatch: DispatchID, facts: HandoverRecord.Facts)] = [:]
  /// At a source: by record that may not be changed, its hand-over.
  var frozen: [RecordID: (entity: EntityID, id: RecordID)] = [:]
  /// Natural keys that records on their way here will have, by hand-over.
  var reserved: [HashedKey: RecordKey] = [:]
  /// Rows of source copies that must not count, by hand-over.
  var hidden: [RecordID: Bytes] = [:]
  /// At an arbiter: what it told, to be withdrawn when all is over.
  var told: [RecordID: [DispatchID]] = [:]
  /// Hand-overs of which something changed.
  var changed: Set<RecordID> = []
  /// Told of every commit by which records came or went.
  var observer: ((Sequence64, [Operation]) -> Void)?
  /// At an arbiter: when what was offered ends.
  var expiries: [RecordID: UInt64] = [:]
}

/// A hand-over as people see it.
public struct HandoverFacts: Hashable, Sendable {
  public let facts: HandoverRecord.Facts
  public let source: HandoverRecord?
  public let target: HandoverRecord?
  public let arbiter: HandoverRecord?
  /// What came down from the arbiter.
  public let told: HandoverRecord.State?
  /// Whether this node's copy may not be changed until it is over.
  public let isFrozenHere: Bool
  /// Whether the source's copy here does not count because the target's does.
  public let isSourceHidden: Bool
}

/// Why a hand-over was not begun or undone. Nothing was changed.
public enum HandoverRefusal: Error, Hashable, Sendable {
  /// The record is not in our own domain.
  case unknownRecord(RecordKey)
  /// Records of this kind stay where they are: orgs, child records, and what belongs to no org.
  case notMovable(EntityID)
  /// No org of this code is known here.
  case unknownOrg(Text)
  /// The org is part of our own domain: changing the record's org is enough.
  case sameDomain
  /// The record is on its way already.
  case moving(RecordID)
  /// The record with all that belongs to it is larger than an offer may be.
  case tooLarge(rows: Int, bytes: Int)
  /// No hand-over of this name that we began is open.
  case unknown(RecordID)
  case engine(EngineError)
}

extension Engine {
  /// Entities of a hand-over's parts.
  static func isHandover(_ entity: EntityID) -> Bool { HandoverRecord.Part(rawValue: entity.value) != nil }

  /// Whether the engine itself follows rows of this entity.
  func isNoted(_ entity: EntityID) -> Bool {
    entity == orgItems.entity || entity == Assignment.entity || Engine.isHandover(entity)
  }

  // MARK: What is known

  /// A part's row was put.
  func noteHandover(_ partition: PartitionID, _ key: RecordKey, _ scratch: Scratch) throws(EngineError) {
    guard let view = try currentView(Keys.row(partition, key), scratch),
      let record = HandoverRecord(key, view.value)
    else { return }
    // It may have been over, as far as the others had come.
    if handovers.known[key.record] == nil {
      try recallParts(key.record, [record.facts.target.partition] + wayUp(record.facts.source))
    }
    take(record, in: partition)
    refreshHandover(key.record)
  }

  /// Believes a part only where its writer keeps it.
  private func take(_ record: HandoverRecord, in partition: PartitionID) {
    var handover = handovers.known[record.facts.id] ?? Handover()
    if let facts = handover.facts, facts != record.facts { return }
    switch record.part {
    case .source:
      guard partition == record.facts.source else { return }
      handover.source = record
    case .target:
      guard partition == record.facts.target.partition else { return }
      handover.target = record
    case .arbiter:
      guard wayUp(record.facts.source).contains(partition) else { return }
      handover.arbiter = record
    }
    handovers.known[record.facts.id] = handover
  }

  /// What follows from a hand-over's state here: what is frozen, reserved and hidden.
  func refreshHandover(_ id: RecordID) {
    guard let handover = handovers.known[id] else { return }
    handovers.changed.insert(id)
    if let source = handover.source, source.facts.source == identity.partition {
      let record = source.facts.record
      if handover.isFrozen {
        handovers.frozen[record.record] = (record.entity, id)
      } else if handovers.frozen[record.record]?.id == id {
        handovers.frozen[record.record] = nil
      }
    }
    if let source = handover.source, handover.isSourceHidden, Defect.active != .bothCopiesCount {
      handovers.hidden[id] = Keys.row(source.facts.source, source.facts.record)
    } else {
      handovers.hidden[id] = nil
    }
    handovers.expiries[id] = nil
    if let arbiter = handover.arbiter, arbiter.state == .offered, arbiter.facts.expires > 0 {
      handovers.expiries[id] = arbiter.facts.expires
    }
  }

  /// Partitions from one up to the top, as far as is known here.
  func wayUp(_ partition: PartitionID) -> [PartitionID] {
    var way = [partition]
    while way.count <= LinkMessage.Ancestry.stepsMax, let above = holders[way[way.count - 1]] { way.append(above) }
    return way
  }

  /// Who decides: the lowest domain that both hang at or below. Nil where that is not this node's to say.
  func arbiter(_ facts: HandoverRecord.Facts) -> PartitionID? {
    let way = wayUp(facts.target.partition)
    if let lowest = wayUp(facts.source).first(where: way.contains) { return lowest }
    // Nobody knows the target: the top says so.
    return isRoot ? identity.partition : nil
  }

  func roles(_ facts: HandoverRecord.Facts) -> Handover.Roles {
    .init(
      isSource: facts.source == identity.partition, isTarget: facts.target.partition == identity.partition,
      isArbiter: arbiter(facts) == identity.partition)
  }

  /// Something of a hand-over came down.
  func arrivedHandover(_ dispatch: Dispatch) throws(EngineError) {
    switch dispatch.head.kind {
    case DispatchKind.offer:
      guard let offer = try? HandoverOffer(dispatch.body), offer.target.partition == identity.partition else { return }
      let facts = HandoverRecord.Facts(
        id: offer.id, record: offer.record, source: offer.source, target: offer.target, hash: offer.hash,
        expires: offer.expires)
      handovers.offers[offer.id] = (dispatch.head.id, facts)
      try hear(.offered, offer.id)
    case DispatchKind.decision:
      guard let decision = try? HandoverDecision(dispatch.body),
        let state = HandoverRecord.State(rawValue: decision.state)
      else { return }
      try hear(state, decision.id)
    default: return
    }
  }

  /// Of two words the later one of the arbiter's counts, whatever order they came in.
  private func hear(_ state: HandoverRecord.State, _ id: RecordID) throws(EngineError) {
    try recallParts(id, [identity.partition])
    var handover = handovers.known[id] ?? Handover()
    switch (handover.told, state) {
    case (nil, _), (.offered, _), (.decided, .finalised): handover.told = state
    default: break
    }
    handovers.known[id] = handover
    handovers.changed.insert(id)
  }

  /// Reads the parts of a hand-over that may be over long since.
  private func recallParts(_ id: RecordID, _ partitions: [PartitionID]) throws(EngineError) {
    for partition in partitions {
      for part in HandoverRecord.Part.allCases {
        let key = RecordKey(entity: part.entity, record: id)
        guard let view = try currentView(Keys.row(partition, key), Scratch()),
          let record = HandoverRecord(key, view.value)
        else { continue }
        take(record, in: partition)
      }
    }
  }

  /// Reads what is not over: parts from rows, words from dispatches.
  func loadHandovers() throws(EngineError) {
    for partition in partitions {
      for part in HandoverRecord.Part.allCases {
        var records: [HandoverRecord] = []
        try forEachRow(partition, part.entity) { key, view in
          if let record = HandoverRecord(key, view.value) { records.append(record) }
        }
        for record in records { take(record, in: partition) }
      }
    }
    for id in dispatches.held.keys.sorted() {
      guard let held = dispatches.held[id], !held.isRecalled,
        held.head.kind == DispatchKind.offer || held.head.kind == DispatchKind.decision
      else { continue }
      let dispatch = try dispatch(id)
      if held.isForUs { try arrivedHandover(dispatch) }
      if held.distance == 0, let about = Engine.handover(of: dispatch) { handovers.told[about, default: []].append(id) }
    }
    for id in handovers.known.keys.sorted() {
      refreshHandover(id)
      if let target = handovers.known[id]?.target, target.state == .accepted,
        target.facts.target.partition == identity.partition
      {
        try reserve(target.facts)
      }
      forgetIfOver(id)
    }
  }

  /// Which hand-over a dispatch is about.
  static func handover(of dispatch: Dispatch) -> RecordID? {
    switch dispatch.head.kind {
    case DispatchKind.offer: (try? HandoverOffer(dispatch.body))?.id
    case DispatchKind.decision: (try? HandoverDecision(dispatch.body))?.id
    default: nil
    }
  }

  /// What is over is read again from its rows when somebody asks.
  func forgetIfOver(_ id: RecordID) {
    guard let handover = handovers.known[id], handover.facts != nil, handover.isOver else { return }
    handovers.known[id] = nil
    handovers.offers[id] = nil
    handovers.hidden[id] = nil
    handovers.expiries[id] = nil
    handovers.reserved = handovers.reserved.filter { $0.value.record != handover.facts?.record.record }
  }

  /// Somebody below has a word of ours: it may be time to withdraw it.
  func noteDelivered(_ word: DispatchID) {
    guard !handovers.told.isEmpty, dispatches.held[word]?.head.kind == DispatchKind.decision else { return }
    for id in handovers.told.keys.sorted() where handovers.told[id]?.contains(word) ?? false {
      handovers.changed.insert(id)
    }
  }

  /// The hand-over by which the record with this natural key comes here; nil when none does.
  func comingHandover(_ natural: HashedKey) -> RecordID? {
    guard !handovers.reserved.isEmpty, let key = handovers.reserved[natural] else { return nil }
    return handovers.known.keys.sorted().first { handovers.known[$0]?.facts?.record == key }
  }

  /// Calls `body` with every commit by which records of a hand-over come into our domain or go, as it is made: for
  /// whoever mirrors the domain's records. On the engine's thread.
  public func observeHandovers(_ body: @escaping (Sequence64, [Operation]) -> Void) { handovers.observer = body }

  // MARK: Facts

  /// Hand-overs that are not over, as far as this node sees, by id.
  public var openHandovers: [HandoverFacts] {
    handovers.known.keys.sorted().compactMap { id in
      guard let handover = handovers.known[id], let facts = handover.facts ?? handovers.offers[id]?.facts else {
        return nil
      }
      return HandoverFacts(
        facts: facts, source: handover.source, target: handover.target, arbiter: handover.arbiter,
        told: handover.told, isFrozenHere: handovers.frozen[facts.record.record]?.id == id,
        isSourceHidden: handovers.hidden[id] != nil)
    }
  }

  /// A hand-over, open or over, by the rows that are here; nil when there are none.
  public func handover(_ id: RecordID) throws(EngineError) -> HandoverFacts? {
    if let open = openHandovers.first(where: { $0.facts.id == id }) { return open }
    var handover = Handover()
    for partition in partitions {
      for part in HandoverRecord.Part.allCases {
        let key = RecordKey(entity: part.entity, record: id)
        guard let view = try currentView(Keys.row(partition, key), Scratch()),
          let record = HandoverRecord(key, view.value)
        else { continue }
        switch part {
        case .source: handover.source = record
        case .target: handover.target = record
        case .arbiter: handover.arbiter = record
        }
      }
    }
    return handover.facts.map {
      HandoverFacts(
        facts: $0, source: handover.source, target: handover.target, arbiter: handover.arbiter, told: nil,
        isFrozenHere: false, isSourceHidden: false)
    }
  }

  /// Keys of rows whose record another domain has already, sorted: no answer may use them, and nothing is wrong with
  /// them. They go when their own domain lets go of them.
  public var rowsHandedOver: [Bytes] { handovers.hidden.values.sorted { $0.lexicographicallyPrecedes($1) } }

  /// How many rows of an entity of a partition are such, with their child records.
  public func rowsHandedOver(_ partition: PartitionID, _ entity: EntityID) -> Int {
    handovers.hidden.keys.reduce(0) { sum, id in
      guard let source = handovers.known[id]?.source, source.facts.source == partition else { return sum }
      let keys = HandoverRows.keys(source.rows, of: source.facts.record.record) ?? []
      return sum + keys.count { $0.entity == entity }
    }
  }

  /// How many rows of each entity a partition has for whoever asks: without those that its record's new domain counts.
  public func rowCountsSeen(_ partition: PartitionID) -> [(entity: EntityID, rows: Int)] {
    let counts = rowCounts(partition)
    if handovers.hidden.isEmpty { return counts }
    return counts.map { ($0.entity, $0.rows - rowsHandedOver(partition, $0.entity)) }
  }

  /// Refuses a commit that changes, or adds to, a record that is on its way.
  func refuseFrozen(_ operations: [Operation], _ inserts: [OperationGroup]) throws(EngineError) {
    if handovers.frozen.isEmpty || Defect.active == .frozenIsChanged { return }
    for operation in operations {
      if let id = frozen(operation.key) { throw .frozen(operation.key, handover: id) }
    }
    for group in inserts {
      for row in 0..<group.rows {
        if let id = frozen(group.key(row)) { throw .frozen(group.key(row), handover: id) }
      }
    }
  }

  /// The hand-over that keeps a record from being changed; nil when none does.
  public func frozen(_ key: RecordKey) -> RecordID? {
    guard !handovers.frozen.isEmpty, let (entity, id) = handovers.frozen[key.record] else { return nil }
    return key.entity == entity || catalog.entity(key.entity)?.parent == entity ? id : nil
  }
}
