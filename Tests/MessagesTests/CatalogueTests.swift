import Messages
import Testing

/// The catalogue is held together by the compiler (both languages, every code) and by these laws over all codes.
@Suite struct CatalogueTests {
  @Test("catalogue: every code has the form XYL-<area>-nnnn and is used once")
  func pattern() {
    var seen: [String] = []
    let areas = ["CFG", "STO", "NOD", "LNK", "IMP", "QRY", "API", "CLI", "VER", "ACC", "CAT", "RPT"]
    for code in ErrorCode.allCases {
      let parts = code.rawValue.split(separator: "-", omittingEmptySubsequences: false)
      #expect(parts.count == 3 && parts[0] == "XYL" && parts[2].utf8.count == 4, "\(code.rawValue)")
      #expect(areas.contains(String(parts[1])), "\(code.rawValue)")
      #expect(parts[2].allSatisfy { $0.isASCII && $0.isNumber } && parts[2] != "0000", "\(code.rawValue)")
      #expect(!seen.contains(code.rawValue), "\(code.rawValue) is used twice")
      seen.append(code.rawValue)
    }
    #expect(seen.count >= 100)
  }

  @Test("catalogue: both languages of a text have the same fields", arguments: ErrorCode.allCases)
  func sameFields(code: ErrorCode) {
    let message = code.message
    for phrase in [message.title, message.what, message.place, message.why, message.remedy] {
      guard let phrase else { continue }
      #expect(namesInBraces(phrase.zh).sorted() == namesInBraces(phrase.en).sorted(), "\(code.rawValue): \(phrase)")
    }
    #expect(namesInBraces(message.title.en).isEmpty, "a title stands alone: \(code.rawValue)")
  }

  @Test(
    "catalogue: Chinese is Chinese, English is English, no sentence ends in a full stop", arguments: ErrorCode.allCases)
  func languages(code: ErrorCode) {
    let message = code.message
    for phrase in [message.title, message.what, message.remedy] {
      #expect(phrase.zh.unicodeScalars.contains(where: isHan), "\(code.rawValue): \(phrase.zh)")
      #expect(!phrase.en.unicodeScalars.contains(where: isHan) || phrase.en.contains("是"), "\(code.rawValue)")
      #expect(phrase.en.first?.isUppercase == true || phrase.en.hasPrefix("{") || phrase.en.hasPrefix("“"))
    }
    for phrase in [message.title, message.what, message.place, message.why, message.remedy] {
      guard let phrase else { continue }
      #expect(!phrase.zh.isEmpty && !phrase.en.isEmpty, "\(code.rawValue)")
      #expect(!phrase.zh.hasSuffix("。") && !phrase.en.hasSuffix("."), "\(code.rawValue): \(phrase)")
    }
  }

  @Test("catalogue: exit status and HTTP status do not contradict each other", arguments: ErrorCode.allCases)
  func statuses(code: ErrorCode) {
    let message = code.message
    #expect((400...599).contains(message.httpStatus), "\(code.rawValue)")
    #expect(message.exit != .done, "a failure does not exit with 0: \(code.rawValue)")
    // A file or body that carries a bad value is 422 or 409 whatever the exit; the rest must agree.
    switch message.httpStatus {
    case 404, 410: #expect(message.exit == .notFound, "\(code.rawValue)")
    case 401: #expect(message.exit == .notAllowed, "\(code.rawValue)")
    case 429, 504: #expect(message.exit == .temporary, "\(code.rawValue)")
    case 413, 507: #expect(message.exit == .limit, "\(code.rawValue)")
    case 400, 405, 415: #expect(message.exit == .usage || message.exit == .limit, "\(code.rawValue)")
    default: break
    }
  }

  @Test("catalogue: codes keep their meaning for life; a new one is added to this list, none is taken away")
  func frozen() {
    let now = ErrorCode.allCases.map { "\($0.rawValue) \($0)" }
    let then = frozenCodes.split(separator: "\n").map(String.init)
    #expect(now == then, "changed: \(now.filter { !then.contains($0) }) gone: \(then.filter { !now.contains($0) })")
  }

  @Test("catalogue: exit statuses are the ones in the manual")
  func exitStatuses() {
    #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 64])
    #expect(ExitStatus.temporary.meaning[.zh] == "暂时失败，可稍后重试")
    #expect(ExitStatus.temporary.meaning[.en] == "temporary, try again later")
  }
}

/// A second, dumber reading of `{name}` than the catalogue's own, repetitions kept.
private func namesInBraces(_ text: String) -> [String] {
  text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
    part.firstIndex(of: "}").map { String(part[..<$0]) }
  }
}

private func isHan(_ scalar: Unicode.Scalar) -> Bool { (0x4E00...0x9FFF).contains(scalar.value) }
