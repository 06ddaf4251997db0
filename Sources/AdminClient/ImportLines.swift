import AdminProtocol
import AsyncHTTPClient
import Messages

/// The answer to an import, line by line as the daemon sends it. The daemon waits for a reader that lags.
///
/// Iterate it once. It ends after the summary; an answer that ends without one was cut off and throws.
public struct ImportLines: AsyncSequence, Sendable {
  let body: HTTPClientResponse.Body
  let client: AdminClient

  /// Starts at the beginning; only the first iteration sees everything.
  public func makeAsyncIterator() -> Iterator { Iterator(body, client: client) }

  /// Hands the parts out in order.
  public struct Iterator: AsyncIteratorProtocol {
    /// A line longer than this is not ours: a rejected row of 1 MiB, every byte of it escaped, with its reasons.
    private static let lineBytesMax = 8 << 20

    private var lines: AnswerLines
    private let client: AdminClient
    private var hasEnded = false

    init(_ body: HTTPClientResponse.Body, client: AdminClient) {
      lines = AnswerLines(body, of: "import", lineBytesMax: Iterator.lineBytesMax, client: client)
      self.client = client
    }

    /// The next line.
    ///
    /// - Throws: ``Failure`` only: the daemon's, or what became of the connection. Rows taken before stay.
    public mutating func next() async throws -> ImportLine? {
      if hasEnded { return nil }
      return try await take(Array(lines.next()))
    }

    private mutating func take(_ bytes: [UInt8]) throws -> ImportLine {
      let line = try StrictJSON.decodeAnswer(ImportLine.self, bytes, from: client.socketPath)
      if let problem = line.problem {
        hasEnded = true
        throw client.failure(problem.code, problem.fields)
      }
      hasEnded = line.summary != nil
      return line
    }
  }
}
