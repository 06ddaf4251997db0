import CZstd
import Primitives

/// Why a compressed body was refused.
public enum CompressionError: Error, Hashable, Sendable {
  /// The bytes are not one whole zstd frame of the announced size.
  case malformed
  /// The announced size, window or ratio passes ``Compression/Limits``.
  case overLimit
}

/// zstd with caps. Contexts are reused: one instance per thread.
public final class Compression {
  /// What a decoder accepts; checked before anything is allocated.
  public enum Limits {
    /// A frame body is at most this large when unpacked: 4,096 operations and 4 MiB a commit, several commits a frame.
    public static let bodyBytes = 32 << 20
    /// 1 GiB of zeros is 66 bytes when packed twice; honest bodies stay far below a thousandfold.
    public static let ratio = 4096
    /// log2 of the window a decoder allocates (8 MiB).
    public static let windowLog: Int32 = 23
  }

  // SAFETY: both contexts are created once and freed in deinit; zstd keeps no pointer into our buffers between calls.
  private let compressor: OpaquePointer
  private let decompressor: OpaquePointer

  /// - Parameter level: zstd's; 3 is the library's default, negative is faster, 19 is slow.
  public init(level: Int32 = 3) {
    // ZSTD_createCCtx/DCtx return NULL only when memory is exhausted.
    guard let compressor = ZSTD_createCCtx(), let decompressor = ZSTD_createDCtx() else {
      requirementFailed("memory for zstd contexts")
    }
    self.compressor = compressor
    self.decompressor = decompressor
    var result = ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, level)
    require(ZSTD_isError(result) == 0, "zstd level \(level)")
    result = ZSTD_DCtx_setParameter(decompressor, ZSTD_d_windowLogMax, Limits.windowLog)
    require(ZSTD_isError(result) == 0, "zstd window limit")
  }

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  /// One zstd frame with its content size.
  public func compress(_ bytes: Bytes) -> Bytes {
    let bound = ZSTD_compressBound(bytes.count)
    return Bytes(unsafeUninitializedCapacity: bound) { out, count in
      let written = bytes.withUnsafeBytes {
        ZSTD_compress2(compressor, out.baseAddress, bound, $0.baseAddress, $0.count)
      }
      require(ZSTD_isError(written) == 0, "zstd compresses into its own bound")
      count = written
    }
  }

  /// Unpacks exactly one zstd frame whose content is `size` bytes.
  ///
  /// - Throws: `.overLimit` before allocating when `size` passes the limits; `.malformed` for everything else that is
  ///   not exactly that: other sizes, trailing bytes, several frames, a dictionary, a larger window.
  public func decompress(_ bytes: Bytes, from start: Int, to end: Int, size: Int) throws(CompressionError) -> Bytes {
    let packed = end - start
    guard size <= Limits.bodyBytes, size / Limits.ratio <= packed else { throw .overLimit }
    var failed = false
    let out = Bytes(unsafeUninitializedCapacity: size) { out, count in
      count = 0
      bytes.withUnsafeBytes { input in
        let frame = UnsafeRawBufferPointer(rebasing: input[start..<end])
        // The first frame must be the whole input: zstd would otherwise decode concatenated frames one after the other.
        guard ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count,
          ZSTD_getFrameContentSize(frame.baseAddress, frame.count) == UInt64(size)
        else {
          failed = true
          return
        }
        let written = ZSTD_decompressDCtx(decompressor, out.baseAddress, size, frame.baseAddress, frame.count)
        guard ZSTD_isError(written) == 0, written == size else {
          failed = true
          return
        }
        count = written
      }
    }
    if failed { throw .malformed }
    return out
  }
}
