/// Messages about the catalog: schema, code tables, rules (`XYL-CAT-…`).
extension Message {
  static let catalogSyntax = Message(
    .usage, http: 422,
    title: Phrase("目录文件有误", "Catalog file malformed"),
    what: Phrase("目录文件有误：{reason}", "The catalog file is malformed: {reason}"),
    place: .fileLine,
    remedy: Phrase("改正该行", "Correct the line"))

  static let catalogDuplicate = Message(
    .usage, http: 422,
    title: Phrase("目录中重复", "Duplicate in the catalog"),
    what: Phrase("“{name}”定义了不止一次", "“{name}” is defined more than once"),
    place: .fileLine,
    remedy: Phrase("改名或删除其一", "Rename or remove one"))

  static let catalogUnknownEntity = Message(
    .usage, http: 422,
    title: Phrase("未知的实体", "Unknown entity"),
    what: Phrase("没有名为“{entity}”的实体", "There is no entity “{entity}”"),
    place: .fileLine,
    why: .didYouMean,
    remedy: Phrase("改正名称", "Correct the name"))

  static let catalogUnknownItem = Message(
    .usage, http: 422,
    title: Phrase("未知的信息项", "Unknown item"),
    what: Phrase("{entity}没有名为“{item}”的信息项", "{entity} has no item “{item}”"),
    place: .fileLine,
    why: .didYouMean,
    remedy: Phrase("改正名称", "Correct the name"))

  static let catalogUnknownTable = Message(
    .usage, http: 422,
    title: Phrase("未知的代码表", "Unknown code table"),
    what: Phrase("没有名为“{table}”的代码表", "There is no code table “{table}”"),
    place: .fileLine,
    why: .didYouMean,
    remedy: Phrase("改正名称，或加上该代码表", "Correct the name, or add the table"))

  static let catalogRule = Message(
    .usage, http: 422,
    title: Phrase("规则有误", "Rule malformed"),
    what: Phrase("规则 {rule} 有误：{reason}", "Rule {rule} is malformed: {reason}"),
    place: .fileLine,
    why: Phrase("第 {position} 个字符", "character {position}"),
    remedy: Phrase("改正规则", "Correct the rule"))

  static let catalogNumberReused = Message(
    .conflict, http: 409,
    title: Phrase("编号重复使用", "Number used twice"),
    what: Phrase(
      "编号 {number} 原属“{old}”，不能再给“{name}”",
      "Number {number} belonged to “{old}” and cannot be given to “{name}”"),
    place: .fileLine,
    remedy: Phrase("换一个从未用过的编号", "Take a number that was never used"))

  static let catalogVersionUnknown = Message(
    .temporary, http: 409,
    title: Phrase("目录版本未知", "Unknown catalog version"),
    what: Phrase(
      "数据使用目录版本 {version}，本节点还没有",
      "The data use catalog version {version}, which this node does not have yet"),
    remedy: Phrase("同步后再试", "Synchronise, then try again"))

  static let catalogIncompatible = Message(
    .conflict, http: 409,
    title: Phrase("目录不兼容", "Catalog not compatible"),
    what: Phrase("新目录与现有数据不兼容：{reason}", "The new catalog does not fit the data: {reason}"),
    remedy: Phrase("只作扩充；删改须等全树升级", "Only add; take away after the whole tree was upgraded"))
}
