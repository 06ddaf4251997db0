import CCrypto
import Foundation
import Messages
import Primitives
import SQLSurface

/// What came of a file.
struct TestOutcome {
  var passed = 0
  /// `FILE:LINE: why`
  var failed: [String] = []
  /// Reason → how many.
  var skipped: [String: Int] = [:]
  var skippedCount: Int { skipped.values.reduce(0, +) }
  var count: Int { passed + failed.count + skippedCount }
}

/// Plays a file against a node of its own. Every question goes through the virtual tables: there are no others.
func play(_ file: TestFile) async throws -> TestOutcome {
  let world = try await TestWorld(file)
  var outcome = TestOutcome()
  var labelled: [String: String] = [:]
  for record in file.records {
    do {
      switch record.kind {
      case .statement(let isOK): try await play(record, isOK, world)
      case .query(let types, let sort, let label, let expected):
        let values = shown(try await rows(record.sql, expected, world), types, sort)
        let found = expected.map { isHash($0) ? [hashed(values)] : values } ?? values
        if let expected, found != expected {
          throw Unexpected(text: "expected \(expected.prefix(8)), found \(found.prefix(8))")
        }
        if let label {
          let hash = md5(values)
          guard labelled.updateValue(hash, forKey: label) ?? hash == hash else {
            throw Unexpected(text: "another answer than under the same label before")
          }
        }
      }
      outcome.passed += 1
    } catch let reason as NotPlayed {
      outcome.skipped[reason.reason, default: 0] += 1
    } catch let failure as Failure {
      outcome.failed.append("\(file.name):\(record.line): \(failure.text(.en).what)")
    } catch let unexpected as Unexpected {
      outcome.failed.append("\(file.name):\(record.line): \(unexpected.text)")
    }
  }
  try await world.end()
  return outcome
}

private struct Unexpected: Error {
  let text: String
}

private func play(_ record: TestFile.Record, _ isOK: Bool, _ world: TestWorld) async throws {
  do {
    // A statement that only reads is a question without an expected answer.
    if record.sql.lowercased().hasPrefix("select") {
      _ = try await world.query(record.sql)
    } else {
      try await world.play(record.sql)
    }
  } catch let failure as Failure {
    if isOK { throw failure }
    return
  }
  guard isOK else { throw Unexpected(text: "it should have been refused") }
}

/// Values as the files write them, sorted as they ask.
private func shown(_ rows: [[SQLValue]], _ types: String, _ sort: String) -> [String] {
  let types = Array(types)
  var shown = rows.map { row in
    row.enumerated().map { place, value in text(value, place < types.count ? types[place] : "T") }
  }
  switch sort {
  case "rowsort":
    shown.sort { left, right in
      for (first, second) in zip(left, right) where first != second {
        return first.utf8.lexicographicallyPrecedes(second.utf8)
      }
      return false
    }
  case "valuesort":
    return shown.flatMap { $0 }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  default: break
  }
  return shown.flatMap { $0 }
}

private func text(_ value: SQLValue, _ type: Character) -> String {
  switch (type, value) {
  case (_, .null): return "NULL"
  case ("I", .integer(let number)): return "\(number)"
  case ("I", .real(let number)): return String(format: "%.0f", number.rounded(.towardZero))
  case ("I", .text(let text)): return "\(leadingInteger(text))"
  case ("R", .integer(let number)): return thousandths(Double(number))
  case ("R", .real(let number)): return thousandths(number)
  case (_, .integer(let number)): return "\(number)"
  case (_, .real(let number)): return "\(number)"
  case (_, .text(let text)):
    if text.isEmpty { return "(empty)" }
    return String(decoding: text.utf8.map { (0x20...0x7E).contains($0) ? $0 : 0x40 }, as: UTF8.self)
  case (_, .blob(let bytes)): return bytes.hex
  }
}

/// What a C program reads as an integer.
private func leadingInteger(_ text: String) -> Int64 {
  let digits = text.prefix { $0.isNumber || $0 == "-" }
  return Int64(digits) ?? 0
}

/// With 16 digits that count, as SQLite prints.
private func thousandths(_ number: Double) -> String {
  guard abs(number) >= 1e16, let exponent = Int(String(format: "%.15e", number).split(separator: "+").last ?? "") else {
    return String(format: "%.3f", number)
  }
  let digits = String(format: "%.15e", number).prefix { $0 != "e" }.filter { $0 != "." }
  return digits + String(repeating: "0", count: max(0, exponent - 15)) + ".000"
}

/// Whether an answer is given by its hash: files do so when it is long.
private func isHash(_ expected: [String]) -> Bool {
  expected.count == 1 && expected[0].contains(" values hashing to ")
}

private func hashed(_ values: [String]) -> String { "\(values.count) values hashing to \(md5(values))" }

/// A question's rows. The player that wrote the files takes a question that fails while it runs for one without rows.
private func rows(_ sql: String, _ expected: [String]?, _ world: TestWorld) async throws(Failure) -> [[SQLValue]] {
  do throws(Failure) { return try await world.query(sql) } catch {
    if error.code == .sqlFailed, expected?.isEmpty ?? false { return [] }
    throw error
  }
}

/// The hash that the files name.
private func md5(_ values: [String]) -> String {
  let bytes = Array(values.map { $0 + "\n" }.joined().utf8)
  var digest = [UInt8](repeating: 0, count: 16)
  var length: UInt32 = 0
  _ = EVP_Digest(bytes, bytes.count, &digest, &length, EVP_md5(), nil)
  return digest.hex
}
