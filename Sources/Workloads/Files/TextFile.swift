import Foundation
import Primitives

/// A text file being written row by row in one node's style; holds at most a chunk in memory.
struct TextFile {
  let path: String
  private let style: FileStyle
  private let handle: FileHandle
  private var chunk: Bytes = []
  /// Physical line on which the next row starts, from 1.
  private(set) var line = 1

  /// Bytes collected before they are written.
  private static let chunkBytes = 1 << 20

  init(path: String, style: FileStyle) throws(WorkloadFileError) {
    self.path = path
    self.style = style
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
    else { throw WorkloadFileError(path: path, reason: "cannot be created") }
    self.handle = handle
    chunk.reserveCapacity(TextFile.chunkBytes + 4096)
    if style.encoding == .utf8WithMark { chunk += [0xEF, 0xBB, 0xBF] }
  }

  /// Appends a row and its line end.
  mutating func append(_ row: Bytes) throws(WorkloadFileError) {
    line += 1
    for byte in row where byte == 0x0A { line += 1 }
    if style.encoding == .gb18030 { GB18030Encoder.append(row, to: &chunk) } else { chunk += row }
    if style.endsInCarriageReturn { chunk.append(0x0D) }
    chunk.append(0x0A)
    if chunk.count >= TextFile.chunkBytes { try flush() }
  }

  private mutating func flush() throws(WorkloadFileError) {
    do {
      try handle.write(contentsOf: chunk)
    } catch {
      throw WorkloadFileError(path: path, reason: "cannot be written: \(error)")
    }
    chunk.removeAll(keepingCapacity: true)
  }

  consuming func close() throws(WorkloadFileError) {
    try flush()
    do {
      try handle.close()
    } catch {
      throw WorkloadFileError(path: path, reason: "cannot be closed: \(error)")
    }
  }
}

/// A file of a data set that the disk refused. Make room or choose another directory and write the whole set again.
public struct WorkloadFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: String
  public var description: String { "\(path) \(reason)" }
}

/// Turns UTF-8 into GB 18030.
enum GB18030Encoder {
  /// By scalar of the basic plane: its two bytes, 0 where the form is longer. A fifth of a second, once a process.
  private static let forms: [UInt16] = {
    // CFStringConvertEncodingToNSStringEncoding(kCFStringEncodingGB_18030_2000), which Foundation on Linux names
    // nowhere.
    let encoding = String.Encoding(rawValue: 0x8000_0632)
    var forms = [UInt16](repeating: 0, count: 1 << 16)
    for value in 0x80..<(1 << 16) {
      guard let scalar = Unicode.Scalar(UInt32(value)), let data = String(scalar).data(using: encoding),
        data.count == 2,
        let first = data.first, let last = data.last
      else { continue }
      forms[value] = UInt16(first) << 8 | UInt16(last)
    }
    return forms
  }()

  /// - Requires: `text` is UTF-8, and every character beyond ASCII has a form of two bytes.
  static func append(_ text: Bytes, to output: inout Bytes) {
    let forms = forms
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        output.append(byte)
        index += 1
        continue
      }
      require(byte & 0xF0 == 0xE0 && index + 2 < text.count, "byte \(byte) does not begin a Chinese character")
      let scalar = Int(byte & 0x0F) << 12 | Int(text[index + 1] & 0x3F) << 6 | Int(text[index + 2] & 0x3F)
      require(forms[scalar] != 0, "U+\(String(scalar, radix: 16)) has no form of two bytes in GB 18030")
      output.append(UInt8(forms[scalar] >> 8))
      output.append(UInt8(forms[scalar] & 0xFF))
      index += 3
    }
  }
}
