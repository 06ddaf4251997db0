import Console
import Messages
import Synchronization
import Testing

/// A clock that stands still until told.
private final class HandClock: Sendable {
  private let time = Mutex<Duration>(.zero)
  var now: Duration { time.withLock { $0 } }
  func advance(_ by: Duration) { time.withLock { $0 += by } }
}

private struct Bench {
  let data: MemorySink
  let talk: MemorySink
  let clock = HandClock()
  let output: Output

  init(dataIsTerminal: Bool = false, talkIsTerminal: Bool = false, language: Language = .en, isQuiet: Bool = false) {
    data = MemorySink(isTerminal: dataIsTerminal, width: dataIsTerminal ? 60 : nil)
    talk = MemorySink(isTerminal: talkIsTerminal, width: talkIsTerminal ? 70 : nil)
    let clock = clock
    output = Output(data: data, talk: talk, language: language, isQuiet: isQuiet, now: { clock.now })
  }
}

@Suite struct OutputTests {
  @Test("output: data and talk never mix")
  func separate() throws {
    let bench = Bench()
    try bench.output.data("1,2\n")
    bench.output.say("reading …")
    bench.output.warn("slow")
    bench.output.report(Failure(.nodeStopping))
    #expect(bench.data.text == "1,2\n")
    #expect(
      bench.talk.text
        == "reading …\nwarning: slow\nerror[XYL-NOD-0003]: The node is stopping and takes no more requests\n"
        + "  try: Try again when it runs\n")
  }

  @Test("output: a failure for a program is one line of JSON on standard error")
  func failureJSON() {
    let bench = Bench()
    bench.output.report(Failure(.nodeStopping), asJSON: true)
    #expect(bench.talk.text == Failure(.nodeStopping).problemJSON() + "\n")
    #expect(bench.data.text.isEmpty)
  }

  @Test("output: a failure that quotes hostile input does not reach the terminal raw")
  func hostileFailure() {
    let bench = Bench(talkIsTerminal: true, language: .zh)
    bench.output.report(Failure(.clientUnknownCommand, ["command": "\u{1B}]0;x\u{07}"]))
    #expect(bench.talk.text.contains("\\u{1B}]0;x\\u{7}"))
  }

  @Test("output: quiet keeps data, warnings and failures")
  func quiet() throws {
    let bench = Bench(isQuiet: true)
    bench.output.say("note")
    let bar = bench.output.progress("work", total: 2, unit: .bytes)
    bench.clock.advance(.seconds(60))
    bar.add(2)
    bar.finish()
    bench.output.warn("careful")
    #expect(bench.talk.text == "warning: careful\n")
  }

  @Test("output: when the reader of a pipe has gone, data is dropped and the command can know")
  func readerGone() throws {
    let data = MemorySink(answer: .readerGone)
    let output = Output(data: data, talk: MemorySink(), language: .en, now: { .zero })
    #expect(!output.isReaderGone)
    try output.data("x")
    try output.data("y")
    #expect(output.isReaderGone)
  }

  @Test("output: a full disk behind standard output is a failure")
  func diskFull() {
    let output = Output(data: MemorySink(answer: .failed(28)), talk: MemorySink(), language: .en, now: { .zero })
    let failure = #expect(throws: Failure.self) { try output.data("x") }
    #expect(failure?.code == .clientOutput)
    #expect(failure?.value(of: "reason") == "No space left on device")
  }

  @Test("output: tables fit the terminal; a pipe gets everything")
  func tables() throws {
    var table = Table([Column("name", title: "NAME"), Column("note", title: "NOTE")])
    table.append([.text("甲"), .text(String(repeating: "长", count: 60))])
    let terminal = Bench(dataIsTerminal: true)
    try terminal.output.table(table, TableStyle(.table))
    #expect(terminal.data.text.split(separator: "\n").allSatisfy { displayWidth($0) <= 60 })
    let pipe = Bench()
    try pipe.output.table(table, TableStyle(.table))
    #expect(pipe.data.text.contains(String(repeating: "长", count: 60)))
  }

  @Test("output: a descriptor that is a closed pipe says so instead of killing the process")
  func brokenPipe() {
    let reply = DescriptorSinkProbe.writeIntoClosedPipe()
    #expect(reply == .readerGone)
  }
}

@Suite struct ProgressTests {
  @Test("progress: live lines on a terminal, erased before talk, closed by one line")
  func live() {
    let bench = Bench(talkIsTerminal: true)
    let bar = bench.output.progress("import", total: 200_000, unit: .items(Phrase("行", "rows")))
    bench.clock.advance(.seconds(2))
    bar.advance(to: 124_000)
    bench.output.say("14 rejected")
    bench.clock.advance(.seconds(1))
    bar.advance(to: 200_000)
    bar.finish()
    bar.add(1)
    let erase = "\r\u{1B}[1F\u{1B}[J"
    #expect(
      bench.talk.text.split(separator: erase, omittingEmptySubsequences: false).map(String.init) == [
        "import  [" + String(repeating: "░", count: 30) + "] 0 % · 0 of 200 k rows\n",
        "import  [\(bar62)] 62 % · 124 k of 200 k rows · 62 k/s · 2 s left\n",
        "14 rejected\nimport  [\(bar62)] 62 % · 124 k of 200 k rows · 62 k/s · 2 s left\n",
        "import  [\(bar100)] 100 % · 200 k of 200 k rows · 66.7 k/s\n",
        "import  200 k rows in 3 s\n",
      ])
    for line in bench.talk.text.split(separator: "\n") {
      #expect(displayWidth(line.replacing(erase, with: "")) < 70)
    }
  }

  /// What the label and the figures leave of 69 cells.
  private var bar62: String { String(repeating: "█", count: 7) + String(repeating: "░", count: 5) }
  private var bar100: String { String(repeating: "█", count: 20) }

  @Test("progress: several bars are drawn below each other")
  func several() {
    let bench = Bench(talkIsTerminal: true)
    let first = bench.output.progress("甲", total: nil, unit: .bytes)
    let second = bench.output.progress("乙", total: nil, unit: .bytes)
    bench.clock.advance(.seconds(1))
    second.add(2048)
    #expect(bench.talk.text.hasSuffix("\r\u{1B}[2F\u{1B}[J甲  0 B\n乙  2 KiB · 2 KiB/s\n"))
    first.finish()
    #expect(bench.talk.text.hasSuffix("甲  0 B in 1 s\n乙  2 KiB · 2 KiB/s\n"))
  }

  @Test("progress: redrawn at most ten times a second")
  func throttled() {
    let bench = Bench(talkIsTerminal: true)
    let bar = bench.output.progress("x", total: 10_000, unit: .bytes)
    for _ in 0..<1000 {
      bench.clock.advance(.milliseconds(1))
      bar.add(1)
    }
    #expect(bench.talk.text.split(separator: "\n").count <= 11)
  }

  @Test("progress: without a terminal one plain line every 10 s, without escapes")
  func plain() {
    let bench = Bench(language: .zh)
    let bar = bench.output.progress("导入", total: 400, unit: .items(Phrase("行", "rows")))
    for _ in 0..<35 {
      bench.clock.advance(.seconds(1))
      bar.add(10)
    }
    bar.finish()
    #expect(
      bench.talk.text == """
        导入  25 % · 100 / 400 行 · 10/s · 剩余 30 秒
        导入  50 % · 200 / 400 行 · 10/s · 剩余 20 秒
        导入  75 % · 300 / 400 行 · 10/s · 剩余 10 秒
        导入  350 行 · 用时 35 秒

        """)
  }

  @Test("progress: more than the total, a total of zero and a standstill do no harm")
  func odd() {
    let bench = Bench(talkIsTerminal: true)
    let over = bench.output.progress("over", total: 10, unit: .bytes)
    bench.clock.advance(.seconds(1))
    over.advance(to: 30)
    #expect(bench.talk.text.hasSuffix("100 % · 30 B of 10 B · 30 B/s · 0 ms left\n"))
    over.finish()
    _ = bench.output.progress("none", total: 0, unit: .bytes)
    #expect(bench.talk.text.hasSuffix("100 % · 0 B of 0 B\n"))
  }
}

@Suite struct PaintTests {
  @Test(
    "colour: the choice, then NO_COLOR, then CLICOLOR_FORCE, then the terminal",
    arguments: [
      (ColorChoice.auto, true, [:], true), (.auto, false, [:], false), (.auto, true, ["NO_COLOR": "1"], false),
      (.auto, true, ["NO_COLOR": ""], true), (.auto, false, ["CLICOLOR_FORCE": "1"], true),
      (.auto, false, ["CLICOLOR_FORCE": "0"], false), (.auto, true, ["TERM": "dumb"], false),
      (.always, false, ["NO_COLOR": "1"], true), (.never, true, ["CLICOLOR_FORCE": "1"], false),
      (.auto, false, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], false),
    ])
  func choice(choice: ColorChoice, isTerminal: Bool, variables: [String: String], expected: Bool) {
    let paint = Paint(choice, isTerminal: isTerminal) { variables[$0] }
    #expect(paint.isOn == expected)
    #expect(paint("FAIL", .bad) == (expected ? "\u{1B}[31mFAIL\u{1B}[0m" : "FAIL"))
  }
}
