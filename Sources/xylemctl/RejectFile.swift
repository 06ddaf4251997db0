import AdminClient
import AdminProtocol
import Console
import Glibc
import Messages
import Primitives
import TabularImport

/// The CSV file of rejected rows: made at the first one, written as they come, so that memory stays flat. Its rows are
/// the file's own with the reasons in front: mended, it is imported again as it is.
///
/// It takes its place when the run ends, for an earlier one may hold a clerk's work. When an import that wrote
/// something rejected nothing, the file of our own naming is removed: rows that are right by now must not go back to a
/// clerk. After a dry run, or an import that never began, whatever is there stays.
final class RejectFile {
  static let shownMax = 10
  let path: String
  private let language: Language
  private let isNamedByUs: Bool
  private var partialPath: String { path + ".partial" }
  private var sink: Int32 = -1
  private var count = 0
  private var first: [ImportLine.Reject] = []
  private var buffer: Bytes = []
  private var header: Bytes = []
  private var writer: RejectsFile?

  /// - Parameter path: nil names it after the file imported.
  ///
  /// - Parameter isDryRun: a dry run's rejects get a name of their own.
  /// - Throws: `clientBadArgument` when it would be the imported file itself.
  init(path: String?, beside file: String, isDryRun: Bool, language: Language) throws(Failure) {
    self.path = path ?? file + (isDryRun ? ".dry-run.rejects.csv" : ".rejects.csv")
    isNamedByUs = path == nil
    self.language = language
    var (own, input) = (stat(), stat())
    if stat(self.path, &own) == 0, stat(file, &input) == 0, own.st_dev == input.st_dev, own.st_ino == input.st_ino {
      throw Failure(
        .clientBadArgument,
        ["argument": "--rejects", "expected": "another file than the imported one", "found": self.path])
    }
  }

  deinit {
    if sink >= 0 {
      Glibc.close(sink)
      unlink(partialPath)
    }
  }

  /// The imported file's first row, which comes before any reject of a row; a file refused for its header has none.
  func begin(header: String) { self.header = Bytes(header.utf8) }

  /// - Throws: `clientOutput` when the file cannot be written.
  func add(_ reject: ImportLine.Reject) throws(Failure) {
    if count == 0 { try open() }
    count += 1
    if first.count < RejectFile.shownMax { first.append(reject) }
    let reasons = reject.reasons.map {
      RejectsFile.Reason(
        column: $0.column, value: $0.value, reason: Phrase($0.reasonZH, $0.reasonEN)[language],
        remedy: Phrase($0.tryZH, $0.tryEN)[language])
    }
    let writer = self.writer ?? RejectsFile(header: header, language: language)
    if self.writer == nil { buffer += writer.beginning }
    self.writer = writer
    buffer += writer.row(line: reject.line, reasons, raw: reject.raw)
    if buffer.count > 1 << 16 { try flush() }
  }

  /// Ends the file and puts it in its place; returns how many rows were rejected. Later calls only count.
  ///
  /// - Parameter isComplete: the whole file was read: without rejects, those of an earlier run are settled.
  func close(isComplete: Bool) throws(Failure) -> Int {
    if sink >= 0 {
      try flush()
      let descriptor = sink
      sink = -1
      if Glibc.close(descriptor) != 0 || rename(partialPath, path) != 0 { throw failure(errno) }
    } else if isComplete && count == 0 && isNamedByUs {
      unlink(path)
    }
    return count
  }

  func firstFew(_ language: Language) -> Table { RejectFile.table(first, language) }

  private static func table(_ rejects: [ImportLine.Reject], _ language: Language) -> Table {
    func text(_ zh: String, _ en: String) -> String { Phrase(zh, en)[language] }
    var table = Table([
      Column("line", title: text("行", "LINE")), Column("column", title: text("列", "COLUMN")),
      Column("value", title: text("值", "VALUE")), Column("code", title: text("错误码", "CODE")),
      Column("reason", title: text("原因", "REASON")), Column("try", title: text("处理", "TRY")),
    ])
    for reject in rejects {
      for reason in reject.reasons {
        table.append([
          .integer(reject.line), reason.column.map { .text($0) } ?? .null, reason.value.map { .text($0) } ?? .null,
          .text(reason.code), .text(text(reason.reasonZH, reason.reasonEN)), .text(text(reason.tryZH, reason.tryEN)),
        ])
      }
    }
    return table
  }

  private func open() throws(Failure) {
    // Rejected values are personal data: for the owner's eyes only.
    sink = Glibc.open(partialPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if sink < 0 { throw failure(errno) }
  }

  private func flush() throws(Failure) {
    let bytes = buffer
    buffer = []
    switch DescriptorSink(sink).write(bytes) {
    case .written: return
    case .readerGone: throw failure(EPIPE)
    case .failed(let number): throw failure(number)
    }
  }

  private func failure(_ number: Int32) -> Failure {
    Failure(.clientOutput, ["file": path, "reason": systemReason(number)])
  }
}
