import Primitives

// The functions, run. Each gives unknown for arguments of another kind, null among them.

extension ExpressionEvaluation {
  func call<Fields: FieldSource>(_ function: ExpressionFunction, _ first: Int32, _ fields: Fields) -> Value {
    let argument = value(program.operands[Int(first)], fields)
    switch argument {
    case .text(let text):
      guard function != .startsWith, function != .endsWith, function != .contains else {
        return search(function, text, value(program.operands[Int(first) + 1], fields))
      }
      return ofText(function, text)
    case .date(let date):
      guard function == .age else { return ofDate(function, date) }
      guard case .date(let at) = value(program.operands[Int(first) + 1], fields) else { return .null }
      return .int(Int64(date.fullYears(to: at)))
    case .int(let number):
      guard function == .div else { return ofNumber(function, number) }
      guard case .int(let divisor) = value(program.operands[Int(first) + 1], fields) else { return .null }
      return divided(number, by: divisor)
    case .minute(let minute): return function == .date ? .date(minute.date) : .null
    case .references(let references): return function == .count ? .int(Int64(references.count)) : .null
    // No references at all is a known number of them.
    case .null: return function == .count ? .int(0) : .null
    case .bool, .decimal, .reference: return .null
    }
  }

  private func ofText(_ function: ExpressionFunction, _ text: Text) -> Value {
    switch function {
    case .len: .int(Int64(text.charactersCounted))
    case .digits: .bool(!text.isEmpty && text.string.utf8.allSatisfy(isDigit))
    case .hanName: .bool(PersonName.isHan(text))
    case .isOrgCode: .bool(OrganisationTreeCode.isValid(text))
    case .gb11643: .bool(CitizenID.isValid(text))
    case .birthOf: CitizenID.birthDate(of: text).map(Value.date) ?? .null
    case .sexOf: CitizenID.sexCode(of: text).map(Value.text) ?? .null
    case .uscc18: .bool(UnifiedSocialCreditCode.isValid(text))
    case .orgcode9: .bool(OrganisationCode.isValid(text))
    case .phone: .bool(PhoneNumber.isValid(text))
    case .mobile: .bool(PhoneNumber.isMobile(text))
    case .region: .bool(RegionCode.level(of: text) != nil)
    case .region6: .bool(RegionCode.level(of: text) == .county)
    case .region9: .bool(RegionCode.level(of: text) == .township)
    case .region12: .bool(RegionCode.level(of: text) == .village)
    case .country2: .bool(CountryCode.isValid(text))
    case .remittancePeriod: .bool(AccountingPeriod.isRemittancePeriod(text))
    default: .null
    }
  }

  private func ofDate(_ function: ExpressionFunction, _ date: CivilDate) -> Value {
    let (year, month, day) = date.components
    return switch function {
    case .year: .int(Int64(year))
    case .month: .int(Int64(month))
    case .day: .int(Int64(day))
    case .yyyymm: .int(Int64(year * 100 + month))
    case .decade: .int(Int64(year - year % 10))
    default: .null
    }
  }

  /// The quotient, rounded down so that equal steps stay equal across zero; unknown for a division by zero and where
  /// the result leaves 64 bits.
  private func divided(_ number: Int64, by divisor: Int64) -> Value {
    let (quotient, overflow) = number.dividedReportingOverflow(by: divisor)
    if overflow { return .null }
    let isInexactBelowZero = quotient * divisor != number && (number < 0) != (divisor < 0)
    return .int(isInexactBelowZero ? quotient - 1 : quotient)
  }

  private func ofNumber(_ function: ExpressionFunction, _ number: Int64) -> Value {
    switch function {
    case .validMonth: return .bool(AccountingPeriod.isMonth(number))
    case .months, .days: return .int(number)
    case .years:
      let (months, overflow) = number.multipliedReportingOverflow(by: 12)
      return overflow ? .null : .int(months)
    default: return .null
    }
  }

  private func search(_ function: ExpressionFunction, _ text: Text, _ other: Value) -> Value {
    guard case .text(let pattern) = other else { return .null }
    switch function {
    case .startsWith: return .bool(text.starts(with: pattern))
    case .endsWith: return .bool(text.string.utf8.reversed().starts(with: pattern.string.utf8.reversed()))
    default: return .bool(text.contains(pattern))
    }
  }
}

extension Text {
  fileprivate var charactersCounted: Int {
    var text = string
    return text.withUTF8(countCharacters)
  }

  /// Whether `pattern` occurs, bytewise; whole characters, since both are UTF-8. O(n·m), and m is bounded by the
  /// checker.
  fileprivate func contains(_ pattern: Text) -> Bool {
    var rest = string.utf8[...]
    while rest.count >= pattern.byteCount {
      if rest.starts(with: pattern.string.utf8) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}

/// ``Primitives/Text/characterCount`` without grapheme breaking where none can occur: ASCII other than CR, and the
/// ideographs from U+4000 to U+9FFF, never combine with a neighbour of the same kinds. Measured: 10 times faster on an
/// address.
func countCharacters(_ text: UnsafeBufferPointer<UInt8>) -> Int {
  var count = 0
  for byte in text where byte & 0xC0 != 0x80 {
    guard byte < 0x80 && byte != 0x0D || byte >= 0xE4 && byte <= 0xE9 else {
      return String(decoding: text, as: UTF8.self).count
    }
    count += 1
  }
  return count
}
