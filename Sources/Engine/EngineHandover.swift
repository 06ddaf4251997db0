import Catalog
import Formats
import Ports
import Primitives
import Replication

/// Hand-overs: what this node does for them. What is to be done follows from what is known (`Replication.Handover`);
/// each step is one commit of ours, durable with its effects, and what goes down is put on its way in the same batch.
extension Engine {
  /// Does what can be done for every hand-over of which something changed, and ends what nobody accepted in time.
  func advanceHandovers(clock: UInt64) throws(EngineError) {
    guard standing.mayCommit else { return }
    if !handovers.expiries.isEmpty {
      for id in handovers.expiries.keys.sorted() where clock >= handovers.expiries[id] ?? .max {
        handovers.changed.insert(id)
      }
    }
    guard !handovers.changed.isEmpty else { return }
    let changed = handovers.changed.sorted()
    handovers.changed = []
    for id in changed {
      // Where one node has several parts one step leads to the next.
      for _ in 0..<8 { guard try advance(id, clock) else { break } }
      withdrawWords(id, clock)
      forgetIfOver(id)
    }
  }

  /// Takes one step; false when there is none to take.
  private func advance(_ id: RecordID, _ clock: UInt64) throws(EngineError) -> Bool {
    guard let handover = handovers.known[id], let facts = handover.facts ?? handovers.offers[id]?.facts else {
      return false
    }
    let roles = roles(facts)
    let hasOffer = handovers.offers[id] != nil || roles.isTarget && roles.isArbiter
    guard let step = planted(handover, roles) ?? handover.step(roles, hasOffer: hasOffer, clock: clock) else {
      return false
    }
    switch step {
    case .offer: try offer(facts, handover, clock)
    case .void(let reason): try decide(facts, .void, reason, clock)
    case .decide:
      try decide(facts, .decided, "", clock)
      if Defect.active == .sourceLetsGoEarly { try decide(facts, .finalised, "", clock) }
    case .finalise: try decide(facts, .finalised, "", clock)
    case .answer: try answer(facts, clock)
    case .insert: try insert(facts, clock)
    case .forget: try write(handover.target?.becoming(.voided), clock)
    case .release: try release(handover, clock)
    case .thaw: try write(handover.source?.becoming(.voided), clock)
    }
    return true
  }

  /// Only for planted bugs.
  private func planted(_ handover: Handover, _ roles: Handover.Roles) -> Handover.Step? {
    switch Defect.active {
    case .voidAfterDecision:
      roles.isArbiter && handover.arbiter?.state == .decided && handover.source?.state == .voidAsked
        ? .void("too late") : nil
    case .targetInsertsEarly: roles.isTarget && handover.target?.state == .accepted ? .insert : nil
    default: nil
    }
  }

  /// Commits a part of ours, and what goes with it.
  private func write(
    _ record: HandoverRecord?, _ operations: [Operation] = [], _ clock: UInt64
  ) throws(EngineError) {
    guard let record else { return }
    let operation: Operation
    if let view = try currentView(Keys.row(identity.partition, record.key), Scratch()),
      let before = HandoverRecord(record.key, view.value)
    {
      operation = Operation(record.key, .update(record.changes(from: before)))
    } else {
      operation = Operation(record.key, .insert(record.fields))
    }
    let sequence = try take(
      operations + [operation], actor: "system", reason: "handover", batch: 0, clock: clock)
    if !operations.isEmpty { handovers.observer?(sequence, operations) }
  }

  private func write(_ record: HandoverRecord?, _ clock: UInt64) throws(EngineError) { try write(record, [], clock) }

  // MARK: Arbiter

  /// Looks at the rows as they lie here and sends them to the target, or undoes it.
  private func offer(
    _ facts: HandoverRecord.Facts, _ handover: Handover, _ clock: UInt64
  ) throws(EngineError) {
    let source = handover.source
    guard let rows = try rows(of: facts, source?.rows ?? "") else {
      return try decide(facts, .void, "the arbiter does not hold what the source froze", clock)
    }
    guard orgEntries[facts.target.org]?.partition == facts.target.partition,
      isBelow(facts.target.partition, identity.partition)
    else { return try decide(facts, .void, "the org is not there any more", clock) }
    if facts.expires > 0, clock >= facts.expires { return try decide(facts, .void, "expired", clock) }
    try write(HandoverRecord(facts, .arbiter, .offered), clock)
    guard facts.target.partition != identity.partition else { return }
    let offer = HandoverOffer(
      id: facts.id, record: facts.record, source: facts.source, target: facts.target, hash: facts.hash,
      expires: facts.expires, rows: rows)
    try tell(DispatchKind.offer, offer.encoded, [facts.target.partition], facts.id, clock)
  }

  private func decide(
    _ facts: HandoverRecord.Facts, _ state: HandoverRecord.State, _ reason: Text, _ clock: UInt64
  ) throws(EngineError) {
    try write(HandoverRecord(facts, .arbiter, state, reason: reason), clock)
    var whom: [PartitionID]
    switch state {
    case .decided: whom = [facts.target.partition]
    case .finalised: whom = [facts.source]
    default: whom = [facts.source, facts.target.partition]
    }
    whom.removeAll { $0 == identity.partition || !isBelow($0, identity.partition) }
    guard !whom.isEmpty else { return }
    let word = HandoverDecision(id: facts.id, state: state.rawValue, reason: reason)
    try tell(DispatchKind.decision, word.encoded, whom, facts.id, clock)
  }

  private func tell(
    _ kind: UInt16, _ body: Bytes, _ whom: [PartitionID], _ about: RecordID, _ clock: UInt64
  ) throws(EngineError) {
    let places = whom.map { Audience.Place(org: RecordID(mint: $0.value, counter: 0), partition: $0) }
    do {
      handovers.told[about, default: []].append(try issue(kind, to: .list(places), body: body, clock: clock))
    } catch {
      if case .engine(let failure) = error { throw failure }
    }
  }

  /// When it is decided for good, what was said on the way is withdrawn: an offer's rows at once, so that they do not
  /// stay on nodes that they only passed through, a word when everybody it is for has it.
  private func withdrawWords(_ id: RecordID, _ clock: UInt64) {
    guard let words = handovers.told[id],
      handovers.known[id].map({ $0.arbiter?.state.isFinal ?? false }) ?? true
    else { return }
    var waiting: [DispatchID] = []
    for word in words where dispatches.recalls[word] == nil {
      guard let held = dispatches.held[word] else { continue }
      if held.head.kind == DispatchKind.decision, case .list(let places) = held.head.audience,
        dispatches.counts(word).delivered < places.count
      {
        waiting.append(word)
        continue
      }
      _ = try? issue(DispatchKind.recall, to: held.head.audience, body: word.encoded, clock: clock)
    }
    handovers.told[id] = waiting.isEmpty ? nil : waiting
  }

  // MARK: Target

  /// The rows that come, checked against what the source froze; nil when they are not that.
  private func offered(_ facts: HandoverRecord.Facts) throws(EngineError) -> [HandoverOffer.StoredRow]? {
    if let offer = handovers.offers[facts.id]?.dispatch {
      guard dispatches.held[offer].map({ !$0.isRecalled }) ?? false,
        let body = try? HandoverOffer(try dispatch(offer).body)
      else { return nil }
      return isWhole(body.rows, facts) ? body.rows : nil
    }
    guard let source = handovers.known[facts.id]?.source else { return nil }
    return try rows(of: facts, source.rows)
  }

  private func isWhole(_ rows: [HandoverOffer.StoredRow], _ facts: HandoverRecord.Facts) -> Bool {
    guard HandoverOffer.hash(rows, with: codec.hashing) == facts.hash else { return false }
    return rows.allSatisfy { row in
      row.key.withUnsafeBytes { key in
        guard let (partition, recordKey) = Keys.parseRow(key) else { return false }
        return partition == facts.source && recordKey.record == facts.record.record
          && row.row.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: codec.hashing) }
      }
    }
  }

  /// Accepts what fits, and says why not otherwise.
  private func answer(_ facts: HandoverRecord.Facts, _ clock: UInt64) throws(EngineError) {
    let reason: Text
    if let rows = try offered(facts) {
      reason = try reasonAgainst(rows, facts)
    } else {
      reason = "the rows are not what the source froze"
    }
    guard reason.isEmpty else {
      return try write(HandoverRecord(facts, .target, .refused, reason: reason), clock)
    }
    try reserve(facts)
    try write(HandoverRecord(facts, .target, .accepted), clock)
  }

  private func reasonAgainst(
    _ rows: [HandoverOffer.StoredRow], _ facts: HandoverRecord.Facts
  ) throws(EngineError) -> Text {
    guard orgEntries[facts.target.org]?.partition == identity.partition else { return "no such org here" }
    guard let entity = catalog.entity(facts.record.entity), entity.ownerItem != nil else {
      return "no such kind of record in this release"
    }
    for row in rows {
      guard let (_, key) = row.key.withUnsafeBytes({ Keys.parseRow($0) }), let view = try? RowView(row.row) else {
        return "a row that cannot be read"
      }
      if try currentRow(Keys.row(identity.partition, key), Scratch()) != nil { return "the record is here already" }
      guard let kind = catalog.entity(key.entity) else { continue }
      let parent = kind.parent == nil ? nil : key.record
      if let natural = naturalKey(kind, parent: parent, view.value), let holder = try record(holding: natural) {
        return Text("record \(holder.entity.value)-\(holder.record.counter) here has the same key")
      }
    }
    return ""
  }

  /// Until the rows come nobody else gets the record's natural key here.
  func reserve(_ facts: HandoverRecord.Facts) throws(EngineError) {
    guard let rows = try offered(facts), let entity = catalog.entity(facts.record.entity) else { return }
    for row in rows {
      guard let (_, key) = row.key.withUnsafeBytes({ Keys.parseRow($0) }), key == facts.record,
        let view = try? RowView(row.row), let natural = naturalKey(entity, parent: nil, view.value)
      else { continue }
      handovers.reserved[HashedKey(natural)] = key
    }
  }

  /// Takes the rows as our own, under the org they were sent to.
  private func insert(_ facts: HandoverRecord.Facts, _ clock: UInt64) throws(EngineError) {
    guard let rows = try offered(facts), let owner = catalog.entity(facts.record.entity)?.ownerItem,
      let record = handovers.known[facts.id]?.target
    else {
      // Decided, and the rows are gone from here: the parent sends them again when this node says what it has.
      return
    }
    var operations: [Operation] = []
    for row in rows {
      guard let (_, key) = row.key.withUnsafeBytes({ Keys.parseRow($0) }), let view = try? RowView(row.row) else {
        throw .corrupt("an offer that was checked")
      }
      var fields = view.fields
      if key == facts.record {
        let section = Engine.section(catalog.entity(key.entity)?.item(owner)?.fieldClass ?? .b)
        fields.removeAll { $0.item == owner }
        fields.append(Field(section, owner, .reference(facts.target.org)))
        fields.sort { ($0.section, $0.item) < ($1.section, $1.item) }
      }
      operations.append(Operation(key, .insert(fields)))
    }
    try write(record.becoming(.inserted), operations, clock)
    handovers.reserved = handovers.reserved.filter { $0.value != facts.record }
  }

  // MARK: Source

  /// The target has it: lets go of every row in the commit that says so.
  private func release(_ handover: Handover, _ clock: UInt64) throws(EngineError) {
    guard let source = handover.source,
      let keys = HandoverRows.keys(source.rows, of: source.facts.record.record)
    else { return }
    var operations: [Operation] = []
    for key in keys where try currentRow(Keys.row(identity.partition, key), Scratch()) != nil {
      operations.append(Operation(key, .delete))
    }
    try write(source.becoming(.released), operations, clock)
  }

  /// The rows of a hand-over as they lie here; nil when one is missing or they are not what the source froze.
  private func rows(
    of facts: HandoverRecord.Facts, _ text: Text
  ) throws(EngineError) -> [HandoverOffer.StoredRow]? {
    guard let keys = HandoverRows.keys(text, of: facts.record.record) else { return nil }
    var rows: [HandoverOffer.StoredRow] = []
    for key in keys {
      let rowKey = Keys.row(facts.source, key)
      guard let row = try currentRow(rowKey, Scratch()) else { return nil }
      rows.append(.init(key: rowKey, row: row))
    }
    return HandoverOffer.hash(rows, with: codec.hashing) == facts.hash ? rows : nil
  }
}
