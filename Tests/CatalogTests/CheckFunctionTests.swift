import Primitives
import Testing

@testable import Catalog

@Suite struct CheckFunctionTests {
  @Test("checks: the test number of GB 11643 is valid and tells birth and sex")
  func standardNumber() {
    #expect(CitizenID.isValid("11010519491231002X"))
    #expect(CitizenID.checkDigit(of: "11010519491231002") == "X")
    #expect(CitizenID.birthDate(of: "11010519491231002X") == CivilDate(year: 1949, month: 12, day: 31))
    #expect(CitizenID.sexCode(of: "11010519491231002X") == "2")
  }

  @Test(
    "checks: malformed citizen numbers are refused",
    arguments: [
      "110105194912310021", "11010519491231002x", "1101051949123100", "11010519491231002XX", "", "00010519491231002X",
      "110105194913310029", "110105190002290022", "１1010519491231002X", "11010519491231 02X", "1101051949123100２X",
    ])
  func malformed(number: String) {
    #expect(!CitizenID.isValid(Text(number)))
    #expect(CitizenID.birthDate(of: Text(number)) == nil)
    #expect(CitizenID.sexCode(of: Text(number)) == nil)
  }

  @Test("checks: 2,000 generated citizen numbers are valid, and no single wrong digit stays unnoticed")
  func everySlip() throws {
    var random = SeededRandom(seed: 11643)
    for _ in 0..<2000 {
      let born = CivilDate(days: Int32(random.below(30_000)) - 15_000)
      let (year, month, day) = born.components
      let body =
        "3302\(String(10 + random.below(80)))" + digits(year, 4) + digits(month, 2) + digits(day, 2)
        + digits(random.below(1000), 3)
      let number = body + String(try #require(CitizenID.checkDigit(of: body)))
      #expect(CitizenID.isValid(Text(number)))
      #expect(CitizenID.birthDate(of: Text(number)) == born)
      var slipped = Bytes(number.utf8)
      let position = random.below(17)
      slipped[position] = 0x30 + (slipped[position] - 0x30 + 1 + UInt8(random.below(9))) % 10
      #expect(!CitizenID.isValid(Text(String(decoding: slipped, as: UTF8.self))))
    }
  }

  @Test("checks: a number of 15 digits becomes one of 18 with the same birth date")
  func upgrade() {
    #expect(CitizenID.upgraded(fifteen: "110105491231002") == "11010519491231002X")
    #expect(CitizenID.upgraded(fifteen: "110105491331002") == nil)
    #expect(CitizenID.upgraded(fifteen: "11010549123100X") == nil)
    #expect(CitizenID.upgraded(fifteen: "1101054912310022") == nil)
    #expect(CitizenID.upgraded(fifteen: "990105491231002") == nil)
  }

  @Test(
    "checks: published unified social credit codes are valid",
    arguments: ["9144030071526726XG", "91330100799655058B", "91350100M000100Y43"])
  func creditCode(code: String) {
    #expect(UnifiedSocialCreditCode.isValid(Text(code)))
    #expect(UnifiedSocialCreditCode.checkDigit(of: String(code.dropLast())) == code.last)
  }

  @Test(
    "checks: malformed unified social credit codes are refused",
    arguments: [
      "9144030071526726XH", "9144030071526726X", "914403007I526726XG", "91440A0071526726XG", "", "9144030071526726xg",
    ])
  func malformedCreditCode(code: String) { #expect(!UnifiedSocialCreditCode.isValid(Text(code))) }

  @Test("checks: the example of GB 11714 is valid, with its hyphen and its own check character only")
  func organisationCode() {
    #expect(OrganisationCode.isValid("D2143569-X"))
    #expect(OrganisationCode.isValid("71526726-X"))
    #expect(OrganisationCode.checkDigit(of: "D2143569") == "X")
    for code in ["D2143569X", "D2143569-1", "d2143569-X", "D2143569-XX", ""] {
      #expect(!OrganisationCode.isValid(Text(code)))
    }
    #expect(OrganisationCode.checkDigit(of: "D214356") == nil)
  }

  @Test("checks: phones are mobile numbers or landlines with area code")
  func phones() {
    for phone in ["13812345678", "19900000000", "0574-87654321", "057487654321", "010-12345678", "0574-8765432"] {
      #expect(PhoneNumber.isValid(Text(phone)), "\(phone)")
    }
    for phone in [
      "12812345678", "1381234567", "87654321", "0574--87654321", "0574-876543210", "+8613812345678", "05-7487654", "",
    ] {
      #expect(!PhoneNumber.isValid(Text(phone)), "\(phone)")
    }
    #expect(!PhoneNumber.isMobile("057487654321"))
  }

  @Test("checks: regions have 6, 9 or 12 digits and a province")
  func regions() {
    #expect(RegionCode.level(of: "330203") == .county)
    #expect(RegionCode.level(of: "330203002") == .township)
    #expect(RegionCode.level(of: "330203002001") == .village)
    for code in ["3302", "990203", "33020a", "3302030", ""] { #expect(RegionCode.level(of: Text(code)) == nil) }
  }

  @Test("checks: countries are the 249 assigned codes")
  func countries() {
    var count = 0
    for first in UInt8(0x41)...0x5A {
      for second in UInt8(0x41)...0x5A {
        if CountryCode.isValid(Text(String(decoding: [first, second], as: UTF8.self))) { count += 1 }
      }
    }
    #expect(count == 249)
    for code in ["CN", "JP", "US", "DE", "MO"] { #expect(CountryCode.isValid(Text(code))) }
    for code in ["XX", "cn", "CHN", "C", "UK"] { #expect(!CountryCode.isValid(Text(code))) }
  }

  @Test("checks: periods and organisation codes")
  func periods() {
    for period in ["200509", "2005Q4", "2005H2"] { #expect(AccountingPeriod.isRemittancePeriod(Text(period))) }
    for period in ["200513", "2005Q5", "2005H0", "2005", "2005-09", "20059x", ""] {
      #expect(!AccountingPeriod.isRemittancePeriod(Text(period)))
    }
    for code in ["033", "033001002003004005006"] { #expect(OrganisationTreeCode.isValid(Text(code))) }
    for code in ["", "03", "0330", "033001002003004005006007", "03a"] {
      #expect(!OrganisationTreeCode.isValid(Text(code)))
    }
  }

  private func digits(_ number: Int, _ width: Int) -> String {
    String(repeating: "0", count: width - String(number).count) + String(number)
  }
}
