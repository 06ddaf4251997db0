/// Messages about queries and statistics (`XYL-QRY-…`).
extension Message {
  static let querySyntax = Message(
    .usage, http: 400,
    title: Phrase("查询语法错误", "Syntax error in the query"),
    what: Phrase("此处应为{expected}", "{expected} is expected here"),
    place: .position,
    why: Phrase("遇到的是“{found}”", "“{found}” stands there"),
    remedy: Phrase("改正该处", "Correct it there"))

  static let queryExpression = Message(
    .usage, http: 400,
    title: Phrase("表达式有误", "Expression refused"),
    what: Phrase("表达式有误：{reason}", "The expression cannot be used: {reason}"),
    place: Phrase("“{text}”的第 {position} 个字符", "character {position} of “{text}”"),
    remedy: Phrase(
      "改正该处；xylemctl catalog 实体名 列出信息项", "Correct it there; xylemctl catalog ENTITY lists the items"))

  static let queryUnknownEntity = Message(
    .usage, http: 400,
    title: Phrase("未知的实体", "Unknown entity"),
    what: Phrase("没有名为“{entity}”的实体", "There is no entity “{entity}”"),
    place: .position,
    why: .didYouMean,
    remedy: Phrase("用 xylemctl catalog 查看实体", "List the entities with xylemctl catalog"))

  static let queryUnknownItem = Message(
    .usage, http: 400,
    title: Phrase("未知的信息项", "Unknown item"),
    what: Phrase("{entity}没有名为“{item}”的信息项", "{entity} has no item “{item}”"),
    place: .position,
    why: .didYouMean,
    remedy: Phrase("用 xylemctl catalog 查看信息项", "List the items with xylemctl catalog"))

  static let queryUnknownFunction = Message(
    .usage, http: 400,
    title: Phrase("未知的函数", "Unknown function"),
    what: Phrase("没有名为“{function}”的函数", "There is no function “{function}”"),
    place: .position,
    why: .didYouMean,
    remedy: Phrase("改正函数名", "Correct the name"))

  static let queryType = Message(
    .usage, http: 400,
    title: Phrase("类型不符", "Types do not fit"),
    what: Phrase("“{operator}”不能用于{left}与{right}", "“{operator}” does not take {left} and {right}"),
    place: .position,
    remedy: Phrase("改写其中一边；代码和编号要加引号", "Rewrite one side; put codes and ids in quotes"))

  static let queryUnknownOrg = Message(
    .notFound, http: 404,
    title: Phrase("组织不存在", "Unknown org"),
    what: Phrase("查询中的组织“{org}”不存在", "There is no org “{org}”, which the query names"),
    place: .position,
    why: .didYouMean,
    remedy: Phrase("用 xylemctl tree 查看组织", "List the orgs with xylemctl tree"))

  static let queryTooDeep = Message(
    .limit, http: 400,
    title: Phrase("查询嵌套过深", "Query nested too deeply"),
    what: Phrase("查询嵌套超过 {maximum} 层", "The query nests deeper than {maximum} levels"),
    place: .position,
    remedy: Phrase("拆成几个条件，或用 in 列表", "Split it, or use an in list"))

  static let queryLimit = Message(
    .limit, http: 422,
    title: Phrase("查询达到上限", "Query reached a limit"),
    what: Phrase("查询达到上限：{limit}", "The query reached a limit: {limit}"),
    remedy: Phrase("缩小范围、增加条件，或分页读取", "Narrow it, add a condition, or read it page by page"))

  static let queryTimedOut = Message(
    .temporary, http: 504,
    title: Phrase("查询超时", "Query timed out"),
    what: Phrase("查询在 {seconds} 秒内没有完成", "The query did not finish within {seconds} s"),
    remedy: Phrase("缩小范围，或放宽时限", "Narrow it, or allow more time"))

  static let querySnapshotGone = Message(
    .notFound, http: 410,
    title: Phrase("时点已不可读", "Point in time no longer kept"),
    what: Phrase("时点“{point}”已不再保留", "The point in time “{point}” is no longer kept"),
    remedy: Phrase("改查最新数据，或另一个冻结点", "Ask for the latest, or for another freeze"))
}
