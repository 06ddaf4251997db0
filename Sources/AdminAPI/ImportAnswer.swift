import AdminProtocol
import Foundation
import Hummingbird
import Messages
import NIOCore
import TabularImport
import Xylem

extension AdminRoutes {
  /// An import's answer: lines of JSON while it runs, the summary last. The body is read as it is worked off.
  func importAnswer(_ entity: String, file: String, dryRun: Bool, body: RequestBody) -> Response {
    let node = node
    return Response(
      status: .ok, headers: [.contentType: "application/x-ndjson"],
      body: ResponseBody { writer in
        do {
          let chunks = body.map { Array($0.readableBytesView) }
          let summary = try await node.importTable(
            entity, file: file, chunks: chunks, actor: "local", dryRun: dryRun
          ) { event in
            switch event {
            case .progress(let rows, let bytes):
              try await writer.write(ImportLine.progress(rows: rows, bytes: bytes).line)
            case .reject(let reject): try await writer.write(ImportLine.reject(AdminRoutes.line(reject)).line)
            }
          }
          try await writer.write(
            ImportLine.summary(
              .init(
                inserted: summary.inserted, updated: summary.updated, unchanged: summary.unchanged,
                rejected: summary.rejected, warnings: summary.warnings, rows: summary.rows, seconds: summary.seconds,
                sequence: summary.sequence, dryRun: dryRun)
            ).line)
        } catch let failure as Failure {
          let fields = Dictionary(failure.fields.map { ($0.name, $0.value) }) { first, _ in first }
          try await writer.write(ImportLine.problem(.init(code: failure.code.rawValue, fields: fields)).line)
        }
        try await writer.finish(nil)
      })
  }

  private static func line(_ reject: RowReject) -> ImportLine.Reject {
    let zh = reject.failure.text(.zh)
    let en = reject.failure.text(.en)
    return ImportLine.Reject(
      line: reject.line, column: reject.column, value: reject.value, code: reject.failure.code.rawValue,
      reasonZH: zh.what, reasonEN: en.what, tryZH: zh.remedy, tryEN: en.remedy, raw: reject.raw)
  }
}

extension ImportLine {
  /// The line with its end.
  fileprivate var line: ByteBuffer {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      var buffer = ByteBuffer(bytes: try encoder.encode(self))
      buffer.writeInteger(UInt8(0x0A))
      return buffer
    }
  }
}
