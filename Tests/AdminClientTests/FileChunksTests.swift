import AdminClient
import Foundation
import Messages
import Testing

private func temporary(_ bytes: [UInt8]) throws -> String {
  let path = NSTemporaryDirectory() + "xylem-chunks-\(UUID().uuidString)"
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  return path
}

@Suite struct FileChunksTests {
  @Test("file chunks: all bytes come once, in pieces, with the size known before")
  func pieces() async throws {
    let bytes = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let path = try temporary(bytes)
    defer { unlink(path) }
    let chunks = try FileChunks(path: path)
    #expect(chunks.size == bytes.count)
    var read: [UInt8] = []
    var count = 0
    for try await chunk in chunks {
      read += chunk
      count += 1
    }
    #expect(read == bytes)
    #expect(count >= 3)
  }

  @Test("file chunks: a missing file, a folder and a file too long are told apart")
  func misuse() throws {
    #expect(#expect(throws: Failure.self) { try FileChunks(path: "/nowhere/x.csv") }?.code == .clientFileMissing)
    #expect(#expect(throws: Failure.self) { try FileChunks(path: "/tmp") }?.code == .clientFileUnreadable)
    let path = try temporary([UInt8](repeating: 1, count: 11))
    defer { unlink(path) }
    #expect(try FileChunks.whole(path, bytesMax: 11).count == 11)
    #expect(#expect(throws: Failure.self) { try FileChunks.whole(path, bytesMax: 10) }?.code == .clientFileUnreadable)
  }

  @Test("client: a daemon that is not there is temporary, a path no socket can have is a mistake")
  func unreachable() async {
    func failure(_ path: String) async -> Failure? {
      do throws(Failure) { _ = try await AdminClient(socketPath: path, seconds: 5).version() } catch { return error }
      return nil
    }
    let gone = await failure("/tmp/xylem-nobody-\(UUID().uuidString).sock")
    #expect(gone?.code == .clientUnreachable)
    #expect(gone?.exitCode == 5 && gone?.isRetryable == true)
    #expect(await failure("/tmp/" + String(repeating: "x", count: 200))?.code == .clientBadArgument)
  }
}
