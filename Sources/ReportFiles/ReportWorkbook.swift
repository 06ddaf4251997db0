import AdminProtocol
import CXlsxWriter
import Messages

/// A report as a workbook: a sheet a table, in the form's layout, set up to print on A4 landscape.
public enum ReportWorkbook {
  /// Writes the file; what was at `path` before is gone.
  ///
  /// - Parameter progress: told after each table.
  /// - Throws: `clientOutput` when the file cannot be written; what is at `path` then is of no use.
  public static func write(
    _ report: ReportResponse, to path: String, _ language: Language, progress: (Int) -> Void = { _ in }
  ) throws(Failure) {
    guard let book = workbook_new(path) else {
      throw Failure(.clientOutput, ["file": path, "reason": "out of memory"])
    }
    let title = ReportTitle(report, language)
    let formats = Formats(book)
    for (number, table) in report.tables.enumerated() {
      let sheet = ReportSheet(table, language)
      guard let page = workbook_add_worksheet(book, sheet.name) else {
        workbook_close(book)
        throw Failure(.clientOutput, ["file": path, "reason": "\(sheet.name)"])
      }
      Writer(page: page, sheet: sheet, formats: formats).write(title)
      progress(number + 1)
    }
    // Everything is written here; the book is freed whatever happens.
    let problem = workbook_close(book)
    guard problem == LXW_NO_ERROR else {
      let reason = lxw_strerror(problem).map { String(cString: $0) } ?? "error \(problem.rawValue)"
      throw Failure(.clientOutput, ["file": path, "reason": reason])
    }
  }

  /// What cells look like; the book owns them.
  private struct Formats {
    let title, above, aboveCentre, aboveRight, heading, number, value, none, missing, note: Format?
    /// By levels of indentation.
    let labels: [Format?]
    typealias Format = UnsafeMutablePointer<lxw_format>

    init(_ book: UnsafeMutablePointer<lxw_workbook>) {
      func format(_ size: Double, _ align: lxw_format_alignments, border: Bool, _ change: (Format) -> Void = { _ in })
        -> Format?
      {
        guard let format = workbook_add_format(book) else { return nil }
        format_set_font_name(format, "SimSun")
        format_set_font_size(format, size)
        format_set_align(format, UInt8(truncatingIfNeeded: align.rawValue))
        format_set_align(format, UInt8(truncatingIfNeeded: LXW_ALIGN_VERTICAL_CENTER.rawValue))
        if border { format_set_border(format, UInt8(truncatingIfNeeded: LXW_BORDER_THIN.rawValue)) }
        change(format)
        return format
      }
      title = format(14, LXW_ALIGN_CENTER, border: false) { format_set_bold($0) }
      above = format(9, LXW_ALIGN_LEFT, border: false)
      aboveCentre = format(9, LXW_ALIGN_CENTER, border: false)
      aboveRight = format(9, LXW_ALIGN_RIGHT, border: false)
      heading = format(9, LXW_ALIGN_CENTER, border: true) { format_set_text_wrap($0) }
      labels = (0...4).map { level in
        format(9, LXW_ALIGN_LEFT, border: true) {
          format_set_indent($0, UInt8(level))
          format_set_text_wrap($0)
        }
      }
      number = format(9, LXW_ALIGN_CENTER, border: true)
      value = format(9, LXW_ALIGN_RIGHT, border: true) { format_set_num_format($0, "0") }
      none = format(9, LXW_ALIGN_CENTER, border: true) { format_set_font_color($0, 0x99_99_99) }
      missing = format(9, LXW_ALIGN_RIGHT, border: true) { format_set_bg_color($0, 0xFF_F4_CC) }
      note = format(8, LXW_ALIGN_LEFT, border: false)
    }
  }

  /// One table onto its page.
  private struct Writer {
    let page: UnsafeMutablePointer<lxw_worksheet>
    let sheet: ReportSheet
    let formats: Formats
    /// Title, line above, heading, numbers of columns.
    private var firstHeading: Int { 2 }
    private var firstRow: Int { firstHeading + sheet.headingRows + 1 }
    private var lastColumn: Int { max(sheet.columnCount + 1, 3) }

    func write(_ title: ReportTitle) {
      setUp()
      merge(0, 0, 0, lastColumn, sheet.title, formats.title)
      // Three texts side by side, the middle one as wide as is left.
      let third = max(1, (lastColumn + 1) / 3)
      merge(1, 0, 1, third - 1, title.organisation, formats.above)
      merge(1, third, 1, lastColumn - third, title.period, formats.aboveCentre)
      merge(1, lastColumn - third + 1, 1, lastColumn, "\(sheet.name) \(title.unit(sheet))", formats.aboveRight)
      let last = firstHeading + sheet.headingRows - 1
      merge(firstHeading, 0, last, 0, Phrase("项目", "Item")[title.language], formats.heading)
      merge(firstHeading, 1, last, 1, Phrase("行次", "Line")[title.language], formats.heading)
      for heading in sheet.headings {
        let row = firstHeading + heading.row
        merge(
          row, 2 + heading.column, row + heading.rowSpan - 1, 1 + heading.column + heading.columnSpan, heading.text,
          formats.heading)
      }
      text(last + 1, 0, Phrase("甲", "A")[title.language], formats.heading)
      text(last + 1, 1, Phrase("乙", "B")[title.language], formats.heading)
      for column in 0..<sheet.columnCount { number(last + 1, 2 + column, Int64(column + 1), formats.number) }
      for (place, row) in sheet.rows.enumerated() { write(row, firstRow + place) }
      for (place, note) in sheet.notes.enumerated() {
        text(firstRow + sheet.rows.count + place, 0, note, formats.note)
      }
    }

    private func write(_ row: ReportSheet.Row, _ line: Int) {
      text(line, 0, row.text, formats.labels[min(row.depth, formats.labels.count - 1)])
      if let own = row.number { number(line, 1, Int64(own), formats.number) } else { text(line, 1, "", formats.number) }
      for (column, cell) in row.cells.enumerated() {
        switch cell {
        case .value(let value): number(line, 2 + column, value, formats.value)
        case .missing: text(line, 2 + column, "", formats.missing)
        case .none: text(line, 2 + column, "—", formats.none)
        }
      }
    }

    private func setUp() {
      worksheet_set_landscape(page)
      // 9 is A4.
      worksheet_set_paper(page, 9)
      worksheet_set_margins(page, 0.4, 0.4, 0.5, 0.5)
      worksheet_fit_to_pages(page, 1, 0)
      worksheet_center_horizontally(page)
      worksheet_set_footer(page, "&C&P / &N")
      worksheet_repeat_rows(page, 0, lxw_row_t(firstRow - 1))
      worksheet_freeze_panes(page, lxw_row_t(firstRow), 2)
      worksheet_set_column(page, 0, 0, 34, nil)
      worksheet_set_column(page, 1, 1, 5, nil)
      worksheet_set_column(page, 2, lxw_col_t(lastColumn), sheet.columnCount > 12 ? 8 : 11, nil)
      worksheet_set_row(page, 0, 26, nil)
      for row in 0..<sheet.headingRows {
        worksheet_set_row(page, lxw_row_t(firstHeading + row), sheet.headingRows == 1 ? 48 : 36, nil)
      }
    }

    private func merge(
      _ top: Int, _ left: Int, _ bottom: Int, _ right: Int, _ content: String, _ format: Formats.Format?
    ) {
      guard top != bottom || left != right else { return text(top, left, content, format) }
      worksheet_merge_range(
        page, lxw_row_t(top), lxw_col_t(left), lxw_row_t(bottom), lxw_col_t(right), content, format)
    }

    private func text(_ row: Int, _ column: Int, _ content: String, _ format: Formats.Format?) {
      guard !content.isEmpty else {
        worksheet_write_blank(page, lxw_row_t(row), lxw_col_t(column), format)
        return
      }
      worksheet_write_string(page, lxw_row_t(row), lxw_col_t(column), content, format)
    }

    private func number(_ row: Int, _ column: Int, _ value: Int64, _ format: Formats.Format?) {
      worksheet_write_number(page, lxw_row_t(row), lxw_col_t(column), Double(value), format)
    }
  }
}
