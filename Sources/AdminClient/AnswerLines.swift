import AsyncHTTPClient
import Messages
import NIOCore

/// Cuts a streamed answer into its lines as the chunks arrive.
struct AnswerLines {
  private var chunks: HTTPClientResponse.Body.AsyncIterator
  private let client: AdminClient
  /// The command's name, for the failure's words.
  private let command: String
  /// A line longer than this is not the daemon's.
  private let lineBytesMax: Int
  private var rest: [UInt8] = []
  private var position = 0

  init(_ body: HTTPClientResponse.Body, of command: String, lineBytesMax: Int, client: AdminClient) {
    chunks = body.makeAsyncIterator()
    self.client = client
    self.command = command
    self.lineBytesMax = lineBytesMax
  }

  /// The next line without its end. Let go of it before the next call, or that call copies the bytes behind it.
  ///
  /// An answer says itself where it ends, so a connection that ends before is one that broke.
  ///
  /// - Throws: ``Failure`` only.
  mutating func next() async throws -> ArraySlice<UInt8> {
    while true {
      if let end = rest[position...].firstIndex(of: 0x0A) {
        defer { position = end + 1 }
        return rest[position..<end]
      }
      rest.removeFirst(position)
      position = 0
      guard rest.count <= lineBytesMax else {
        throw Failure(.clientBadResponse, ["address": client.socketPath, "reason": "a line without end"])
      }
      let chunk: ByteBuffer?
      do { chunk = try await chunks.next() } catch { throw client.failure(of: error, command) }
      guard let chunk else {
        throw Failure(.clientUnreachable, ["address": client.socketPath, "reason": "the answer broke off"])
      }
      rest += chunk.readableBytesView
    }
  }
}
