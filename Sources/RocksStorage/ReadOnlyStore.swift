import Ports
import Primitives
import Rocks

/// A store opened for looking only: no byte is written, no lock taken, so it also serves beside a running node and on a
/// full device. Shows the moment of opening, log included.
public final class ReadOnlyStore: StoreReader, Sendable {
  /// Whose store it is.
  public let identity: StoreIdentity
  /// Where the database stands.
  public let head: StoreHead
  /// What was acknowledged, or nil when the sidecar is missing or damaged.
  public let acknowledged: StoreHead?
  /// What is wrong although the store could be read, for an operator; empty when nothing is.
  public let findings: [String]
  private let database: Database

  init(
    _ database: Database, _ identity: StoreIdentity, head: StoreHead, acknowledged: StoreHead?, findings: [String]
  ) {
    self.database = database
    self.identity = identity
    self.head = head
    self.acknowledged = acknowledged
    self.findings = findings
  }

  /// Closes the database; done by the last reference otherwise.
  public func close() { database.close() }

  /// See `StoreReader`.
  public func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes? {
    try database.reading { view throws(StoreError) in try view.get(space, key) }
  }

  /// See `StoreReader`.
  public func scan(
    _ space: Keyspace, from: Bytes, to: Bytes?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    try database.reading { view throws(StoreError) in try view.scan(space, from: from, to: to, body) }
  }

  /// See `StoreReader`.
  public func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)? {
    try database.reading { view throws(StoreError) in try view.last(space, from: from, to: to) }
  }
}

extension RocksStore {
  /// Opens a store for looking: what a doctor needs. Where ``open(directory:expecting:options:readHead:)`` would refuse
  /// for a lost tail or a lost sidecar, this reports it and reads on; damage it cannot read past is thrown.
  public static func openReadOnly(
    directory path: String, expecting: ExpectedIdentity = ExpectedIdentity(), options: StoreOptions = StoreOptions(),
    readHead: HeadReader
  ) throws(OpenError) -> ReadOnlyStore {
    let directory = StoreDirectory(path: path)
    let identity = try directory.identity()
    guard expecting.admits(identity) else { throw .wrongIdentity(found: identity, expected: expecting) }
    var findings: [String] = []
    var known = SidecarRecord(node: identity.node)
    var acknowledged: StoreHead?
    do throws(OpenError) {
      let finding = try Sidecar.read(directory, of: identity.node)
      (known, acknowledged) = (finding.record, finding.record.head)
      if finding.slotsDamaged > 0 { findings.append("one of two slots of \(directory.sidecarFile) does not decode") }
    } catch {
      findings.append("\(error)")
    }
    do throws(OpenError) { try DatabaseFiles.checkManifest(directory, known) } catch { findings.append("\(error)") }
    let database = try openDatabase(directory, .readOnly, options)
    do {
      do { try DatabaseFiles.check(database, directory, known) } catch { findings.append("\(error)") }
      let head = try standing(database, directory, identity, readHead)
      if let acknowledged, !head.covers(acknowledged) {
        findings.append("\(OpenError.behind(found: head, acknowledged: acknowledged))")
      }
      return ReadOnlyStore(database, identity, head: head, acknowledged: acknowledged, findings: findings)
    } catch let error as RocksError {
      throw openError(error, directory)
    } catch let error as StoreError {
      throw openError(error, directory)
    } catch let error as OpenError {
      throw error
    } catch {
      throw .unavailable("\(error)")
    }
  }
}
