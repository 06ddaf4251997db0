import Access
import CSQLite
import Catalog
import Messages
import Primitives
import Query
import Synchronization
import Xylem

/// A database without a file whose tables are the node's: parser, planner and executor are SQLite's. Used by one thread
/// at a time.
///
/// 1. Nothing can be written, attached, set or loaded: the authoriser refuses what is not reading.
/// 2. A statement reads one moment; the tables find it in ``run``.
/// 3. Failures of tables and functions come out as they were thrown, not as SQLite's text.
final class SQLConnection {
  let database: OpaquePointer
  let catalog: Catalog
  let schemas: [TableSchema]
  private var current: StatementRun?
  private(set) var failure: Failure?
  /// While a table of ours is declared.
  var isDeclaring = false
  private var makers: [TableMaker] = []
  private var statements = 0

  /// - Throws: `XYL-API-0001`: SQLite could not be set up.
  init(_ catalog: Catalog) throws(Failure) {
    self.catalog = catalog
    schemas = catalog.entities.map { TableSchema($0, catalog) }
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
    let status = sqlite3_open_v2(":memory:", &opened, flags, nil)
    guard status == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw Failure(.apiInternal, ["reference": "sqlite3_open_v2 \(status)"])
    }
    database = opened
    try setUp()
  }

  deinit { sqlite3_close_v2(database) }

  /// The statement that runs.
  var run: StatementRun {
    guard let current else { requirementFailed("tables are asked while a statement runs") }
    return current
  }

  func begin(
    _ reader: LongReader, scope: Scope, budget: Budget, moment: TableMoment?
  ) -> StatementRun {
    statements += 1
    failure = nil
    let run = StatementRun(
      number: statements, reader, scope: scope, budget: budget, schemas: schemas, moment: moment)
    current = run
    return run
  }

  func end() { current = nil }

  /// What the scope of the statement at hand allows of a column.
  enum ColumnAccess {
    case allowed, masked, refused
  }

  /// Decided while a statement is prepared, by names and scope alone: a refusal tells nothing about records.
  func access(to column: String, of table: String) -> ColumnAccess {
    guard let scope = current?.scope else { return .refused }
    guard let schema = schemas.first(where: { $0.entity.name.lowercased() == table.lowercased() }) else {
      return .allowed
    }
    guard scope.reads(entity: schema.entity.name) else { return .refused }
    let gate = ReadGate(scope, catalog)
    switch schema.columns.first(where: { $0.name.lowercased() == column.lowercased() })?.source {
    case .item(let item), .label(let item, _): return gate.mask(item) == .none ? .allowed : .masked
    case .derived(let item, let expression):
      let read = expression.referencedItems.compactMap { schema.entity.item($0) } + [item]
      return read.allSatisfy { gate.mask($0) == .none } ? .allowed : .masked
    case .id, .parent, .org, nil: return .allowed
    }
  }

  /// Keeps the first failure of a table or function, for whoever runs the statement.
  func note(_ error: any Error) { failure = failure ?? Node.failure(of: error) }
  func forgetFailure() { failure = nil }

  // MARK: Setting up

  private func setUp() throws(Failure) {
    sqlite3_extended_result_codes(database, 1)
    try must(sqlite3_exec(database, "pragma temp_store = memory", nil, nil, nil), "temp_store")
    try must(xylem_sqlite_harden(database), "sqlite3_db_config")
    for (limit, value) in SQLConnection.limits { sqlite3_limit(database, limit, value) }
    let pointer = Unmanaged.passUnretained(self).toOpaque()
    for (name, arguments, isConstant, function) in sqlFunctions {
      let flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | (isConstant ? SQLITE_DETERMINISTIC : 0)
      try must(
        sqlite3_create_function_v2(database, name, arguments, flags, pointer, function, nil, nil, nil), name)
    }
    for schema in schemas { try register(schema.entity.name) { EntityTable($0, schema) } }
    for list in Lists.all where catalog.entity(named: list.name) == nil { try register(list.name, list.make) }
    sqlite3_set_authorizer(database, authorise, pointer)
    sqlite3_progress_handler(database, 2000, SQLConnection.progress, pointer)
  }

  /// Bounds that no reasonable question meets and no hostile one passes.
  private static let limits: [(Int32, Int32)] = [
    (SQLITE_LIMIT_LENGTH, Int32(SQLLimits.valueBytesMax)), (SQLITE_LIMIT_SQL_LENGTH, Int32(SQLLimits.textBytesMax)),
    (SQLITE_LIMIT_COLUMN, 1000), (SQLITE_LIMIT_EXPR_DEPTH, 400), (SQLITE_LIMIT_COMPOUND_SELECT, 100),
    (SQLITE_LIMIT_VDBE_OP, 500_000), (SQLITE_LIMIT_FUNCTION_ARG, 100), (SQLITE_LIMIT_ATTACHED, 0),
    (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000), (SQLITE_LIMIT_VARIABLE_NUMBER, 10_000), (SQLITE_LIMIT_TRIGGER_DEPTH, 0),
    (SQLITE_LIMIT_WORKER_THREADS, 0),
  ]

  private func register(_ name: String, _ make: @escaping (SQLConnection) -> VirtualTable) throws(Failure) {
    let maker = TableMaker(self, make)
    makers.append(maker)
    let pointer = Unmanaged.passUnretained(maker).toOpaque()
    try must(sqlite3_create_module_v2(database, name, tableModule, pointer, nil), name)
  }

  private func must(_ status: Int32, _ what: String) throws(Failure) {
    guard status == SQLITE_OK else { throw Failure(.apiInternal, ["reference": "sqlite \(what) \(status)"]) }
  }

  private static let progress: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { pointer in
    guard let pointer else { return 1 }
    // SAFETY: registered by the connection, which closes its database before it goes.
    let connection = Unmanaged<SQLConnection>.fromOpaque(pointer).takeUnretainedValue()
    do {
      try connection.current?.budget.check()
      return 0
    } catch {
      connection.note(error)
      return 1
    }
  }
}

/// Connections that wait for their next statement.
final class ConnectionPool: Sendable {
  private static let keptMax = 4
  /// SAFETY: a connection is in the list or with the one thread that took it.
  private struct Kept: @unchecked Sendable {
    let connection: SQLConnection
  }
  private let kept = Mutex<[Kept]>([])

  func take(_ catalog: Catalog) throws(Failure) -> SQLConnection {
    if let known = kept.withLock({ $0.popLast() }) { return known.connection }
    return try SQLConnection(catalog)
  }

  func put(_ connection: SQLConnection) {
    let kept = Kept(connection: connection)
    self.kept.withLock { if $0.count < ConnectionPool.keptMax { $0.append(kept) } }
  }
}
