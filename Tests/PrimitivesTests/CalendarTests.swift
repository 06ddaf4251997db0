import Primitives
import Testing

@Suite struct CalendarTests {
  @Test("calendar: every day of 400 years survives days → components → days")
  func everyDay() throws {
    var expected = try #require(CivilDate(year: 1800, month: 1, day: 1)).days
    for year in 1800..<2200 {
      for month in 1...12 {
        for day in 1...CivilDate.daysIn(month: month, year: year) {
          let date = try #require(CivilDate(year: year, month: month, day: day))
          #expect(date.days == expected)
          #expect(date.components == (year, month, day))
          expected += 1
        }
      }
    }
    #expect(CivilDate(year: 1970, month: 1, day: 1)?.days == 0)
  }

  @Test(
    "calendar: days that do not exist are refused",
    arguments: ["2026-02-30", "1900-02-29", "2005-13-01", "2005-00-10", "0000-01-01", "2005-1-1", "２005-01-01", ""])
  func impossible(text: String) { #expect(CivilDate(iso: text) == nil) }

  @Test("calendar: month arithmetic clamps to the month's end")
  func clamps() {
    let from = CivilDate(iso: "2004-01-31")
    #expect(from?.adding(months: 1).description == "2004-02-29")
    #expect(from?.adding(months: 13).description == "2005-02-28")
    #expect(from?.adding(months: -2).description == "2003-11-30")
    #expect(CivilDate(iso: "2004-02-29")?.adding(years: 1).description == "2005-02-28")
  }

  @Test("calendar: an age changes on the birthday, not before")
  func age() throws {
    let born = try #require(CivilDate(iso: "1988-02-29"))
    #expect(born.fullYears(to: try #require(CivilDate(iso: "2006-02-28"))) == 17)
    #expect(born.fullYears(to: try #require(CivilDate(iso: "2006-03-01"))) == 18)
  }

  @Test("calendar: a minute survives its text")
  func minute() throws {
    let minute = try #require(CivilMinute(iso: "1969-12-31 23:59"))
    #expect(minute.minutes == -1)
    #expect(minute.description == "1969-12-31 23:59")
    #expect(CivilMinute(iso: "2005-09-01 24:00") == nil)
  }
}
