import CZstd
import Primitives

/// What encoder and decoder of frames know beforehand: byte strings for zstd and characters of names, under a number
/// that frame headers name. A dictionary never changes once published; a better one gets the next number.
public final class FrameDictionary: @unchecked Sendable {
  // SAFETY: the pointer is made once, never freed, and zstd only reads what it points to (a digested dictionary may
  // serve several contexts at the same time); the rest is immutable values.
  let content: Bytes
  let decompressing: OpaquePointer
  /// What frame headers say; 0 stands for no dictionary.
  public let id: UInt32
  let firstCharacters: Characters
  let laterCharacters: Characters

  /// Characters by number, and numbers by character of the basic plane.
  struct Characters: Sendable {
    let scalars: [UInt32]
    private let numbers: [UInt16]

    init(_ text: String) {
      let scalars = text.unicodeScalars.map(\.value)
      var numbers = [UInt16](repeating: .max, count: 0x1_0000)
      for (number, scalar) in scalars.enumerated() where scalar < 0x1_0000 { numbers[Int(scalar)] = UInt16(number) }
      self.scalars = scalars
      self.numbers = numbers
    }

    @inline(__always)
    func number(of scalar: UInt32) -> Int? {
      guard scalar < 0x1_0000, numbers[Int(scalar)] != .max else { return nil }
      return Int(numbers[Int(scalar)])
    }
  }

  init(id: UInt32, content: Bytes, firstCharacters: String, laterCharacters: String) {
    // NULL only when memory is exhausted: any bytes are a dictionary.
    guard let decompressing = ZSTD_createDDict(content, content.count) else {
      requirementFailed("memory for dictionary \(id)")
    }
    self.id = id
    self.content = content
    self.decompressing = decompressing
    self.firstCharacters = Characters(firstCharacters)
    self.laterCharacters = Characters(laterCharacters)
  }

  /// Every dictionary that this release has.
  private static let known = [one]
  /// The one that new frames are made with.
  public static let current = one

  /// The dictionary with a number from a frame header; nil for one that a later release brought.
  public static func known(_ id: UInt32) -> FrameDictionary? { known.first { $0.id == id } }
}
