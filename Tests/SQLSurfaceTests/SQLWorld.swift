import Access
import Catalog
import Foundation
import Messages
import Primitives
import SQLSurface
import Xylem

/// A node with a small catalog of its own, SQL over it, and a directory that is gone afterwards.
struct SQLWorld {
  let node: Node
  let sql: SQLService
  private let directory: String

  static let catalog = """
    codes COLOUR
      1 红 | red
      2 绿 | green
      3 蓝 | blue
      4 绿 | another green
    codes CATEGORY open
      1 组织 | Organisation
    entity org 1 组织 | Organisation
      key org_code
      item org_code text required A 代码 | Code
      item org_name text required A 名称 | Name
      item org_category code:CATEGORY optional A 类别 | Category
      item parent_org_code ref:org optional A 上级 | Superior
    entity thing 2 物品 | Thing
      owner owning_org
      key serial
      index 1 names name made
      item serial int required A 序号 | Serial
      item name text optional A 名称 | Name
      item colour code:COLOUR optional A 颜色 | Colour
      item second code:COLOUR optional A 次色 | Second colour
      item made date optional A 日期 | Made on
      item seen minute optional A 见到 | Seen at
      item weight decimal:2 optional A 重量 | Weight
      item good bool optional A 好 | Good
      item amount int optional A 数量 | Amount
      item twice int optional A 双倍 | Twice
        derived amount + amount
      item friend ref:thing optional A 朋友 | Friend
      system owning_org ref:org optional A 所属 | Owner
    entity part 3 部件 | Part
      parent thing
      item label text optional A 标签 | Label
      item size int optional A 大小 | Size
      item secret text optional C 密语 | Secret
    """

  init() async throws {
    let catalog = try Catalog.load(text: SQLWorld.catalog)
    directory = NSTemporaryDirectory() + "xylem-sql-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    _ = try Node.create(
      at: directory + "/node", network: "test", code: "033", name: "市委", parentCode: "", catalog: catalog)
    var options = Node.Options()
    options.catalog = catalog
    options.today = CivilDate(iso: "2005-09-30")
    node = try await Node.open(at: directory + "/node", options: options)
    sql = SQLService(node)
  }

  /// A node for as long as `body` runs.
  static func with(_ body: (SQLWorld) async throws -> Void) async throws {
    let world = try await SQLWorld()
    do { try await body(world) } catch {
      try await world.end()
      throw error
    }
    try await world.end()
  }

  private func end() async throws {
    await node.close()
    try FileManager.default.removeItem(atPath: directory)
  }

  var everything: Scope { Authoriser.embedder("test") }

  func rows(
    _ text: String, _ parameters: [SQLValue] = [], scope: Scope? = nil, limits: SQLLimits = SQLLimits()
  ) async throws -> [[SQLValue]] {
    try await sql.query(SQLStatement(text, parameters), scope: scope ?? everything, limits: limits).all()
  }

  func plan(_ text: String) async throws -> [String] {
    try await sql.query(SQLStatement(text), scope: everything).head.plan
  }

  /// The code a statement is refused with; nil when it is not.
  func refusal(_ text: String, _ parameters: [SQLValue] = [], limits: SQLLimits = SQLLimits()) async -> Failure? {
    do {
      _ = try await rows(text, parameters, limits: limits)
      return nil
    } catch { return error as? Failure }
  }

  /// Orgs 033001 and 033002 under the root and 033001001 under the first; their ids.
  func orgs() async throws -> [String: RecordID] {
    let root = node.identity.rootOrg
    let first = try await org("033001", "海曙", root)
    let second = try await org("033002", "江东", root)
    let below = try await org("033001001", "海曙一支部", first)
    return ["033": root, "033001": first, "033002": second, "033001001": below]
  }

  private func org(_ code: String, _ name: String, _ parent: RecordID) async throws -> RecordID {
    try await node.commit(as: "test") {
      try $0.insert(
        "org", ["org_code": .text(Text(code)), "org_name": .text(Text(name)), "parent_org_code": .reference(parent)])
    }.value.record
  }
}
