import Foundation

/// A file as chunks, read as they are asked for.
public struct FileChunks: AsyncSequence, Sendable {
  private let path: String
  /// Bytes in the file when it was opened.
  public let size: Int

  /// - Throws: when there is no file at `path`.
  public init(path: String) throws {
    self.path = path
    size = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// Reads on from the last chunk.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let handle: FileHandle?

    /// 256 KiB, the rest, or nil at the end.
    public mutating func next() async throws -> [UInt8]? {
      guard let data = try handle?.read(upToCount: 256 << 10), !data.isEmpty else {
        try handle?.close()
        return nil
      }
      return [UInt8](data)
    }
  }

  /// Starts at the file's beginning.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(handle: FileHandle(forReadingAtPath: path)) }
}
