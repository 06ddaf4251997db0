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
  /// The dictionary that the compressor has digested.
  private var loaded: UInt32?

  /// zstd's level for frames: what a slower one saves is less than what the columns save, and it halves the rate.
  public static let level: Int32 = 3

  /// - Parameter level: zstd's; 3 is the library's default, negative is faster, 19 is slow.
  public init(level: Int32 = Compression.level) {
    // ZSTD_createCCtx/DCtx return NULL only when memory is exhausted.
    guard let compressor = ZSTD_createCCtx(), let decompressor = ZSTD_createDCtx() else {
      requirementFailed("memory for zstd contexts")
    }
    self.compressor = compressor
    self.decompressor = decompressor
    var result = ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, level)
    require(ZSTD_isError(result) == 0, "zstd level \(level)")
    // Below this strategy zstd takes over the last block's Huffman table for blocks of up to 1 KiB without asking
    // whether it fits (preferRepeat in zstd_compress_literals.c), and our planes are such blocks: it costs a tenth of
    // a frame.
    result = ZSTD_CCtx_setParameter(compressor, ZSTD_c_strategy, Int32(ZSTD_lazy.rawValue))
    require(ZSTD_isError(result) == 0, "zstd's lazy strategy")
    // The frame header names the dictionary.
    result = ZSTD_CCtx_setParameter(compressor, ZSTD_c_dictIDFlag, 0)
    require(ZSTD_isError(result) == 0, "zstd without dictionary numbers")
    result = ZSTD_DCtx_setParameter(decompressor, ZSTD_d_windowLogMax, Limits.windowLog)
    require(ZSTD_isError(result) == 0, "zstd window limit")
  }

  deinit {
    ZSTD_freeCCtx(compressor)
    ZSTD_freeDCtx(decompressor)
  }

  /// One zstd frame with its content size.
  ///
  /// - Parameters:
  ///   - cuts: offsets, ascending, at which a new block may begin; those that would make one of less than
  ///     ``blockBytesMin`` are passed over.
  ///   - dictionary: must be at hand for unpacking; its number is not in the result.
  public func compress(_ bytes: Bytes, cuts: [Int] = [], dictionary: FrameDictionary? = nil) -> Bytes {
    // A block adds 3 bytes of header and at most a literals header of 5.
    let bound = ZSTD_compressBound(bytes.count) + 16 * (cuts.count + 1)
    return Bytes(unsafeUninitializedCapacity: bound) { out, count in
      var result = ZSTD_CCtx_reset(compressor, ZSTD_reset_session_only)
      require(ZSTD_isError(result) == 0, "a zstd session begins")
      load(dictionary)
      result = ZSTD_CCtx_setPledgedSrcSize(compressor, UInt64(bytes.count))
      require(ZSTD_isError(result) == 0, "a zstd frame names its size")
      var target = ZSTD_outBuffer(dst: out.baseAddress, size: bound, pos: 0)
      bytes.withUnsafeBytes { source in
        var input = ZSTD_inBuffer(src: source.baseAddress, size: 0, pos: 0)
        for cut in cuts where cut - input.pos >= Compression.blockBytesMin && cut < bytes.count {
          input.size = cut
          result = ZSTD_compressStream2(compressor, &target, &input, ZSTD_e_flush)
          require(result == 0 && input.pos == cut, "zstd ends a block in a buffer of its own bound")
        }
        input.size = bytes.count
        result = ZSTD_compressStream2(compressor, &target, &input, ZSTD_e_end)
      }
      require(result == 0, "zstd compresses into its own bound")
      count = target.pos
    }
  }

  /// Digests a dictionary by the context's own parameters; it stays until another is asked for.
  private func load(_ dictionary: FrameDictionary?) {
    guard dictionary?.id != loaded else { return }
    let content = dictionary?.content ?? []
    let result = ZSTD_CCtx_loadDictionary(compressor, content, content.count)
    require(ZSTD_isError(result) == 0, "a zstd session takes a dictionary")
    loaded = dictionary?.id
  }

  /// Shorter blocks cost more in tables than they save.
  static let blockBytesMin = 128

  /// Unpacks exactly one zstd frame whose content is `size` bytes.
  ///
  /// - Throws: `.overLimit` before allocating when `size` passes the limits; `.malformed` for everything else that is
  ///   not exactly that: other sizes, trailing bytes, several frames, another dictionary.
  public func decompress(
    _ bytes: Bytes, from start: Int, to end: Int, size: Int, dictionary: FrameDictionary? = nil
  ) throws(CompressionError) -> Bytes {
    let packed = end - start
    guard size <= Limits.bodyBytes, size / Limits.ratio <= packed else { throw .overLimit }
    guard packed > 6 else { throw .malformed }
    // RFC 8878, 3.1.1.1: without the single-segment flag a window descriptor follows the frame header descriptor.
    if bytes[start + 4] & 0x20 == 0, 10 + Int32(bytes[start + 5] >> 3) > Limits.windowLog { throw .overLimit }
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
        let written = ZSTD_decompress_usingDDict(
          decompressor, out.baseAddress, size, frame.baseAddress, frame.count, dictionary?.decompressing)
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
