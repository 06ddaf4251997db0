import Access
import CSQLite
import Catalog
import Messages
import Primitives
import Xylem

/// Functions of the org tree and the catalog.
enum OrgFunctions {
  /// The places under an org.
  ///
  /// - Throws: `XYL-QRY-0006` for an org that does not exist, and, with the same words, for one that the scope neither
  ///   shows nor lies under.
  static func interval(under code: String, _ moment: TableMoment) throws(Failure) -> Range<Int32> {
    let extent = moment.scope.extent(in: moment.directory)
    guard let org = OrgExtent.org(code: Text(code), in: moment.directory, knownTo: extent) else {
      throw Failure(.queryUnknownOrg, ["org": code])
    }
    return org.start..<org.end
  }

  static func isUnder(_ org: String, _ top: String, _ moment: TableMoment) throws(Failure) -> Bool? {
    let interval = try interval(under: top, moment)
    guard let org = visible(org, moment) else { return nil }
    return interval.contains(org.start)
  }

  /// The org's own code or that of an org above it, at a level: 0 is the top of the tree.
  static func ancestor(_ org: String, level: Int64, _ moment: TableMoment) -> String? {
    guard var current = visible(org, moment), level >= 0, level <= current.depth else { return nil }
    while current.depth > level, let parent = current.parent, let above = moment.directory.org(parent) {
      current = above
    }
    guard current.depth == level else { return nil }
    return visible(current.code.string, moment)?.code.string
  }

  static func visible(_ code: String, _ moment: TableMoment) -> OrgDirectory.Org? {
    let extent = moment.scope.extent(in: moment.directory)
    guard let org = OrgExtent.org(code: Text(code), in: moment.directory, knownTo: extent) else { return nil }
    return extent?.contains(org.start) ?? true ? org : nil
  }
}

typealias SQLFunction =
  @convention(c) (
    OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?
  ) -> Void

/// The connection whose statement calls a function.
private func connection(_ context: OpaquePointer?) -> SQLConnection {
  guard let pointer = sqlite3_user_data(context) else { requirementFailed("functions are registered with their owner") }
  // SAFETY: the connection registers itself and closes its database before it goes.
  return Unmanaged<SQLConnection>.fromOpaque(pointer).takeUnretainedValue()
}

private func answer(
  _ context: OpaquePointer?, _ body: (StatementRun) throws -> SQLValue
) {
  let connection = connection(context)
  do { setResult(context, try body(connection.run)) } catch {
    connection.note(error)
    sqlite3_result_error(context, "refused", -1)
  }
}

private func text(_ value: OpaquePointer?) -> String? {
  switch SQLValue(value) {
  case .text(let text): text
  case .integer(let number): "\(number)"
  default: nil
  }
}

/// `under(org, code)`: whether an org lies in the subtree of another, itself included.
let underFunction: SQLFunction = { context, _, values in
  answer(context) { run in
    guard let values, let org = text(values[0]), let top = text(values[1]) else { return .null }
    return try OrgFunctions.isUnder(org, top, run.requireMoment()).map { .integer($0 ? 1 : 0) } ?? .null
  }
}

private let ancestorFunction: SQLFunction = { context, _, values in
  answer(context) { run in
    guard let values, let org = text(values[0]), case .integer(let level) = SQLValue(values[1]) else { return .null }
    return try OrgFunctions.ancestor(org, level: level, run.requireMoment()).map { .text($0) } ?? .null
  }
}

private let orgNameFunction: SQLFunction = { context, _, values in
  answer(context) { run in
    guard let values, let org = text(values[0]) else { return .null }
    return try OrgFunctions.visible(org, run.requireMoment()).map { .text($0.name.string) } ?? .null
  }
}

private let labelFunction: SQLFunction = { context, count, values in
  answer(context) { run in
    guard let values, let name = text(values[0]) else { return .null }
    guard let table = run.catalog.codeTable(name) ?? run.catalog.codeTable(name.uppercased()) else {
      throw Failure(.sqlUnknownTable, ["table": name])
    }
    guard let code = text(values[1]), let label = table.label(of: Text(code)) else { return .null }
    return .text(count > 2 && text(values[2]) == "en" ? label.en : label.zh)
  }
}

private let todayFunction: SQLFunction = { context, _, _ in
  answer(context) { run in .text(run.today.description) }
}

private let ageFunction: SQLFunction = { context, _, values in
  answer(context) { run in
    guard let values, let text = text(values[0]), let birth = CivilDate(iso: text) else { return .null }
    return .integer(Int64(birth.fullYears(to: run.today)))
  }
}

/// Every function of ours, with how many arguments it takes.
let sqlFunctions: [(name: String, arguments: Int32, isConstant: Bool, function: SQLFunction)] = [
  ("under", 2, false, underFunction), ("ancestor", 2, false, ancestorFunction),
  ("org_name", 1, false, orgNameFunction), ("label", 2, true, labelFunction), ("label", 3, true, labelFunction),
  ("today", 0, false, todayFunction), ("age", 1, false, ageFunction),
]
