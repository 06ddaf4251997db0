import Primitives
import Testing

@testable import Catalog

@Suite struct ReportBookTests {
  let book = ReportBook.bundled

  @Test("report: the annual report has its 43 tables, each with rows, columns and a title in both languages")
  func forms() {
    #expect(book.forms.map(\.id) == (1...43).map { "T\($0)" })
    for form in book.forms {
      #expect(!form.rows.isEmpty && !form.columns.isEmpty, "\(form.id)")
      #expect(!form.label.zh.isEmpty && !form.label.en.isEmpty, "\(form.id)")
    }
  }

  @Test("report: tables 2 to 4 have the 736 cells of the form of 2017, and two join bands less for 2005")
  func cells() throws {
    func shape(_ id: String, _ year: Int) throws -> (rows: Int, columns: Int) {
      let plan = book.plan(try #require(book.form(id)), ReportPeriod(year: year))
      return (plan.rows.filter { $0.only.isEmpty }.count, plan.columns.count)
    }
    let today = try ["T2", "T3", "T4"].map { try shape($0, 2017) }
    #expect(today.map(\.rows) == [23, 23, 23] && today.map(\.columns) == [15, 10, 7])
    #expect(today.reduce(0) { $0 + $1.rows * $1.columns } == 736)
    #expect(try shape("T3", 2005).columns == 9)
    let old = book.plan(try #require(book.form("T3")), ReportPeriod(year: 2005))
    #expect(old.column("b8o") != nil && old.column("b9") == nil)
  }

  /// The ratchet: raise it with every table that learns to count; it never falls.
  static let computedLeast = 4_628

  @Test("report: the number of cells that are counted only rises")
  func ratchet() {
    var sum = (computed: 0, keyed: 0)
    for form in book.forms {
      let coverage = ReportCoverage(book.plan(form, ReportPeriod(year: 2005)))
      sum = (sum.computed + coverage.computed, sum.keyed + coverage.keyed)
    }
    #expect(sum.computed >= Self.computedLeast, "\(sum) of \(sum.computed + sum.keyed)")
  }

  @Test(
    "report: tables that are computed whole have no cell to key in",
    arguments: [
      "T1", "T2", "T3", "T4", "T8", "T13", "T14", "T15", "T16", "T17", "T18", "T19", "T20", "T24", "T33", "T34", "T35",
      "T38", "T43",
    ])
  func whole(id: String) throws {
    let coverage = ReportCoverage(book.plan(try #require(book.form(id)), ReportPeriod(year: 2005)))
    #expect(coverage.keyed == 0 && coverage.computed > 0, "\(id) \(coverage)")
  }

  @Test("report: every computed cell says what it counts, as a condition that the catalog reads")
  func questions() throws {
    for form in book.forms {
      let plan = book.plan(form, ReportPeriod(year: 2005))
      for row in plan.rows.indices {
        for column in plan.columns.indices {
          guard case .computed = plan.cell(row, column) else {
            #expect(plan.question(row, column) == nil)
            continue
          }
          let question = try #require(plan.question(row, column))
          let checked = try Catalog.bundled.check(
            expression: question.condition, on: question.entity, expecting: .bool)
          #expect(!checked.whole.inputs.readsToday, "\(form.id) \(plan.rows[row].id) \(plan.columns[column].id)")
        }
      }
    }
  }

  @Test("report: dates stand for the period's days and leave every other word alone")
  func placeholders() {
    let period = ReportPeriod(year: 2005)
    let text = "term_start_date >= first_date and x.final_date_2 = 1 and a <= final_date"
    #expect(period.fill(text) == "term_start_date >= 2005-01-01 and x.final_date_2 = 1 and a <= 2005-12-31")
    #expect(period.fill(text).utf8.count == text.utf8.count)
  }

  @Test(
    "report texts: what is wrong is said with line and column",
    arguments: [
      ("form X 甲 | A\n  of member\n  row a 甲 | A | sxe = '1'\n  col n 甲 | A\n", 3, 19),
      ("form X 甲 | A\n  of member\n  row a 甲 | A | age > 3\n", 3, 19),
      ("form X 甲 | A\n  of member where birth_date < today\n", 2, 19),
      ("form X 甲 | A\n  of nobody\n", 2, 6), ("form X 甲 | A\n  row a 甲 | A\n", 1, 6),
      ("form X 甲 | A\n  of member\n  row a 甲 | A\n  row a 甲 | A\n", 4, 7),
      ("form X 甲 | A\n  of member\n  row a .. 甲 | A\n", 3, 7),
      ("form X 甲 | A\n  of member\n  row a 甲 | A\n    total b\n", 4, 11),
      ("form X 甲 | A\n  of member\n  row a 甲 | A\n    total a\n", 3, 7),
      ("form X 甲 | A\n  of member\n  row a 甲 | A\n    only n\n", 4, 10),
      ("form X 甲 | A\n  of member\n  rows NONE x\n", 3, 8),
      ("stub S p\n  line a 甲 | A\nform X 甲 | A\n  of member\n  rows S\n", 5, 8),
      ("form X 甲 | A\n  of member\n  row a 甲 | A\n  col n 甲 | A\n  check C hard 甲 | A | X[a,m] = 1\n", 5, 26),
      ("form X 甲 | A\n  of member\n  row a from 2012 甲 | A\n", 3, 14),
      ("form X 甲 | A\n  of member\n  row a 甲 | A\n    sum name\n", 4, 9),
    ])
  func errors(text: String, line: Int, column: Int) {
    do {
      _ = try ReportBook.load(parts: [CatalogPart(name: "report", text: text)], catalog: .bundled)
      Issue.record("nothing was wrong with \(text)")
    } catch { #expect(error.line == line && error.column == column, "\(error)") }
  }

  @Test("report: a total is made of the cells of its side, and a check compares what cells say")
  func totalsAndChecks() throws {
    let text = """
      form A 甲 | A
        of member
        row x 甲 | X | sex = '1'
        row y 乙 | Y | sex = '2'
        row z 丙 | Z
          total x - y
        row k 丁 | K
          keyed
        row all 戊 | All
          total z + k
        col n 数 | N
        check A.1 hard 甲 | A | A[all,n] = A[x,n] - A[y,n] + A[k,n]
        check A.2 soft 甲 | A | A[*,n] <= 7
      """
    let book = try ReportBook.load(parts: [CatalogPart(name: "report", text: text)], catalog: .bundled)
    let plan = book.plan(try #require(book.form("A")), ReportPeriod(year: 2005))
    let table = ReportTable(plan, counted: [[10, 4]]) { row, column in row == "k" && column == "n" ? 3 : nil }
    #expect(table.values == [10, 4, 6, 3, 9])
    let findings = book.checks.map { $0.findings { $0 == "A" ? table : nil } }
    #expect(findings[0].map(\.holds) == [true] && findings[0][0].left == 9)
    #expect(findings[1].map(\.holds) == [false, true, true, true, false])
    #expect(findings[1].map { $0.line?.id } == ["x", "y", "z", "k", "all"])
    #expect(book.checks[0].findings { _ in nil }.isEmpty)
    let empty = ReportTable(plan, counted: [[10, 4]]) { _, _ in nil }
    #expect(empty.values == [10, 4, 6, nil, 6])
  }

  @Test("conditions that only compare know the numbers at which their truth may change")
  func bounds() throws {
    let member = try #require(Catalog.bundled.entity(named: "member"))
    func bounds(_ text: String) throws -> [Int64]? {
      try Catalog.bundled.check(expression: text, on: member, expecting: .bool).whole.bounds
    }
    let day = Int64(try #require(CivilDate(iso: "1974-12-31")).days)
    #expect(try bounds("birth_date > 2005-12-31 - 31y") == [day])
    #expect(try bounds("not (1974-12-31 < birth_date) or birth_date is null") == [day])
    #expect(try bounds("join_date in {1974-12-31..1975-01-02}") == [day, day + 2])
    #expect(try bounds("party_group_no >= 3 and party_group_no != 5") == [3, 5])
    #expect(try bounds("year(birth_date) = 1974") == nil)
    #expect(try bounds("sex = '1'") == nil)
    #expect(try bounds("birth_date > join_date") == nil)
  }
}
