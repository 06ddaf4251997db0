import Glibc
import Primitives
import TabularImport

/// Text in other encodings to UTF-8 by the C library, chunk by chunk.
///
/// Bytes of no character become U+FFFD one by one, and decoding goes on behind each: the rows they stand in are
/// refused, the others are not lost.
final class IconvDecoder: TextDecoder {
  /// Longest character of the encodings we read: four bytes in GB18030 and UTF-16.
  private static let characterBytesMax = 4
  private static let replacement = Bytes("\u{FFFD}".utf8)

  // SAFETY: opened once and closed in deinit; never leaves this object.
  private let handle: iconv_t
  /// A character whose end has not come.
  private var rest: Bytes = []
  private(set) var replacements = 0

  /// Nil when the C library has no such table.
  init?(_ encoding: TextEncoding) {
    // iconv_open(3) answers (iconv_t)-1 for an encoding it does not know.
    guard let opened = iconv_open("UTF-8", encoding.rawValue), opened != iconv_t(bitPattern: -1) else { return nil }
    handle = opened
  }

  deinit { iconv_close(handle) }

  func decode(_ chunk: Bytes, isLast: Bool) -> Bytes {
    let input = rest + chunk
    rest = []
    var output: Bytes = []
    output.reserveCapacity(input.count * 3 / 2 + 16)
    var position = 0
    while position < input.count {
      let (converted, consumed, isCut) = convert(input, from: position)
      output += converted
      position += consumed
      if position == input.count { break }
      if isCut, !isLast, input.count - position < IconvDecoder.characterBytesMax {
        rest = Bytes(input[position...])
        break
      }
      output += IconvDecoder.replacement
      replacements += 1
      position += 1
    }
    return output
  }

  /// Converts up to the first byte that belongs to no character, or to a cut one.
  private func convert(_ input: Bytes, from start: Int) -> (output: Bytes, consumed: Int, isCut: Bool) {
    // No byte of these encodings becomes more than three: two of UTF-16 become three, an ASCII one stays.
    let size = (input.count - start) * 3
    var consumed = 0
    var isCut = false
    var bytes = Bytes(input[start...])
    let output = Bytes(unsafeUninitializedCapacity: size) { output, count in
      bytes.withUnsafeMutableBytes { input in
        var from = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var fromLeft = input.count
        output.withMemoryRebound(to: CChar.self) { target in
          var to = target.baseAddress
          var toLeft = size
          // iconv(3): (size_t)-1 and `from` at the first byte that was not converted; EINVAL is a character cut at the
          // end of the input, EILSEQ a byte of none.
          let result = iconv(handle, &from, &fromLeft, &to, &toLeft)
          isCut = result == Int(bitPattern: UInt.max) && errno == EINVAL
          consumed = input.count - fromLeft
          count = size - toLeft
        }
      }
    }
    return (output, consumed, isCut)
  }
}
