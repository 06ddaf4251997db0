import Access
import Catalog
import Messages
import Primitives
import Xylem

/// What the tables of a connection know of the statement that runs: whose it is, its moment, its plans.
final class StatementRun {
  /// Counts the statements of a connection.
  let number: Int
  let catalog: Catalog
  let today: CivilDate
  let scope: Scope
  /// Whether the scope is less than everything.
  let isScoped: Bool
  /// By entity number; an estimate.
  let rowCounts: [Int]
  let budget: Budget
  let schemas: [TableSchema]
  /// What the rows are read from; set once plans are known and before rows are.
  private(set) var moment: TableMoment?
  /// By number, as xBestIndex gave them.
  private(set) var plans: [TablePlan] = []
  /// What SQLite may have pointers into until the statement is finalised.
  var pins: [CodedColumn] = []
  private let takeMoment: () throws -> TableMoment

  init(
    number: Int, _ reader: LongReader, scope: Scope, budget: Budget, schemas: [TableSchema], moment: TableMoment? = nil
  ) {
    self.number = number
    catalog = reader.catalog
    today = reader.today
    rowCounts = reader.rowCounts
    self.scope = scope
    isScoped = !scope.isWhole
    self.budget = budget
    self.schemas = schemas
    self.moment = moment
    takeMoment = { try reader.moment(scope, columns: []) }
  }

  func add(_ plan: TablePlan) -> Int32 {
    plans.append(plan)
    return Int32(plans.count - 1)
  }

  func set(_ moment: TableMoment) { self.moment = moment }

  /// The statement's one moment.
  func requireMoment() throws -> TableMoment {
    if let moment { return moment }
    let taken = try takeMoment()
    moment = taken
    return taken
  }

  /// The columns of a table that codes in memory say; nil before there is a moment.
  func coded(_ schema: TableSchema) -> Set<Int>? {
    guard let moment else { return nil }
    guard let columns = moment.columns[schema.entity.id] else { return [] }
    var coded: Set<Int> = []
    for (place, column) in schema.columns.enumerated() where schema.mayBeCoded(place) {
      switch column.source {
      case .item(let item): if columns.column(item.id) != nil { coded.insert(place) }
      case .label(let item, _): if columns.column(item.id) != nil { coded.insert(place) }
      case .org: if columns.hasPlaces { coded.insert(place) }
      case .derived, .id, .parent: break
      }
    }
    return coded
  }
}
