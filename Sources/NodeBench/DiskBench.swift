import Console
import Glibc
import Messages

/// What the disk under a node can do, without Xylem: when this is slow, nothing above it will be fast.
public struct DiskBench {
  private let folder: ScratchFolder
  private let seconds: Double
  private let output: Output
  /// Bytes that do not compress: some disks would cheat.
  private let noise: [UInt8]

  private static let fileBytes = 256 << 20
  private static let blockBytes = 4096
  /// `O_DIRECT`, a macro that Swift does not see; its value is the architecture's (asm/fcntl.h).
  #if arch(arm64)
    private static let direct: Int32 = 0o200000
  #else
    private static let direct: Int32 = 0o40000
  #endif

  /// - Parameter seconds: how long each of the four works takes.
  public init(in folder: ScratchFolder, seconds: Double, output: Output) {
    self.folder = folder
    self.seconds = seconds
    self.output = output
    var random = SystemRandomNumberGenerator()
    noise = (0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
  }

  /// Appends and syncs as a log does, writes and reads as tables do.
  ///
  /// - Throws: `XYL-STO-0011` with what the system refused, `XYL-STO-0001` for a full disk.
  public func run() throws(Failure) -> [BenchFigure] {
    var figures: [BenchFigure] = []
    let bar = output.progress(
      Phrase("磁盘", "disk")[output.language], total: 4, unit: .items(Phrase("项", "works")))
    defer { bar.finish() }
    let sync = try append(4096, file: "sync")
    figures.append(BenchFigure("disk.sync", sync.times))
    bar.advance(to: 1)
    let group = try append(65_536, file: "group")
    figures.append(BenchFigure("disk.group", group.mebibytesPerSecond, .mebibytesPerSecond))
    bar.advance(to: 2)
    figures.append(BenchFigure("disk.write", try writeFile(), .mebibytesPerSecond))
    bar.advance(to: 3)
    if let reads = try readBlocks() {
      figures.append(BenchFigure("disk.read", reads, .perSecond))
    } else {
      output.warn(
        Phrase("文件系统不支持 O_DIRECT，未测随机读", "no O_DIRECT on this file system: random reads were left out")[output.language]
      )
    }
    bar.advance(to: 4)
    return figures
  }

  /// Grows a file by pieces, each synced before the next.
  private func append(_ bytes: Int, file name: String) throws(Failure) -> (
    times: LatencyRecorder, mebibytesPerSecond: Double
  ) {
    let file = try open(name, O_CREAT | O_WRONLY | O_APPEND)
    defer { close(file) }
    var times = LatencyRecorder()
    let clock = ContinuousClock()
    let start = clock.now
    var elapsed = Duration.zero
    repeat {
      let before = clock.now
      try write(file, bytes, at: times.count * bytes)
      guard fdatasync(file) == 0 else { throw refused("fdatasync", name) }
      times.record(clock.now - before)
      elapsed = clock.now - start
    } while elapsed < .seconds(seconds)
    let rate = Double(times.count * bytes) / (elapsed / .seconds(1)) / 1_048_576
    return (times, rate)
  }

  private func writeFile() throws(Failure) -> Double {
    let file = try open("table", O_CREAT | O_WRONLY | O_TRUNC)
    defer { close(file) }
    let clock = ContinuousClock()
    let start = clock.now
    for place in stride(from: 0, to: DiskBench.fileBytes, by: noise.count) { try write(file, noise.count, at: place) }
    guard fdatasync(file) == 0 else { throw refused("fdatasync", "table") }
    return Double(DiskBench.fileBytes) / 1_048_576 / ((clock.now - start) / .seconds(1))
  }

  /// Reads past the page cache, one block at a time; nil where the file system cannot.
  private func readBlocks() throws(Failure) -> Double? {
    let descriptor = Glibc.open(folder.path + "/table", O_RDONLY | DiskBench.direct)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, DiskBench.blockBytes, DiskBench.blockBytes) == 0, let memory else { return nil }
    defer { free(memory) }
    let clock = ContinuousClock()
    let start = clock.now
    var (count, elapsed) = (0, Duration.zero)
    repeat {
      let block = Int.random(in: 0..<(DiskBench.fileBytes / DiskBench.blockBytes))
      guard pread(descriptor, memory, DiskBench.blockBytes, block * DiskBench.blockBytes) == DiskBench.blockBytes else {
        if errno == EINVAL { return nil }
        throw refused("pread", "table")
      }
      count += 1
      elapsed = clock.now - start
    } while elapsed < .seconds(seconds)
    return Double(count) / (elapsed / .seconds(1))
  }

  private func write(_ file: Int32, _ count: Int, at place: Int) throws(Failure) {
    // Another stretch of the noise each time.
    let offset = place % (noise.count - count + 1)
    let written = noise.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: offset), count) }
    guard written == count else { throw refused("write", "file") }
  }

  private func open(_ name: String, _ flags: Int32) throws(Failure) -> Int32 {
    let file = Glibc.open(folder.path + "/" + name, flags | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw refused("open", name) }
    return file
  }

  private func refused(_ operation: String, _ name: String) -> Failure {
    Failure(
      .storageIO,
      ["operation": operation, "file": folder.path + "/" + name, "reason": String(cString: strerror(errno))])
  }
}
