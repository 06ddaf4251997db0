import Primitives
import Testing

@testable import Catalog

/// Goal: parser, checker and evaluator together mean what the words mean. Method: a generator draws a tree, writes it
/// as source with every second pair of optional brackets left out, and computes the value beside it in the dumbest way,
/// over optionals.
@Suite struct ExpressionLawTests {
  let catalog: Catalog
  let person: Entity

  init() throws {
    catalog = try Catalog.load(text: sample)
    person = try #require(catalog.entity(named: "person"))
  }

  /// A source and its value in a given record; `tight` sources need no brackets anywhere.
  struct Drawn<Result> {
    let source: String
    let value: Result?
    let tight: Bool

    var bracketed: String { tight ? source : "(\(source))" }
  }

  struct Generator {
    var random: SeededRandom
    let numbers: [String: Int64?]
    let flags: [String: Bool?]

    mutating func number(_ depth: Int) -> Drawn<Int64> {
      let names = ["a", "b", "c"]
      switch depth == 0 ? random.below(2) : random.below(6) {
      case 0:
        let name = names[random.below(3)]
        return Drawn(source: name, value: numbers[name] ?? nil, tight: true)
      case 1:
        let value = Int64(random.below(20))
        return Drawn(source: "\(value)", value: value, tight: true)
      case 2: return binary("+", depth) { $0.addingReportingOverflow($1) }
      case 3: return binary("-", depth) { $0.subtractingReportingOverflow($1) }
      case 4: return binary("*", depth) { $0.multipliedReportingOverflow(by: $1) }
      default:
        let condition = truth(depth - 1)
        let (first, second) = (number(depth - 1), number(depth - 1))
        return Drawn(
          source: "if(\(condition.source), \(first.source), \(second.source))",
          value: condition.value == true ? first.value : second.value, tight: true)
      }
    }

    private mutating func binary(
      _ sign: String, _ depth: Int, _ apply: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) -> Drawn<Int64> {
      let (left, right) = (number(depth - 1), number(depth - 1))
      var value: Int64?
      if let first = left.value, let second = right.value {
        let result = apply(first, second)
        value = result.overflow ? nil : result.partialValue
      }
      return Drawn(source: "\(left.bracketed) \(sign) \(right.bracketed)", value: value, tight: false)
    }

    mutating func truth(_ depth: Int) -> Drawn<Bool> {
      switch depth == 0 ? 0 : random.below(7) {
      case 0:
        let name = ["p", "q", "r"][random.below(3)]
        return Drawn(source: name, value: flags[name] ?? nil, tight: true)
      case 1:
        let part = truth(depth - 1)
        return Drawn(source: "not \(part.bracketed)", value: part.value.map { !$0 }, tight: false)
      case 2:
        let parts = (0..<2 + random.below(3)).map { _ in truth(depth - 1) }
        let values = parts.map(\.value)
        return Drawn(
          source: parts.map(\.bracketed).joined(separator: " and "),
          value: values.contains(false) ? false : values.contains(nil) ? nil : true, tight: false)
      case 3:
        let parts = (0..<2 + random.below(3)).map { _ in truth(depth - 1) }
        let values = parts.map(\.value)
        return Drawn(
          source: parts.map(\.bracketed).joined(separator: " or "),
          value: values.contains(true) ? true : values.contains(nil) ? nil : false, tight: false)
      case 4:
        let part = number(depth - 1)
        return Drawn(source: "\(part.bracketed) is null", value: part.value == nil, tight: false)
      case 5:
        let part = number(depth - 1)
        let list = (0..<1 + random.below(4)).map { _ in
          let low = random.below(60) - 30
          return (low, low + random.below(6))
        }
        let text = list.map { $0 == $1 ? "\($0)" : "\($0)..\($1)" }.joined(separator: ", ")
        return Drawn(
          source: "\(part.bracketed) in {\(text)}",
          value: part.value.map { value in list.contains { value >= Int64($0.0) && value <= Int64($0.1) } },
          tight: false)
      default:
        let (left, right) = (number(depth - 1), number(depth - 1))
        let signs: [(String, (Int64, Int64) -> Bool)] = [
          ("=", { $0 == $1 }), ("!=", { $0 != $1 }), ("<", { $0 < $1 }), ("<=", { $0 <= $1 }), (">", { $0 > $1 }),
          (">=", { $0 >= $1 }),
        ]
        let (sign, holds) = signs[random.below(6)]
        var value: Bool?
        if let first = left.value, let second = right.value { value = holds(first, second) }
        return Drawn(source: "\(left.bracketed) \(sign) \(right.bracketed)", value: value, tight: false)
      }
    }
  }

  @Test("law: 4,000 random expressions mean what a dumb twin says", arguments: [1, 2, 3, 4] as [UInt64])
  func twin(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var unknown = 0
    for round in 0..<1000 {
      let numbers: [String: Int64?] = ["a": draw(&random), "b": draw(&random), "c": nil]
      let flags: [String: Bool?] = ["p": true, "q": false, "r": nil]
      var fields = Fields()
      for name in ["a", "b", "c"] {
        if let value = numbers[name] ?? nil { fields.values[try #require(person.item(named: name)).id] = .int(value) }
      }
      fields.values[try #require(person.item(named: "p")).id] = .bool(true)
      fields.values[try #require(person.item(named: "q")).id] = .bool(false)
      var generator = Generator(random: random.stream("\(round)"), numbers: numbers, flags: flags)
      let drawn = generator.truth(4)
      let checked = try catalog.check(
        expression: drawn.source, on: person, expecting: .bool,
        limits: ExpressionLimits(sourceBytes: 1 << 20, listValues: 10))
      if drawn.value == nil { unknown += 1 }
      #expect(checked.truth(fields, today: today) == drawn.value, "\(drawn.source)")
      #expect(checked.evaluate(fields, today: today) == drawn.value.map(Value.bool) ?? .null)
      _ = random.next()
    }
    #expect(unknown > 50 && unknown < 950)
  }

  private func draw(_ random: inout SeededRandom) -> Int64 {
    random.chance(permille: 100) ? Int64(bitPattern: random.next()) : Int64(random.below(60)) - 30
  }
}
