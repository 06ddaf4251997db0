import AdminProtocol
import AsyncHTTPClient
import Foundation
import Messages
import NIOCore

extension AdminClient {
  /// The change feed, line by line as the daemon sends it, empty ones left out; the daemon waits for a reader that
  /// lags.
  ///
  /// - Parameter body: called for every change in order.
  /// - Returns: where to go on, when the feed ended by itself.
  /// - Throws: the daemon's refusal, or what became of the connection: go on from the last change's cursor.
  public func changes(
    _ parameters: ChangesParameters, _ body: (ChangeLine, String) async throws -> Void
  ) async throws(Failure) -> ChangesEnd {
    let query = parameters.pairs.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: "&")
    let answer = try await stream(query.isEmpty ? "changes" : "changes?\(query)", body: nil)
    do {
      var rest: [UInt8] = []
      for try await chunk in answer {
        rest += chunk.readableBytesView
        while let end = rest.firstIndex(of: 0x0A) {
          let line = Array(rest[..<end])
          rest.removeSubrange(...end)
          guard !line.isEmpty else { continue }
          // Only the last line has no cursor.
          if line.starts(with: Array("{\"atEnd\"".utf8)) || line.starts(with: Array("{\"next\"".utf8))
            || line.starts(with: Array("{\"problem\"".utf8))
          {
            let end = try StrictJSON.decodeAnswer(ChangesEnd.self, line, from: socketPath)
            if let problem = end.problem { throw failure(problem.code, problem.fields) }
            return end
          }
          let change = try StrictJSON.decodeAnswer(ChangeLine.self, line, from: socketPath)
          try await body(change, String(decoding: line, as: UTF8.self))
        }
      }
    } catch { throw failure(of: error, "changes") }
    throw Failure(.clientUnreachable, ["address": socketPath, "reason": "the answer broke off"])
  }
}
