import CSQLite
import Primitives

/// One condition of a statement that a table can apply itself.
///
/// Whatever a table leaves out is wrong, whatever it gives too much SQLite drops: every condition is checked again, so
/// a test need only be exact where it says no.
struct TableTest {
  enum Operator: String {
    case equal = "="
    case unequal = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isNull = "is null"
    case isNotNull = "is not null"
    case isSame = "is"
    case like
    case glob
    /// `under(org, CODE)`
    case under

    /// By SQLite's number, nil for what no table of ours applies.
    init?(number: UInt8) {
      switch Int32(number) {
      case SQLITE_INDEX_CONSTRAINT_EQ: self = .equal
      case SQLITE_INDEX_CONSTRAINT_NE: self = .unequal
      case SQLITE_INDEX_CONSTRAINT_LT: self = .less
      case SQLITE_INDEX_CONSTRAINT_LE: self = .lessOrEqual
      case SQLITE_INDEX_CONSTRAINT_GT: self = .greater
      case SQLITE_INDEX_CONSTRAINT_GE: self = .greaterOrEqual
      case SQLITE_INDEX_CONSTRAINT_ISNULL: self = .isNull
      case SQLITE_INDEX_CONSTRAINT_ISNOTNULL: self = .isNotNull
      case SQLITE_INDEX_CONSTRAINT_IS: self = .isSame
      case SQLITE_INDEX_CONSTRAINT_LIKE: self = .like
      case SQLITE_INDEX_CONSTRAINT_GLOB: self = .glob
      case underOperator: self = .under
      default: return nil
      }
    }

    /// Which share of the rows is expected to pass.
    var share: Double {
      switch self {
      case .equal, .isSame, .isNull: 0.05
      case .under, .like, .glob: 0.1
      case .less, .lessOrEqual, .greater, .greaterOrEqual: 0.3
      case .unequal, .isNotNull: 0.9
      }
    }
  }

  let column: Int
  let op: Operator
  /// Which argument of xFilter holds the other side.
  let argument: Int
  /// Whether that side is a list: `in`.
  let isList: Bool
}

/// The number under which `under` is a constraint.
let underOperator = Int32(SQLITE_INDEX_CONSTRAINT_FUNCTION)

/// How a table is going to be read: what xBestIndex decided and xFilter does.
struct TablePlan {
  enum Access {
    /// One record by its id.
    case record(argument: Int)
    /// The child records of one record.
    case children(argument: Int)
    /// Records under the leading values of an index; 0 is the natural key.
    case index(number: UInt8, columns: [Int], arguments: [Int], isList: Bool)
    case scan
  }

  struct Order: Equatable {
    let column: Int
    let isDescending: Bool
  }

  enum Grouping {
    /// Rows come as SQLite asked: in this order.
    case sorted
    /// Rows that are equal in the order's columns come together.
    case grouped
    /// As grouped, and one row of each group is enough.
    case distinct
    /// As sorted, and one row of each group is enough.
    case sortedDistinct
  }

  let entity: EntityID
  var access = Access.scan
  var tests: [TableTest] = []
  /// Empty when SQLite sorts, if anybody does.
  var order: [Order] = []
  var grouping = Grouping.sorted
  /// Whether columns in memory can serve it: everything it reads is coded, or tests on coded columns leave few rows.
  var wantsColumns = false
  /// Whether something it reads is no column, so that each row that passes is read too.
  var readsRows = false
  /// Whether it asks where records stand in the tree.
  var needsPlaces = false
  /// What EXPLAIN shows.
  var text = ""
}
