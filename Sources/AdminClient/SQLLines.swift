import AdminProtocol
import AsyncHTTPClient
import Messages
import NIOCore

/// The answer to a statement or an export, line by line as the daemon sends it. The daemon waits for a reader that
/// lags.
///
/// Iterate it once. It ends after the summary; an answer that ends without one was cut off and throws.
public struct SQLLines: AsyncSequence, Sendable {
  let body: HTTPClientResponse.Body
  let client: AdminClient

  /// Starts at the beginning; only the first iteration sees everything.
  public func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator(), client: client) }

  /// Hands the lines out in order.
  public struct Iterator: AsyncIteratorProtocol {
    /// A line longer than this is not ours: a row of many long texts.
    private static let lineBytesMax = 64 << 20

    var chunks: HTTPClientResponse.Body.AsyncIterator
    let client: AdminClient
    private var rest: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    init(chunks: HTTPClientResponse.Body.AsyncIterator, client: AdminClient) {
      self.chunks = chunks
      self.client = client
    }

    /// The next line.
    ///
    /// - Throws: ``Failure`` only: the daemon's, or what became of the connection.
    public mutating func next() async throws -> SQLLine? {
      if hasEnded { return nil }
      while true {
        if let end = rest[position...].firstIndex(of: 0x0A) {
          let line = try SQLLine.read(rest[position..<end], from: client.socketPath)
          position = end + 1
          return try take(line)
        }
        rest.removeFirst(position)
        position = 0
        guard rest.count <= Iterator.lineBytesMax else {
          throw Messages.Failure(.clientBadResponse, ["address": client.socketPath, "reason": "a line without end"])
        }
        let chunk: ByteBuffer?
        do { chunk = try await chunks.next() } catch { throw client.failure(of: error, "sql") }
        guard let chunk else {
          throw Messages.Failure(.clientUnreachable, ["address": client.socketPath, "reason": "the answer broke off"])
        }
        rest += chunk.readableBytesView
      }
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
