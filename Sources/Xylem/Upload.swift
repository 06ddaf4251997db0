import Primitives

/// What wakes an import.
enum ImportNews: Sendable {
  /// The next bytes of its file.
  case bytes(Bytes)
  /// The file is at its end.
  case end
  /// It cannot be read any further.
  case failed(any Error)
  /// The chunk of rows with this number was worked off.
  case worked(Int)
  /// Commits up to this sequence are durable.
  case synced(UInt64)
}

/// Reads a file in a task of its own, so that an import hears of its commits while it waits for bytes.
///
/// At most two pieces are read ahead: the next is asked for by ``next()``.
final class Upload: Sendable {
  /// Bytes and other news in the order in which they came.
  let events: AsyncStream<ImportNews>
  /// Tells other news.
  let news: @Sendable (ImportNews) -> Void
  private let permits: AsyncStream<Void>.Continuation
  private let reader: Task<Void, Never>

  init<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) where Chunks.Element == Bytes {
    let (events, continuation) = AsyncStream<ImportNews>.makeStream()
    let (asked, permits) = AsyncStream<Void>.makeStream()
    self.events = events
    self.permits = permits
    news = { continuation.yield($0) }
    reader = Task {
      var permit = asked.makeAsyncIterator()
      do {
        for try await chunk in chunks {
          continuation.yield(.bytes(chunk))
          guard await permit.next() != nil, !Task.isCancelled else { return }
        }
        continuation.yield(.end)
      } catch { continuation.yield(.failed(error)) }
    }
    permits.yield()
  }

  /// Asks for another piece.
  func next() { permits.yield() }

  /// Reads no further; returns when nobody touches the file any more.
  func stop() async {
    permits.finish()
    reader.cancel()
    await reader.value
  }
}
