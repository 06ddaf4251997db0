import Catalog
import Engine
import Foundation
import Ports
import Primitives
import Query
import Statistics

/// Keeps a node's columns: loads them when first asked for, and brings them to the moment of each question.
///
/// One question runs at a time: each takes its moment while it holds the lock, so moments only go forward and columns,
/// directory and snapshot are always of the same one. The node's thread never waits for the lock.
final class ColumnKeeper: @unchecked Sendable {
  // SAFETY: `store` and `generation` are guarded by `lock`.
  private let lock = NSLock()
  private var store: ColumnStore
  private var generation = 0
  private let catalog: Catalog
  private let feed: RowFeed

  init(catalog: Catalog, feed: RowFeed) {
    self.catalog = catalog
    self.feed = feed
    store = ColumnStore(catalog: catalog)
  }

  /// Runs `body` on columns of one moment that hold `entities`.
  ///
  /// Blocks: for reader threads only.
  ///
  /// - Parameter readsRows: whether `body` reads the snapshot too; else rows that are durable need not be in the store.
  func ask<Result>(
    _ thread: NodeThread, needing entities: [EntityID], readsRows: Bool,
    _ body: (ColumnStore, ReadMoment) throws -> Result
  ) throws -> Result {
    lock.lock()
    defer { lock.unlock() }
    if !readsRows, entities.allSatisfy(store.holds) {
      let moment = try thread.momentNow(opening: feed, isStored: false)
      defer { moment.snapshot.release() }
      try requireWhole(moment)
      follow(feed.take(upTo: moment.applied))
      // Unless the feed had lost something, and the columns with it.
      if entities.allSatisfy(store.holds) { return try body(store, moment) }
    }
    let moment = try thread.momentNow(opening: feed)
    defer { moment.snapshot.release() }
    try requireWhole(moment)
    follow(feed.take(upTo: moment.applied))
    try store.load(entities, from: moment.snapshot.reader, partitions: moment.partitions)
    return try body(store, moment)
  }

  /// A moment, with the columns of some entities as they were then: for reads that take their time, which must keep
  /// nobody from going on. Whoever asked releases the snapshot.
  ///
  /// Blocks while columns are loaded: for reader threads only.
  func hold(
    _ thread: NodeThread, _ wanted: [(entity: EntityID, withPlaces: Bool)]
  ) throws -> (moment: ReadMoment, columns: [EntityID: TableColumns]) {
    guard !wanted.isEmpty else { return (try thread.momentNow(), [:]) }
    lock.lock()
    defer { lock.unlock() }
    let moment = try thread.momentNow(opening: feed)
    do {
      follow(feed.take(upTo: moment.applied))
      guard moment.setAside.isEmpty else { return (moment, [:]) }
      var needed: [EntityID] = []
      for (id, withPlaces) in wanted {
        guard let entity = catalog.entity(id) else { continue }
        needed += withPlaces ? ColumnStore.placeEntities(of: entity, in: catalog) : [id]
      }
      try store.load(needed, from: moment.snapshot.reader, partitions: moment.partitions)
      var columns: [EntityID: TableColumns] = [:]
      for (id, withPlaces) in wanted {
        columns[id] = store.table(id, moment.directory, withPlaces: withPlaces)
      }
      return (moment, columns)
    } catch {
      moment.snapshot.release()
      throw error
    }
  }

  /// Columns do not know which records are set aside, and must count none of them.
  private func requireWhole(_ moment: ReadMoment) throws(NotInColumns) {
    guard moment.leftOut.isEmpty else { throw NotInColumns(name: "quarantine") }
  }

  /// Takes over what waits, so that the next question need not.
  func drain() {
    lock.lock()
    defer { lock.unlock() }
    follow(feed.take())
  }

  /// What the columns take now, in bytes; 0 while nobody asked.
  var byteCount: Int {
    lock.lock()
    defer { lock.unlock() }
    return generation == 0 ? 0 : store.byteCount
  }

  private func follow(_ changes: (generation: Int, batches: [WriteBatch])) {
    var isFollowed = changes.generation == generation
    for batch in changes.batches where isFollowed { isFollowed = store.apply(batch) }
    if !isFollowed { store = ColumnStore(catalog: catalog) }
    generation = changes.generation
  }
}
