import Glibc
import Primitives

/// How a node's clerk saves files.
enum FileStyle: Hashable, Sendable {
  case utf8
  case utf8WithMark
  case gb18030

  /// Bytes at the very start of a file.
  var mark: Bytes { self == .utf8WithMark ? [0xEF, 0xBB, 0xBF] : [] }
}

/// Encodes UTF-8 into GB18030 by the C library; every character of Unicode has a place there.
final class GB18030Encoder {
  // SAFETY: opened once and closed in deinit; never leaves this object.
  private let handle: iconv_t

  /// - Requires: the C library has the table; glibc always does.
  init() {
    guard let opened = iconv_open("GB18030", "UTF-8"), opened != iconv_t(bitPattern: -1) else {
      requirementFailed("the C library encodes GB18030")
    }
    handle = opened
  }

  deinit { iconv_close(handle) }

  /// - Requires: `bytes` is valid UTF-8.
  func encode(_ bytes: Bytes) -> Bytes {
    var input = bytes
    let size = bytes.count * 2 + 16
    return Bytes(unsafeUninitializedCapacity: size) { out, count in
      input.withUnsafeMutableBytes { bytes in
        var from = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        var fromLeft = bytes.count
        out.withMemoryRebound(to: CChar.self) { target in
          var to = target.baseAddress
          var toLeft = size
          let result = iconv(handle, &from, &fromLeft, &to, &toLeft)
          require(result != Int(bitPattern: UInt.max) && fromLeft == 0, "valid UTF-8 has a place in GB18030")
          count = size - toLeft
        }
      }
    }
  }
}
