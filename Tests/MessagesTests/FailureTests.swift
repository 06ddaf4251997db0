import Messages
import Testing

@Suite struct FailureTests {
  let unknownKey = Failure(
    .configUnknownKey,
    ["key": "storge.path", "file": "/etc/xylem/xylemd.yaml", "line": "12", "column": "3", "suggestion": "storage.path"])

  @Test("failure: reads in Chinese and in English")
  func lines() {
    #expect(
      unknownKey.text(.en).lines == [
        "error[XYL-CFG-0001]: There is no configuration key “storge.path”",
        "  where: /etc/xylem/xylemd.yaml, line 12, column 3",
        "  why: Did you mean “storage.path”?",
        "  try: Correct the key or remove it",
      ])
    #expect(
      unknownKey.text(.zh).lines == [
        "错误[XYL-CFG-0001]：没有名为“storge.path”的配置项",
        "  位置：/etc/xylem/xylemd.yaml 第 12 行第 3 列",
        "  原因：是否想写“storage.path”？",
        "  处理：改正或删除该项",
      ])
  }

  @Test("failure: a place or a reason that is not known is left out, a missing name is shown as …")
  func incomplete() {
    let text = Failure(.configUnknownKey, ["file": "a.yaml"]).text(.en)
    #expect(text.place == nil)
    #expect(text.why == nil)
    #expect(text.what == "There is no configuration key “…”")
    #expect(text.lines.count == 2)
  }

  @Test("failure: a value that looks like a field is not filled in again")
  func noInjection() {
    let text = Failure(.configUnknownKey, ["key": "{file}", "file": "secret"]).text(.en)
    #expect(text.what == "There is no configuration key “{file}”")
  }

  @Test(
    "failure: every code renders in both languages with all its fields, and leaves no brace",
    arguments: ErrorCode.allCases)
  func complete(code: ErrorCode) {
    let names = code.message.requiredFields + code.message.optionalFields
    let failure = Failure(code, fields: names.map { Failure.Field(name: $0, value: "v") })
    for language in Language.allCases {
      let text = failure.text(language)
      #expect(!text.lines.joined().contains("{") && !text.lines.joined().contains("…"), "\(text.lines)")
      #expect((text.place == nil) == (code.message.place == nil))
      #expect((text.why == nil) == (code.message.why == nil))
    }
  }

  @Test("failure: problem details carry code, exit, status and fields, in English")
  func problem() {
    let failure = Failure(.nodeUnknownOrg, ["org": "033\"001"])
    #expect(
      failure.problemJSON()
        == #"{"type":"urn:xylem:problem:XYL-NOD-0005","title":"Unknown org","status":404,"#
        + #""detail":"There is no org “033\"001”","code":"XYL-NOD-0005","exit":3,"retryable":false,"#
        + #""try":"List the orgs with xylemctl tree","fields":{"org":"033\"001"}}"#)
    #expect(Failure(.nodeStopping).problemJSON().contains(#""exit":5,"retryable":true"#))
  }

  @Test("failure: a field given twice counts once, the first time")
  func twice() {
    let failure = Failure(.nodeUnknownOrg, ["org": "1", "org": "2"])
    #expect(failure.value(of: "org") == "1")
    #expect(failure.problemJSON().contains(#""fields":{"org":"1"}"#))
  }

  @Test("failure: an outer layer adds what it knows")
  func adding() {
    let failure = Failure(.importBadDate, ["value": "2026-02-30"]).adding("row", "57").adding("column", "出生日期")
    #expect(failure.text(.zh).lines[1] == "  位置：第 57 行，“出生日期”列")
    #expect(failure.exitStatus == .problemsFound && failure.exitCode == 2 && failure.httpStatus == 422)
    #expect(!failure.isRetryable)
  }

  @Test("failure: a log line names the code and hides what the user typed")
  func logText() {
    let failure = Failure(.importBadDate, ["value": "张三 1970", "row": "57", "column": "birth"])
    #expect(failure.logText == "XYL-IMP-0015 value=<7 characters> row=57 column=birth")
  }
}

@Suite struct LanguageTests {
  @Test(
    "language: the first variable that is set decides",
    arguments: [
      (["LANG": "zh_CN.UTF-8"], Language.zh), (["LANG": "en_GB.UTF-8"], .en), ([:], .en), (["LANG": "C"], .en),
      (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], .en), (["LC_ALL": "", "LANG": "zh_CN.UTF-8"], .zh),
      (["LC_MESSAGES": "zh_CN", "LANG": "en_US"], .zh), (["XYLEM_LANG": "zh", "LC_ALL": "en_US"], .zh),
      (["XYLEM_LANG": "EN", "LANG": "zh_CN"], .en), (["XYLEM_LANG": "klingon", "LANG": "zh_CN"], .zh),
      (["LANG": "de_DE"], .en),
    ])
  func environment(variables: [String: String], expected: Language) {
    #expect(Language { variables[$0] } == expected)
  }
}
