import AdminProtocol
import Hummingbird
import Messages
import NIOCore

/// SQL and exports. An answer comes as one document, or line by line for whoever accepts that: then neither side ever
/// holds it.
extension AdminRouting {
  /// The answer to a request for rows; nil for any other.
  func answerSQL(_ request: Request, _ words: [String]) async throws -> Response? {
    switch (request.method, words) {
    case (.post, ["v1", "sql"]):
      let asked = try await read(request, SQLRequest.self, SQLRequest.members)
      let started = ContinuousClock.now
      let accepted = request.headers[.accept] ?? "*/*"
      let isStreamed = accepted.contains("application/x-ndjson") || accepted.contains("application/jsonl")
      if isStreamed { return streamed(try await backend.sql(asked), started) }
      return try await document(asked, started)
    case (.get, ["v1", "export"]):
      _ = try parameters(request, [])
      return exported(try await backend.export(), .now)
    default: return nil
    }
  }

  private func document(_ asked: SQLRequest, _ started: ContinuousClock.Instant) async throws -> Response {
    var asked = asked
    asked.rows = min(asked.rows ?? SQLRequest.documentRowsMax, SQLRequest.documentRowsMax)
    let answer = try await backend.sql(asked)
    var json = JSONText()
    var rows: [[SQLCell]] = []
    while let piece = try await answer.next() { rows += piece }
    json.object { json in
      json.key("columns")
      json.array { json in
        for column in answer.head.columns {
          json.object { json in
            json.member("name", string: column.name)
            if let type = column.type { json.member("type", string: type) }
          }
        }
      }
      json.key("rows")
      json.array { json in
        for row in rows { json.array { json in for cell in row { cell.write(to: &json) } } }
      }
      if let applied = answer.head.applied { json.member("applied", int: Int(clamping: applied)) }
      json.key("plan")
      json.array { json in for line in answer.head.plan { json.string(line) } }
      json.member("microseconds", int: elapsedMicroseconds(started))
    }
    var bytes = Array(json.text.utf8)
    if let fresh = answer.head.freshness {
      // Written by the one encoder that knows its shape.
      bytes.removeLast()
      bytes += Array(",\"freshness\":".utf8) + (try StrictJSON.encode(fresh)) + [UInt8(ascii: "}")]
    }
    return Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  private func streamed(_ answer: SQLRowStream, _ started: ContinuousClock.Instant) -> Response {
    lines(started) { write in
      try await write(SQLLine.head(answer.head).encoded())
      var count = 0
      while let rows = try await answer.next() {
        count += rows.count
        try await write(text(rows))
      }
      return count
    }
  }

  private func exported(_ export: SQLExportStream, _ started: ContinuousClock.Instant) -> Response {
    lines(started) { write in
      var count = 0
      while let piece = try await export.next() {
        switch piece {
        case .head(let head): try await write(SQLLine.head(head).encoded())
        case .rows(let rows):
          count += rows.count
          try await write(text(rows))
        }
      }
      return count
    }
  }

  private func text(_ rows: [[SQLCell]]) -> [UInt8] {
    var json = JSONText()
    for row in rows {
      json.array { json in for cell in row { cell.write(to: &json) } }
      json.endLine()
    }
    return Array(json.text.utf8)
  }

  /// Lines that `body` writes, then the summary with the count it returns, or the problem that ended it.
  private func lines(
    _ started: ContinuousClock.Instant,
    _ body: @escaping @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Int
  ) -> Response {
    let log = log
    return Response(
      status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        do {
          let count = try await body { try await writer.write(ByteBuffer(bytes: $0)) }
          let summary = SQLLine.summary(rows: count, microseconds: elapsedMicroseconds(started))
          try await writer.write(ByteBuffer(bytes: summary.encoded()))
        } catch {
          // The head with status 200 is on its way: what went wrong can only be the last line.
          let failure = error as? Failure ?? unexpected(error, log)
          try await writer.write(ByteBuffer(bytes: SQLLine.problem(.init(failure)).encoded()))
        }
        try await writer.finish(nil)
      })
  }
}

func elapsedMicroseconds(_ since: ContinuousClock.Instant) -> Int {
  let duration = ContinuousClock.now - since
  return Int(duration.components.seconds) * 1_000_000 + Int(duration.components.attoseconds / 1_000_000_000_000)
}
