import Primitives

/// How a file's bytes stand for characters.
public enum TextEncoding: String, Hashable, Sendable {
  case utf8 = "UTF-8"
  /// Also reads GBK and GB 2312, its older parts: what Excel writes on a Chinese Windows.
  case gb18030 = "GB18030"
  case utf16LittleEndian = "UTF-16LE"
  case utf16BigEndian = "UTF-16BE"
}

/// Turns bytes of one encoding into UTF-8, chunk by chunk; a character cut by a chunk's end waits for the next.
/// Implemented outside this layer, by a library that has the tables.
public protocol TextDecoder: AnyObject {
  /// The UTF-8 of all characters that are complete by now, with U+FFFD for every byte that belongs to no character.
  ///
  /// - Parameter isLast: nothing follows; a character that is cut is then one that is wrong.
  func decode(_ chunk: Bytes, isLast: Bool) -> Bytes
  /// How many U+FFFD were put in so far.
  var replacements: Int { get }
}

/// Decides from a file's beginning how it is encoded, and gives UTF-8 without a byte order mark from then on.
///
/// A byte order mark decides. Without one a beginning that is valid UTF-8 means UTF-8, one that is wholly GB18030 means
/// GB18030, and any other is refused: text is never guessed. Bytes that fit the encoding no more further on cost their
/// rows only.
struct TextIntake {
  /// How much is looked at.
  static let headBytes = 64 << 10

  enum Outcome {
    /// UTF-8 to be read; may be empty.
    case text(Bytes)
    /// The file is in no encoding we read.
    case refused
  }

  private(set) var encoding: TextEncoding?
  private let makeDecoder: (TextEncoding) -> (any TextDecoder)?
  private var decoder: (any TextDecoder)?
  private var head: Bytes = []

  /// - Parameter makeDecoder: a new decoder, or nil when the encoding is not supported; not asked for UTF-8.
  init(makeDecoder: @escaping (TextEncoding) -> (any TextDecoder)?) { self.makeDecoder = makeDecoder }

  mutating func take(_ chunk: Bytes) -> Outcome {
    guard let encoding else {
      head += chunk
      return head.count < TextIntake.headBytes ? .text([]) : decide(isLast: false)
    }
    if encoding == .utf8 { return .text(chunk) }
    return .text(decoder?.decode(chunk, isLast: false) ?? [])
  }

  mutating func finish() -> Outcome {
    if encoding == nil { return decide(isLast: true) }
    return .text(decoder?.decode([], isLast: true) ?? [])
  }

  private mutating func decide(isLast: Bool) -> Outcome {
    let head = self.head
    self.head = []
    if head.starts(with: [0xEF, 0xBB, 0xBF]) {
      encoding = .utf8
      return .text(Bytes(head.dropFirst(3)))
    }
    if head.starts(with: [0xFF, 0xFE]) { return decode(Bytes(head.dropFirst(2)), .utf16LittleEndian, isLast) }
    if head.starts(with: [0xFE, 0xFF]) { return decode(Bytes(head.dropFirst(2)), .utf16BigEndian, isLast) }
    if TextIntake.isUTF8(head, isWhole: isLast) {
      encoding = .utf8
      return .text(head)
    }
    return decode(head, .gb18030, isLast)
  }

  private mutating func decode(_ head: Bytes, _ encoding: TextEncoding, _ isLast: Bool) -> Outcome {
    guard let decoder = makeDecoder(encoding) else { return .refused }
    let text = decoder.decode(head, isLast: isLast)
    guard decoder.replacements == 0 else { return .refused }
    self.encoding = encoding
    self.decoder = decoder
    return .text(text)
  }

  /// Whether the bytes are UTF-8; unless they are the whole, but for a character cut at the end.
  static func isUTF8(_ head: Bytes, isWhole: Bool) -> Bool {
    for cut in 0...(isWhole ? 0 : min(3, head.count)) {
      if String(validating: head.dropLast(cut), as: UTF8.self) != nil { return true }
    }
    return false
  }
}
