import AdminClient
import AdminProtocol
import Console
import Glibc
import Messages
import Primitives
import TabularImport

/// The CSV file of rejected rows: made at the first one, written as they come, so that memory stays flat. Its rows are the
/// file's own with the reasons in front: mended, it is imported again as it is.
///
/// A file from an earlier run is replaced. When this run rejects nothing, the file of our own naming is removed: rows
/// that are
/// right by now must not go back to a clerk. A file somebody else named is left alone then.
final class RejectFile {
  static let shownMax = 10
  let path: String
  private let language: Language
  private let isNamedByUs: Bool
  private var sink: Int32 = -1
  private var count = 0
  private var first: [ImportLine.Reject] = []
  private var buffer: Bytes = []
  private var header: Bytes = []
  private var writer: RejectsFile?

  /// - Parameter path: nil names it after the file imported.
  init(path: String?, beside file: String, language: Language) {
    self.path = path ?? file + ".rejects.csv"
    isNamedByUs = path == nil
    self.language = language
  }

  deinit { if sink >= 0 { Glibc.close(sink) } }

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

  /// Ends the file, or removes the one of an earlier run; returns how many there were. Later calls only count.
  func close() throws(Failure) -> Int {
    if sink >= 0 {
      try flush()
      let descriptor = sink
      sink = -1
      if Glibc.close(descriptor) != 0 { throw failure(errno) }
    } else if count == 0 && isNamedByUs {
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
    sink = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
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
