/// Messages about reports (`XYL-RPT-…`).
extension Message {
  static let reportUnknownForm = Message(
    .notFound, http: 404,
    title: Phrase("报表不存在", "Unknown table"),
    what: Phrase("没有编号为“{form}”的表或校核关系", "There is no table or check “{form}”"),
    remedy: Phrase("用 xylemctl report list 列出各表", "List the tables with xylemctl report list"))

  static let reportUnknownCell = Message(
    .notFound, http: 404,
    title: Phrase("行或列不存在", "Unknown row or column"),
    what: Phrase("表 {form} 没有行或列“{line}”", "{form} has no row or column “{line}”"),
    why: Phrase("有：{known}", "It has: {known}"),
    remedy: Phrase("用 xylemctl report show {form} 查看行列", "See rows and columns with xylemctl report show {form}"))

  static let reportNotCounted = Message(
    .usage, http: 422,
    title: Phrase("没有可追溯的记录", "No records behind it"),
    what: Phrase(
      "表 {form} 的 [{row},{column}] 不是由记录直接计数的", "Cell [{row},{column}] of {form} is not counted from records itself"),
    remedy: Phrase(
      "它由其他单元格合成、由人补录，或没有给出解释；用 xylemctl report show {form} 查看",
      "It is made of other cells, keyed in, or names no records; see xylemctl report show {form}"))

  static let reportYear = Message(
    .usage, http: 400,
    title: Phrase("年度不对", "Year out of range"),
    what: Phrase("不能编制 {year} 年的报表，应为 {expected}", "There is no report for the year {year}; give {expected}"),
    remedy: Phrase("改正 --year", "Correct --year"))
}
