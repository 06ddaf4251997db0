import Primitives

@testable import Catalog

/// A record as a list of named values.
struct Fields: FieldSource {
  var values: [ItemID: Value] = [:]
  var paths: [String: Value] = [:]
  var trees: [String: Bool] = [:]

  init(_ entity: Entity, _ named: KeyValuePairs<String, Value>) {
    for (name, value) in named {
      guard let item = entity.item(named: name) else { preconditionFailure("no item \(name)") }
      values[item.id] = value
    }
  }
  init() {}

  func value(_ item: ItemID) -> Value { values[item] ?? .null }
  func value(along path: FieldPath) -> Value { paths[path.source] ?? .null }
  func isUnder(_ item: ItemID?, orgCode: Text) -> Bool? { trees["\(item?.value ?? 0) \(orgCode)"] }
}

extension Value {
  static func day(_ iso: String) -> Value { CivilDate(iso: iso).map(Value.date) ?? .null }
  static func string(_ text: String) -> Value { .text(Text(text)) }
  static func org(_ counter: UInt64) -> Value { .reference(RecordID(mint: 1 << 16 | 1, counter: counter)) }
}

let today = CivilDate(days: 13_027)  // 2005-09-01

/// A small catalog whose items are one of each type.
let sample = """
  codes COLOUR
    1 红 | Red
    2 蓝 | Blue
    21 深蓝 | Dark blue
    9 蓝 | Blue again
  codes PLACE open
    330000 浙江省 | Zhejiang
  entity org 1 组织 | Organisation
    key code
    item code text required A 代码 | Code
    item boss ref:person optional B 负责人 | Boss
    item parent_org ref:org optional A 上级 | Superior
  entity person 3 人员 | Person
    owner home
    key card
    index 1 born birth card
    relation study child course where best
    alias born birth
    item card text required C 证件 | Card
    item home ref:org required B 组织 | Organisation
    item birth date optional B 出生 | Birth
    item seen minute optional B 时间 | Seen
    item a int optional B 甲 | A
    item b int optional B 乙 | B
    item c int optional B 丙 | C
    item money decimal:2 optional C 钱 | Money
    item rate decimal:3 optional B 率 | Rate
    item p bool optional B 真 | P
    item q bool optional B 假 | Q
    item r bool optional B 疑 | R
    item colour code:COLOUR optional B 色 | Colour
    item place code:PLACE optional B 地 | Place
    item friends refs:person optional B 友 | Friends
    item friend ref:person optional B 挚友 | Friend
    item age int optional B 岁 | Age
      derived age(birth, today)
    item decade int optional B 代 | Decade
      derived age * 10
    item heads int optional B 数 | Heads
      computed persons in the same house
  entity course 10 课程 | Course
    parent person
    key number
    item number int required B 序号 | Number
    item best bool optional B 最佳 | Best
    item level text optional B 等级 | Level
  """
