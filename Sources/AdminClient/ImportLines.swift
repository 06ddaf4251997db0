import AdminProtocol
import AsyncHTTPClient
import Messages
import NIOCore

/// The answer to an import, line by line as the daemon sends it. The daemon waits for a reader that lags.
///
/// Iterate it once. It ends after the summary; an answer that ends without one was cut off and throws.
public struct ImportLines: AsyncSequence, Sendable {
  let body: HTTPClientResponse.Body
  let client: AdminClient

  /// Starts at the beginning; only the first iteration sees everything.
  public func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator(), client: client) }

  /// Hands the parts out in order.
  public struct Iterator: AsyncIteratorProtocol {
    /// A line longer than this is not ours: a rejected row of 1 MiB, every byte of it escaped, with its reasons.
    private static let lineBytesMax = 8 << 20

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
    /// - Throws: ``Failure`` only: the daemon's, or what became of the connection. Rows taken before stay.
    public mutating func next() async throws -> ImportLine? {
      if hasEnded { return nil }
      while true {
        if let end = rest[position...].firstIndex(of: 0x0A) {
          let line = Array(rest[position..<end])
          position = end + 1
          return try take(line)
        }
        rest.removeFirst(position)
        position = 0
        guard rest.count <= Iterator.lineBytesMax else {
          throw Messages.Failure(.clientBadResponse, ["address": client.socketPath, "reason": "a line without end"])
        }
        let chunk: ByteBuffer?
        do { chunk = try await chunks.next() } catch { throw client.failure(of: error, "import") }
        guard let chunk else {
          throw Messages.Failure(.clientUnreachable, ["address": client.socketPath, "reason": "the answer broke off"])
        }
        rest += chunk.readableBytesView
      }
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
