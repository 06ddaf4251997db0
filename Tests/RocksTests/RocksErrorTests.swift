import Testing

@testable import Rocks

/// Goal: status texts of RocksDB 7.8.3 are told apart as far as a caller reacts.
@Suite("rocks errors")
struct RocksErrorTests {
  @Test(
    "rocks errors: a status text gives its kind",
    arguments: [
      ("Corruption: block checksum mismatch: stored = 1, computed = 2", RocksError.Kind.corruption),
      ("Corruption: IO error: No space left on device", .corruption),
      ("Corruption: IO error: No such file or directory: While open a file for random read: /x/7.ldb", .notFound),
      ("IO error: No space left on device: While appending to file: /x/000004.log", .noSpace),
      ("IO error: While appending to file: /x/000004.log: Disk quota exceeded", .noSpace),
      ("IO error: No such file or directory: While opening a file for sequentially reading: /x/CURRENT", .notFound),
      ("IO error: While lock file: /x/LOCK: Resource temporarily unavailable", .busy),
      ("IO error: lock hold by current process, acquire time 1 acquiring thread 2: /x/LOCK: No locks available", .busy),
      ("IO error: While fdatasync: /x/000004.log: Input/output error", .device),
      ("IO error: While appending to file: /x/000004.log: File too large", .device),
      ("Invalid argument: /x: does not exist (create_if_missing is false)", .notFound),
      ("Invalid argument: Column family not found: rows", .invalidArgument),
      ("NotFound: ", .notFound),
      ("Not implemented: Not supported operation in read only mode.", .invalidArgument),
      ("Resource busy: ", .busy),
      ("Something new", .other),
    ])
  func kinds(_ status: String, _ kind: RocksError.Kind) {
    #expect(RocksError(status: status).kind == kind)
    #expect(RocksError(status: status).description == status)
  }
}
