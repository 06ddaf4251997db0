/// Messages about SQL (`XYL-QRY-0012` and on).
extension Message {
  static let sqlSyntax = Message(
    .usage, http: 400,
    title: Phrase("SQL 有误", "SQL refused"),
    what: Phrase("SQL 有误：{reason}", "The SQL cannot be used: {reason}"),
    place: .position,
    remedy: Phrase("改正该处；方言是 SQLite 的", "Correct it there; the dialect is SQLite's"))

  static let sqlNotAllowed = Message(
    .notAllowed, http: 403,
    title: Phrase("SQL 中不允许", "Not allowed in SQL"),
    what: Phrase("SQL 只能读取，不允许{action}", "SQL only reads here: {action} is not allowed"),
    remedy: Phrase(
      "改写为一条 select；组织树用 org_tree 表和 under()、ancestor()",
      "Write one select; for the org tree there are the table org_tree and under(), ancestor()"))

  static let sqlRows = Message(
    .limit, http: 422,
    title: Phrase("结果行数过多", "Too many rows"),
    what: Phrase("结果超过 {maximum} 行的上限", "The answer has more than the {maximum} rows allowed"),
    remedy: Phrase(
      "加 where 或 limit，按组汇总，或放宽行数上限", "Add a where or a limit, group the rows, or allow more of them"))

  static let sqlMemory = Message(
    .limit, http: 422,
    title: Phrase("内存达到上限", "Memory limit reached"),
    what: Phrase("查询所需内存超过 {maximum} MiB 的上限", "The statement needs more than the {maximum} MiB of memory allowed"),
    remedy: Phrase(
      "先用 where 缩小范围再排序或去重，少选几列，或按代码项分组",
      "Narrow it with a where before sorting or distinct, select fewer columns, or group by code items"))

  static let sqlCancelled = Message(
    .temporary, http: 503,
    title: Phrase("查询已取消", "Query cancelled"),
    what: Phrase("没有人再等待答复，查询已取消", "Nobody waited for the answer any more, so the statement was ended"),
    remedy: Phrase("需要时重新查询", "Ask again when the answer is wanted"))

  static let sqlUnknownTable = Message(
    .usage, http: 400,
    title: Phrase("未知的表", "Unknown table"),
    what: Phrase("没有名为“{table}”的表", "There is no table “{table}”"),
    place: .position,
    why: .didYouMean,
    remedy: Phrase("select * from xylem_tables 列出所有表", "List them with select * from xylem_tables"))

  static let sqlUnknownColumn = Message(
    .usage, http: 400,
    title: Phrase("未知的列", "Unknown column"),
    what: Phrase("没有名为“{column}”的列", "There is no column “{column}”"),
    place: .position,
    why: .didYouMean,
    remedy: Phrase(
      "select * from xylem_columns 列出所有列；文字要加单引号",
      "List them with select * from xylem_columns; texts take single quotes"))

  static let sqlParameters = Message(
    .usage, http: 400,
    title: Phrase("参数个数不符", "Parameters do not fit"),
    what: Phrase("语句有 {expected} 个参数，给出了 {found} 个", "The statement takes {expected} parameters, {found} are given"),
    remedy: Phrase("每个 ? 给一个值", "Give one value for each ?"))

  static let sqlOneStatement = Message(
    .usage, http: 400,
    title: Phrase("只能有一条语句", "One statement at a time"),
    what: Phrase("一次只执行一条语句", "Only one statement is run at a time"),
    place: .position,
    remedy: Phrase("去掉分号后的部分，或分几次查询", "Leave out what follows the semicolon, or ask several times"))

  static let sqlFailed = Message(
    .usage, http: 422,
    title: Phrase("SQL 执行失败", "SQL failed"),
    what: Phrase("执行时出错：{reason}", "It failed while it ran: {reason}"),
    remedy: Phrase("改写语句", "Change the statement"))
}
