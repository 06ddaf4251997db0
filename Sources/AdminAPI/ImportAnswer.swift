import AdminProtocol
import Hummingbird
import Logging
import Messages
import NIOCore

/// An import's answer: lines of JSON while it runs, the summary or a problem last. The body is read as it is worked
/// off, so neither side ever holds the file.
func importAnswer(
  _ backend: some AdminBackend, _ entity: String, _ parameters: ImportParameters, body: RequestBody, log: Logger
) -> Response {
  Response(
    status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
    body: ResponseBody { writer in
      do {
        let summary = try await backend.importTable(
          entity, parameters, body: ImportBody(body: body)
        ) { line in
          try await writer.write(line.text)
        }
        try await writer.write(ImportLine.summary(summary).text)
      } catch {
        // The head with status 200 is on its way: what went wrong can only be the last line.
        let failure = error as? Failure ?? unexpected(error, log)
        try await writer.write(ImportLine.problem(.init(failure)).text)
      }
      try await writer.finish(nil)
    })
}

/// An error nobody foresaw: its text goes to the log, a reference to the caller.
func unexpected(_ error: any Error, _ log: Logger) -> Failure {
  let reference = String(UInt64.random(in: 0 ... .max), radix: 16)
  log.error("a request failed", metadata: ["reference": "\(reference)", "error": "\(type(of: error)): \(error)"])
  return Failure(.apiInternal, ["reference": reference])
}

extension ImportLine.Problem {
  init(_ failure: Failure) {
    let fields = Dictionary(failure.fields.map { ($0.name, $0.value) }) { first, _ in first }
    self.init(code: failure.code.rawValue, fields: fields)
  }
}

extension ImportLine {
  /// The line with its end.
  fileprivate var text: ByteBuffer {
    get throws { ByteBuffer(bytes: try StrictJSON.encode(self) + [0x0A]) }
  }
}
