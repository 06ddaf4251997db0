import AdminProtocol
import ArgumentParser
import Console
import Messages

/// Which records are meant.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(phrase("条件表达式。", "A condition."), valueName: "condition"))
  var condition: String?
  @Option(help: ArgumentHelp(phrase("只查这个组织及其下级。", "The subtree of this org only."), valueName: "code"))
  var under: String?
  @Option(
    name: .customLong("with"),
    help: ArgumentHelp(
      phrase("须有满足条件的相关记录，可多次。", "Some related record must fulfil this; repeatable."), valueName: "relation: condition")
  )
  var with: [String] = []
  @Option(
    name: .customLong("without"),
    help: ArgumentHelp(
      phrase("不得有满足条件的相关记录，可多次。", "No related record may fulfil this; repeatable."), valueName: "relation: condition"))
  var without: [String] = []
  @Option(
    help: ArgumentHelp(
      phrase("先等到令牌所指的数据在此处。", "Waits until what this token names is here."), valueName: "token"))
  var atLeast: String?
  @Option(
    help: ArgumentHelp(
      phrase("数据早于此则拒绝回答，如 5m。", "Refuses to answer from older data: 30s, 5m, 2h."), valueName: "age"))
  var maxAge: Age?

  @Flag(
    name: .customLong("rows"),
    help: ArgumentHelp(
      phrase("逐行读取存储的记录，不用内存中的列；用于核对。", "Read every stored row instead of columns in memory, to check them.")))
  var readsRows = false
  @Flag(help: ArgumentHelp(phrase("说明答案从哪里读出。", "Say where the answer was read.")))
  var explain = false

  func request(_ entity: String) -> QueryRequest {
    var request = QueryRequest(entity: entity)
    request.condition = condition
    request.under = under
    request.with = with.isEmpty ? nil : with
    request.without = without.isEmpty ? nil : without
    request.atLeast = atLeast
    request.maxAge = maxAge?.seconds
    request.rows = readsRows ? true : nil
    return request
  }
}

/// Whether masked items are shown as they are.
struct UnmaskOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      phrase("显示被遮蔽的信息项；须有 --reason，记入审计。", "Shows masked items; takes --reason and is audited.")))
  var unmask = false
  @Option(help: ArgumentHelp(phrase("解除遮蔽的理由。", "Why they are shown."), valueName: "text"))
  var reason: String?

  func validate() throws {
    if unmask && (reason ?? "").isEmpty {
      throw ValidationError(phrase("--unmask 需要 --reason", "--unmask takes --reason"))
    }
    if !unmask && reason != nil {
      throw ValidationError(phrase("--reason 须与 --unmask 同用", "--reason goes with --unmask"))
    }
  }
}

/// A length of time as people write it: 30s, 5m, 2h, 1d.
struct Age: ExpressibleByArgument {
  let seconds: Int

  init?(argument: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let last = argument.last, let unit = units[last], let count = Int(argument.dropLast()),
      (0...1_000_000).contains(count)
    else { return nil }
    seconds = count * unit
  }
}

struct QueryCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "query", abstract: phrase("查询记录。", "Finds records."),
      discussion: examples([
        "xylemctl query member --where \"sex = '2' and birth_date < 1990-01-01\" --select name,birth_date",
        "xylemctl query member --under 033001 --count",
        "xylemctl query member --order -join_date,name --limit 10 -o json",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("实体，例如 member。", "The entity, member for instance."))) var entity: String
  @OptionGroup var selection: SelectionOptions
  @Option(
    help: ArgumentHelp(
      phrase("要显示的信息项，用逗号分隔。", "Items, paths or expressions to show, comma-separated."), valueName: "a,b"))
  var select: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(phrase("排序，前加 - 为降序。", "Sort by these; - in front for descending."), valueName: "a,-b"))
  var order: String?
  @Option(help: ArgumentHelp(phrase("最多多少行。", "At most so many rows."), valueName: "rows")) var limit = 100
  @Flag(help: ArgumentHelp(phrase("只问有多少。", "Only how many."))) var count = false
  @OptionGroup var unmasking: UnmaskOptions
  @OptionGroup var options: CommonOptions

  func validate() throws {
    if !(1...100_000).contains(limit) {
      throw ValidationError(phrase("--limit 应为 1 到 100000", "--limit takes 1 to 100000"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var request = selection.request(entity)
    request.select = select.map(commaSeparated)
    request.order = order.map(commaSeparated)
    request.limit = limit
    request.count = count ? true : nil
    let answer = try await session.client(unmasking: unmasking).query(request)
    try session.show(table(answer, session.language, schema: "xylemctl/query/v1"))
    if !count && answer.rows.count == limit {
      session.output.say(
        session.text("已到 --limit \(limit)，可能还有更多", "stopped at --limit \(limit); there may be more"))
    }
    sayTime(answer, session)
    if selection.explain { saySource(answer, session) }
    return .done
  }
}

struct StatCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "stat",
      abstract: phrase("分组计数和汇总。", "Counts records by the values of some items, with sums and means."),
      discussion: examples([
        "xylemctl stat member --by sex,edu.highest", "xylemctl stat member --by nation --under 033001 -o csv",
        "xylemctl stat member --by \"decade(birth_date),sex\" --mean \"year(join_date)\" --min birth_date",
        "xylemctl stat dues --by period --sum paid_amount --distinct base_kind --explain",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("实体，例如 member。", "The entity, member for instance."))) var entity: String
  @Option(
    help: ArgumentHelp(
      phrase("分组的信息项，用逗号分隔；省略则只给总数。", "Items, paths or expressions to count by, comma-separated; left out, the total."),
      valueName: "a,b"))
  var by: String?
  @Option(help: ArgumentHelp(phrase("各组的合计。", "The sum of these in each group."), valueName: "a,b")) var sum: String?
  @Option(help: ArgumentHelp(phrase("各组的平均值。", "The mean of these in each group."), valueName: "a,b"))
  var mean: String?
  @Option(help: ArgumentHelp(phrase("各组的最小值。", "The least of these in each group."), valueName: "a,b"))
  var min: String?
  @Option(help: ArgumentHelp(phrase("各组的最大值。", "The greatest of these in each group."), valueName: "a,b"))
  var max: String?
  @Option(
    help: ArgumentHelp(phrase("各组不同值的个数。", "How many different values these have in each group."), valueName: "a,b"))
  var distinct: String?
  @OptionGroup var selection: SelectionOptions
  @OptionGroup var unmasking: UnmaskOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var request = selection.request(entity)
    request.by = by.map(commaSeparated)
    request.sum = sum.map(commaSeparated)
    request.mean = mean.map(commaSeparated)
    request.min = min.map(commaSeparated)
    request.max = max.map(commaSeparated)
    request.distinct = distinct.map(commaSeparated)
    if by == nil { request.count = true }
    let answer = try await session.client(unmasking: unmasking).query(request)
    try session.show(table(answer, session.language, schema: "xylemctl/stat/v1"))
    sayTime(answer, session)
    if selection.explain { saySource(answer, session) }
    return .done
  }
}

struct GetCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "get", abstract: phrase("按编号查看一条记录。", "Shows one record by its natural key."),
      discussion: examples([
        "xylemctl get org 033001", "xylemctl get member 330203198001021234 -o json",
        "xylemctl get member 330203198001021234 --alone",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("实体。", "The entity."))) var entity: String
  @Argument(help: ArgumentHelp(phrase("编号，例如组织代码或公民身份号码。", "Its key: an org's code, a citizen id."))) var key: String
  @Flag(help: ArgumentHelp(phrase("不含学历、党费等子记录。", "Without its child records.")))
  var alone = false
  @OptionGroup var unmasking: UnmaskOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var answer = try await session.client(unmasking: unmasking).record(entity, key)
    if alone, let record = answer.columns.firstIndex(where: { $0.name == "record" }) {
      answer.rows.removeAll { $0[record] != entity }
    }
    try session.show(table(answer, session.language, schema: "xylemctl/record/v1"))
    return .done
  }
}

/// An answer as the renderer takes it: codes stay codes for programs, people see what they mean.
func table(_ answer: TableResponse, _ language: Language, schema: String) -> Table {
  var table = Table(
    answer.columns.map { Column($0.name, title: Phrase($0.labelZH, $0.labelEN)[language]) }, schema: schema)
  let meanings = answer.columns.map { column in
    Dictionary((column.codes ?? []).map { ($0.code, Phrase($0.labelZH, $0.labelEN)[language]) }) { first, _ in first }
  }
  for row in answer.rows where row.count == answer.columns.count {
    table.append(
      row.indices.map { position in
        guard let text = row[position] else { return .null }
        if answer.columns[position].isNumber { return .decimal(text) }
        return .text(text, shown: meanings[position][text])
      })
  }
  return table
}

func commaSeparated(_ text: String) -> [String] {
  // Commas inside parentheses belong to an expression, in quotes to a text.
  var parts = [""]
  var depth = 0
  var isQuoted = false
  for character in text {
    switch character {
    case "'": isQuoted.toggle()
    case "(" where !isQuoted: depth += 1
    case ")" where !isQuoted: depth -= 1
    case "," where !isQuoted && depth == 0:
      parts.append("")
      continue
    default: break
    }
    parts[parts.count - 1].append(character)
  }
  return parts.map { part in String(part.drop { $0 == " " }) }.filter { !$0.isEmpty }
}

private func sayTime(_ answer: TableResponse, _ session: Session) {
  guard session.format == .table else { return }
  let time = Human.duration(.microseconds(answer.microseconds), session.language)
  session.output.say(
    session.text("\(Human.exact(answer.rows.count)) 行，用时 \(time)", "\(Human.exact(answer.rows.count)) rows in \(time)"))
  guard let fresh = answer.freshness, fresh.nodes > 1 || fresh.quarantined > 0 else { return }
  let text = freshnessText(fresh, session)
  if fresh.stale.isEmpty && fresh.quarantined == 0 { session.output.say(text) } else { session.output.warn(text) }
}

private func saySource(_ answer: TableResponse, _ session: Session) {
  guard let source = answer.explain else { return }
  if source.source == "columns" {
    let records = Human.exact(source.records ?? 0)
    session.output.say(
      session.text("由内存中的列回答，看了 \(records) 条记录", "answered from columns in memory; \(records) records looked at"))
  } else if let missing = source.missing {
    session.output.say(
      session.text(
        "逐行读取存储的记录：\(missing) 不在列中", "answered from stored rows: \(missing) is not among the columns"))
  } else {
    session.output.say(session.text("逐行读取存储的记录", "answered from stored rows"))
  }
}
