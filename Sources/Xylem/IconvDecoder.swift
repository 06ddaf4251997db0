import Glibc
import Primitives

/// GB18030 to UTF-8 by the C library, chunk by chunk; a character cut by a chunk's end waits for the next.
final class IconvDecoder {
  // SAFETY: opened once and closed in deinit; never leaves this object.
  private let handle: iconv_t
  private var rest: Bytes = []

  /// nil when the C library has no such table.
  init?(from encoding: String) {
    // iconv_open(3) answers (iconv_t)-1 for an encoding it does not know.
    guard let opened = iconv_open("UTF-8", encoding), opened != iconv_t(bitPattern: -1) else { return nil }
    handle = opened
  }

  deinit { iconv_close(handle) }

  /// The UTF-8 of what is complete so far, or nil when the bytes are no text of the encoding.
  func decode(_ chunk: Bytes, isLast: Bool) -> Bytes? {
    var input = rest + chunk
    let size = input.count * 3 + 16
    var consumed = 0
    var failed = false
    let out = Bytes(unsafeUninitializedCapacity: size) { out, count in
      input.withUnsafeMutableBytes { bytes in
        var from = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        var fromLeft = bytes.count
        out.withMemoryRebound(to: CChar.self) { target in
          var to = target.baseAddress
          var toLeft = size
          // iconv(3): (size_t)-1 with EINVAL is a character cut at the end, with EILSEQ bytes of no character.
          let result = iconv(handle, &from, &fromLeft, &to, &toLeft)
          failed = result == Int(bitPattern: UInt.max) && errno == EILSEQ
          consumed = bytes.count - fromLeft
          count = size - toLeft
        }
      }
    }
    rest = Bytes(input[consumed...])
    // A cut character has at most 4 bytes; more left over means that the conversion stopped.
    if failed || rest.count > 4 || isLast && !rest.isEmpty { return nil }
    return out
  }
}

/// Decides how a file is encoded from its first bytes, and gives UTF-8 from then on.
struct EncodingSniffer {
  private var decoder: IconvDecoder?
  private var isDecided = false

  /// UTF-8 for the chunk; nil when it is neither UTF-8 nor GB18030.
  mutating func decode(_ chunk: Bytes, isLast: Bool) -> Bytes? {
    if !isDecided {
      isDecided = true
      if !EncodingSniffer.looksLikeUTF8(chunk) { decoder = IconvDecoder(from: "GB18030") }
    }
    guard let decoder else { return chunk }
    return decoder.decode(chunk, isLast: isLast)
  }

  /// Valid UTF-8, but for a character cut at the end.
  static func looksLikeUTF8(_ chunk: Bytes) -> Bool {
    for cut in 0...3 where cut <= chunk.count {
      if String(validating: chunk.dropLast(cut), as: UTF8.self) != nil { return true }
    }
    return false
  }
}
