import AdminProtocol
import Formats
import Hummingbird
import Messages
import NIOCore

/// Cards and packages. A file's bytes travel as they are, so that a clerk needs no rights on the daemon's disk and the
/// daemon none on the stick.
extension AdminRouting {
  /// The answer to a request about cards or packages; nil for any other.
  func answerPackages(_ request: Request, _ words: [String]) async throws -> Response? {
    switch (request.method, words) {
    case (.get, ["v1", "card"]): return try json(request, await backend.card())
    case (.get, ["v1", "neighbours"]): return try json(request, await backend.neighbours())
    case (.post, ["v1", "neighbours"]):
      return try json(
        request, await backend.introduce(try await read(request, IntroduceRequest.self, IntroduceRequest.members)))
    case (.post, ["v1", "packages", "export"]):
      let asked = try await read(request, ExportRequest.self, ExportRequest.members)
      guard let file = try await backend.exportPackage(asked) else { return Response(status: .noContent) }
      return Response(
        status: .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(bytes: file)))
    case (.post, ["v1", "packages", "import"]):
      let parameters = try parameters(request, ["file", "dry_run"])
      let dryRun = try flag(parameters, "dry_run")
      try requireType(request, "application/octet-stream")
      let body: ByteBuffer
      do { body = try await request.body.collect(upTo: PackageHeader.fileByteCountMax) } catch is NIOTooManyBytesError {
        throw Failure(.apiBodyTooLarge, ["maximum": "\(PackageHeader.fileByteCountMax)"])
      }
      return try json(
        request,
        await backend.importPackage(
          Array(body.readableBytesView), file: parameters["file"] ?? "-", dryRun: dryRun))
    default: return nil
    }
  }

  /// A parameter that is 0 or 1; absent, 0.
  func flag(_ parameters: [String: String], _ name: String) throws(Failure) -> Bool {
    let value = parameters[name] ?? "0"
    guard value == "0" || value == "1" else {
      throw Failure(.apiBadParameter, ["parameter": name, "expected": "0, 1", "found": value])
    }
    return value == "1"
  }
}
