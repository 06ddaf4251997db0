import Primitives
import Testing

@testable import Catalog

@Suite struct ExpressionErrorTests {
  let catalog: Catalog
  let person: Entity

  init() throws {
    catalog = try Catalog.load(text: sample)
    person = try #require(catalog.entity(named: "person"))
  }

  func refusal(_ source: String, _ type: ExpressionType? = nil) -> ExpressionError? {
    do {
      _ = try catalog.check(expression: source, on: person, expecting: type)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "errors: the offset points at the fault (source, offset)",
    arguments: [
      ("", 0), ("a >", 3), ("a > 1 b", 6), ("(a > 1", 6), ("nothing > 1", 0), ("a = 'x'", 4), ("a = null", 2),
      ("colour = 1", 9), ("colour = '3'", 9), ("colour in {'1', '7'}", 16), ("colour in {1}", 11), ("a in {'1'}", 6),
      ("a in {9..1}", 6), ("a and p", 0), ("p and", 5), ("birth + 1", 8), ("birth > 1y", 8), ("birth = 1982-02-30", 8),
      ("card + 1", 0), ("p < q", 2), ("friends = friends", 10), ("len(a)", 4), ("len()", 0), ("len(card, card)", 0),
      ("nofunction(1)", 0), ("starts_with(colour, '3')", 20), ("contains(card, card)", 15), ("round(money, 9)", 13),
      ("round(a, 1)", 6), ("card under '033'", 0), ("home under 'x'", 0), ("home under 1", 11), ("'open", 0),
      ("a = 12abc", 4), ("a = 99999999999999999999", 4), ("a = #", 4), ("a < b < c", 6), ("a = 1.2.3", 7),
      ("study.level.deeper", 0), ("boss.card", 0), ("home.nothing", 0), ("friends.card", 0), ("card = '中' and 色", 17),
      ("a..b", 1), ("money * money * rate * rate * rate * rate", 28), ("if(p, a, card)", 9), ("if(a, a, a)", 3),
      ("friend = home", 9), ("null in {1}", 0), ("in {1}", 0), ("birth in {'2005-01-01'}", 10), ("-card", 1),
    ])
  func offsets(source: String, offset: Int) throws {
    let error = try #require(refusal(source), "\(source) was accepted")
    #expect(error.offset == offset, "\(source): \(error)")
    #expect(!error.message.zh.isEmpty && !error.message.en.isEmpty)
  }

  @Test("errors: an unexpected type of the whole is refused; null fits every type")
  func wholeType() {
    #expect(refusal("a + 1", .bool) != nil)
    #expect(refusal("colour", .text) == nil)
    #expect(refusal("money", .decimal(scale: 0)) == nil)
    #expect(refusal("null", .bool) == nil)
  }

  @Test("errors: a slip of the finger gets a suggestion")
  func suggestion() { #expect(refusal("bitrh > today")?.message.en.contains("did you mean birth?") == true) }

  @Test(
    "errors: hostile nesting is refused, not overflowed (opening, closing)",
    arguments: [
      ("(", ")"), ("not ", ""), ("-", ""), ("len(", ")"), ("if(p, a, ", ")"), ("not (", ")"), ("coalesce(a, ", ")"),
    ])
  func nesting(opening: String, closing: String) throws {
    let count = 16_000 / (opening.utf8.count + closing.utf8.count)
    let source = String(repeating: opening, count: count) + "a" + String(repeating: closing, count: count)
    #expect(try #require(refusal(source)).message.en.contains("nested"))
  }

  @Test("errors: a chain that would grow a deep tree is refused, a wide one is not")
  func chains() throws {
    let sum = Array(repeating: "a", count: 4000).joined(separator: "+")
    #expect(try #require(refusal(sum)).message.en.contains("nested"))
    let product = Array(repeating: "a", count: 4000).joined(separator: "*")
    #expect(try #require(refusal(product)).message.en.contains("nested"))
    #expect(refusal(Array(repeating: "a+a+a", count: 20).joined(separator: "+")) == nil)
    #expect(refusal(Array(repeating: "p", count: 2000).joined(separator: " and ")) == nil)
    #expect(refusal(Array(repeating: "p", count: 2000).joined(separator: " or ")) == nil)
  }

  @Test("errors: sources and lists have limits; a larger limit is for programs")
  func limits() throws {
    #expect(try #require(refusal("a = 1" + String(repeating: " ", count: 16 << 10))).message.en.contains("16384"))
    let numbers = (0..<10_001).map(String.init)
    let tooLong = "a in {" + numbers.joined(separator: ",") + "}"
    let fits = "a in {" + numbers.dropLast().joined(separator: ",") + "}"
    let large = ExpressionLimits(sourceBytes: 1 << 20, listValues: 10_000)
    #expect(throws: ExpressionError.self) {
      try catalog.check(expression: tooLong, on: person, expecting: .bool, limits: large)
    }
    let checked = try catalog.check(expression: fits, on: person, expecting: .bool, limits: large)
    #expect(checked.truth(Fields(person, ["a": .int(9_999)]), today: today) == true)
    #expect(checked.truth(Fields(person, ["a": .int(10_000)]), today: today) == false)
  }

  @Test("errors: 20,000 random token soups are accepted or refused, never trapped on")
  func soup() {
    let words = [
      "a", "b", "money", "birth", "card", "p", "colour", "friends", "age", "and", "or", "not", "in", "is", "null",
      "under",
      "implies", "(", ")", "{", "}", ",", ".", "..", "+", "-", "*", "=", "<", ">=", "1", "0.5", "1y", "30d", "'1'",
      "'中'",
      "2005-09-01", "today", "true", "len", "if", "round", "coalesce", "study", "é", "9223372036854775807",
    ]
    var random = SeededRandom(seed: 4)
    var accepted = 0
    for _ in 0..<20_000 {
      var source = ""
      for _ in 0..<1 + random.below(9) {
        source += words[random.below(words.count)] + (random.chance(permille: 800) ? " " : "")
      }
      guard let checked = try? catalog.check(expression: source, on: person, expecting: nil) else { continue }
      accepted += 1
      _ = checked.evaluate(Fields(person, ["a": .int(.max), "p": .bool(true), "card": .string("1")]), today: today)
    }
    #expect(accepted > 200)
  }
}
