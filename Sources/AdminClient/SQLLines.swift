import AdminProtocol
import AsyncHTTPClient
import Messages

/// The answer to a statement or an export, line by line as the daemon sends it. The daemon waits for a reader that
/// lags.
///
/// Iterate it once. It ends after the summary; an answer that ends without one was cut off and throws.
public struct SQLLines: AsyncSequence, Sendable {
  let body: HTTPClientResponse.Body
  let client: AdminClient

  /// Starts at the beginning; only the first iteration sees everything.
  public func makeAsyncIterator() -> Iterator { Iterator(body, client: client) }

  /// Hands the lines out in order.
  public struct Iterator: AsyncIteratorProtocol {
    /// A line longer than this is not ours: a row of many long texts.
    private static let lineBytesMax = 64 << 20

    private var lines: AnswerLines
    private let client: AdminClient
    private var hasEnded = false

    init(_ body: HTTPClientResponse.Body, client: AdminClient) {
      lines = AnswerLines(body, of: "sql", lineBytesMax: Iterator.lineBytesMax, client: client)
      self.client = client
    }

    /// The next line.
    ///
    /// - Throws: ``Failure`` only: the daemon's, or what became of the connection.
    public mutating func next() async throws -> SQLLine? {
      if hasEnded { return nil }
      return try await take(SQLLine.read(lines.next(), from: client.socketPath))
    }

    private mutating func take(_ line: SQLLine) throws -> SQLLine {
      switch line {
      case .problem(let problem):
        hasEnded = true
        throw client.failure(problem.code, problem.fields)
      case .summary:
        hasEnded = true
        return line
      case .head, .row: return line
      }
    }
  }
}

extension AdminClient {
  /// Runs a statement; rows come as the daemon finds them.
  ///
  /// - Throws: the daemon's refusal, or that it cannot be reached. A limit that is reached later comes out of the
  ///   lines.
  public func sql(_ request: SQLRequest) async throws(Failure) -> SQLLines {
    SQLLines(body: try await stream("sql", body: try StrictJSON.encode(request)), client: self)
  }

  /// Every table of one moment.
  public func export() async throws(Failure) -> SQLLines {
    SQLLines(body: try await stream("export", body: nil), client: self)
  }
}
