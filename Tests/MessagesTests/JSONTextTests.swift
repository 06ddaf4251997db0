import Foundation
import Messages
import Primitives
import Testing

@Suite struct JSONTextTests {
  @Test("json: commas and nesting")
  func nesting() {
    var json = JSONText()
    json.object { json in
      json.member("a", int: -1)
      json.key("b")
      json.array { json in
        json.array { _ in }
        json.object { _ in }
        json.bool(true)
        json.null()
        json.number("12.340")
        json.double(0.1)
        json.double(.infinity)
      }
      json.member("c", string: "x")
    }
    #expect(json.text == #"{"a":-1,"b":[[],{},true,null,12.340,0.1,null],"c":"x"}"#)
  }

  @Test("json: lines are texts of their own")
  func lines() {
    var json = JSONText()
    for number in 1...2 {
      json.object { $0.member("n", int: number) }
      json.endLine()
    }
    #expect(json.text == "{\"n\":1}\n{\"n\":2}\n")
  }

  @Test(
    "json: what is a number and what is not",
    arguments: [
      ("0", true), ("-0", true), ("12", true), ("-1.50", true), ("1e9", true), ("1.5E-3", true), ("", false),
      ("-", false),
      ("01", false), ("1.", false), (".5", false), ("+1", false), ("1e", false), ("１", false), ("NaN", false),
      ("1 ", false),
    ])
  func numbers(digits: String, expected: Bool) { #expect(JSONText.isNumber(digits) == expected) }

  @Test("json: any text survives a foreign parser (2,000 random strings of hostile scalars)")
  func escapes() throws {
    var random = SeededRandom(seed: 11)
    let scalars: [UInt32] = [
      0, 1, 8, 9, 10, 12, 13, 31, 34, 39, 47, 92, 127, 133, 0x2028, 0x2029, 0xFEFF, 0x4E2D, 0x2CB6C, 0x1F600,
    ]
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<random.below(12) {
        guard let scalar = Unicode.Scalar(scalars[random.below(scalars.count)]) else { continue }
        text.unicodeScalars.append(scalar)
      }
      var json = JSONText()
      json.array { $0.string(text) }
      let parsed = try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String]
      #expect(parsed?.first.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars))
    }
  }
}
