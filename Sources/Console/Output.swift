import Glibc
import Messages
import Synchronization

/// The only way a command prints: data to standard output, talk (notes, progress, failures) to standard error, so that
/// the output of every command can be piped.
///
/// 1. Nothing but `data` and `table` reaches the data sink.
/// 2. When the reader of the data is gone, further data is dropped silently; a long command asks ``isReaderGone``.
/// 3. Live progress lines are erased before anything else is printed and drawn again after it.
///
/// Calls may come from any thread; each is printed whole.
public final class Output: Sendable {
  public let language: Language
  /// For text that goes to the data sink.
  public let dataPaint: Paint
  /// For text that goes to the talk sink.
  public let talkPaint: Paint
  /// True leaves out notes and progress (`-q`); warnings and failures are always printed.
  public let isQuiet: Bool

  private let dataSink: any ByteSink
  private let talkSink: any ByteSink
  private let now: @Sendable () -> Duration
  private let state = Mutex(State())

  private struct State {
    var isReaderGone = false
    var bars: [Bar] = []
    var nextBar = 0
    var linesDrawn = 0
    var lastDraw: Duration?
  }

  private struct Bar {
    let id: Int
    var meter: ProgressMeter
    var lastPlainLine: Duration
  }

  /// An output over any two sinks.
  ///
  /// - Parameter now: time since any fixed moment; never goes back.
  public init(
    data: any ByteSink, talk: any ByteSink, language: Language, color: ColorChoice = .auto, isQuiet: Bool = false,
    environment: (String) -> String? = { _ in nil }, now: @escaping @Sendable () -> Duration
  ) {
    dataSink = data
    talkSink = talk
    self.language = language
    self.isQuiet = isQuiet
    self.now = now
    dataPaint = Paint(color, isTerminal: data.isTerminal, environment: environment)
    talkPaint = Paint(color, isTerminal: talk.isTerminal, environment: environment)
  }

  /// The process's own standard output and error. Ignores SIGPIPE for the whole process: a reader that leaves is an
  /// answer to a write, not a death.
  ///
  /// - Parameter language: nil asks the environment.
  public static func standard(
    language: Language? = nil, color: ColorChoice = .auto, isQuiet: Bool = false
  ) -> Output {
    _ = signal(SIGPIPE, SIG_IGN)
    let clock = ContinuousClock()
    let start = clock.now
    return Output(
      data: DescriptorSink(STDOUT_FILENO), talk: DescriptorSink(STDERR_FILENO),
      language: language ?? Language(environment: environmentVariable), color: color, isQuiet: isQuiet,
      environment: environmentVariable, now: { clock.now - start })
  }

  /// Whether a person reads the data.
  public var isTerminal: Bool { dataSink.isTerminal }
  /// Cells in a line of the data's terminal, or nil.
  public var width: Int? { dataSink.width }
  /// True once the program that read the data has ended: what is printed now is lost, so a long command may stop.
  public var isReaderGone: Bool { state.withLock { $0.isReaderGone } }

  /// Prints data exactly as given; the caller ends its lines.
  ///
  /// - Throws: `clientOutput` when the data cannot be written (a full disk); the command must fail, for the data is
  ///   incomplete.
  public func data(_ text: String) throws(Failure) {
    let outcome = state.withLock { state -> WriteOutcome in
      if state.isReaderGone { return .readerGone }
      if dataSink.isTerminal { erase(&state) }
      let outcome = dataSink.write(Array(text.utf8))
      if outcome == .readerGone { state.isReaderGone = true }
      if dataSink.isTerminal { draw(&state) }
      return outcome
    }
    if case .failed(let number) = outcome {
      throw Failure(
        .clientOutput, ["file": language == .zh ? "标准输出" : "standard output", "reason": errorText(number)])
    }
  }

  /// Prints a table in the format asked for, fitted to the terminal.
  ///
  /// - Parameter style: nil in `width` is filled in from the terminal.
  /// - Throws: `clientUnknownColumn`, `clientOutput`.
  public func table(_ table: Table, _ style: TableStyle) throws(Failure) {
    var style = style
    if style.width == nil { style.width = width }
    style.isForTerminal = isTerminal
    try data(try table.text(style))
  }

  /// Says something to the person at the terminal; nothing with `-q`.
  public func say(_ text: String) {
    if !isQuiet { talk(text) }
  }

  /// Says that something is not as it should be, although the command goes on.
  public func warn(_ text: String) {
    talk(talkPaint(language == .zh ? "警告：" : "warning: ", .warning) + text)
  }

  /// Says that the command line cannot be used, in the words of its parser.
  public func complain(_ text: String) {
    let text = text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text
    talk(talkPaint(language == .zh ? "错误：" : "error: ", .bad) + text)
  }

  /// Reports why the command failed: lines for a person, or with `asJSON` one line of problem details for a program.
  public func report(_ failure: Failure, asJSON: Bool = false) {
    if asJSON {
      talk(failure.problemJSON())
      return
    }
    let lines = failure.text(language).lines.map(printable)
    for (index, line) in lines.enumerated() { talk(index == 0 ? talkPaint(line, .bad) : line) }
  }

  /// Starts a progress bar; several may run at once. On a terminal it is a live line, elsewhere one plain line every 10
  /// s.
  ///
  /// - Parameter total: nil when nobody knows how much there is.
  public func progress(_ label: String, total: Int?, unit: ProgressUnit) -> ProgressBar {
    let id = state.withLock { state in
      let time = now()
      let id = state.nextBar
      state.nextBar += 1
      let meter = ProgressMeter(label: printable(label), unit: unit, total: total, at: time)
      state.bars.append(Bar(id: id, meter: meter, lastPlainLine: time))
      if isLive { draw(&state) }
      return id
    }
    return ProgressBar(output: self, id: id)
  }

  fileprivate func advance(_ id: Int, _ amount: (Int) -> Int) {
    state.withLock { state in
      guard let position = state.bars.firstIndex(where: { $0.id == id }) else { return }
      let time = now()
      state.bars[position].meter.advance(to: amount(state.bars[position].meter.done), at: time)
      if isLive {
        if let last = state.lastDraw, time - last < drawInterval { return }
        erase(&state)
        draw(&state)
      } else if !isQuiet, time - state.bars[position].lastPlainLine >= plainLineInterval {
        state.bars[position].lastPlainLine = time
        let meter = state.bars[position].meter
        writeTalk("\(meter.label)  \(meter.figures(at: time, language))\n")
      }
    }
  }

  fileprivate func finish(_ id: Int) {
    state.withLock { state in
      guard let position = state.bars.firstIndex(where: { $0.id == id }) else { return }
      erase(&state)
      let bar = state.bars.remove(at: position)
      if !isQuiet { writeTalk(bar.meter.closing(at: now(), language) + "\n") }
      draw(&state)
    }
  }

  private var isLive: Bool { talkSink.isTerminal && !isQuiet }

  private func talk(_ text: String) {
    state.withLock { state in
      erase(&state)
      writeTalk(text + "\n")
      draw(&state)
    }
  }

  /// Talk that cannot be written has nobody left to be told.
  private func writeTalk(_ text: String) { _ = talkSink.write(Array(text.utf8)) }

  private func erase(_ state: inout State) {
    guard state.linesDrawn > 0 else { return }
    // To the first live line, then clear to the end of the screen (ECMA-48 CPL and ED).
    writeTalk("\r\u{1B}[\(state.linesDrawn)F\u{1B}[J")
    state.linesDrawn = 0
  }

  private func draw(_ state: inout State) {
    guard isLive, !state.bars.isEmpty else { return }
    let time = now()
    // One cell short of the edge: a full line would wrap, and the next erase would miss it.
    let width = (talkSink.width ?? 80) - 1
    writeTalk(state.bars.map { $0.meter.line(at: time, width: width, language) + "\n" }.joined())
    state.linesDrawn = state.bars.count
    state.lastDraw = time
  }
}

/// One running progress bar of an ``Output``.
public struct ProgressBar: Sendable {
  fileprivate let output: Output
  fileprivate let id: Int

  /// Says that `done` of the total are done. Cheap: drawn at most ten times a second.
  public func advance(to done: Int) { output.advance(id) { _ in done } }

  /// Says that `count` more are done.
  public func add(_ count: Int) { output.advance(id) { $0 + count } }

  /// Replaces the bar by one closing line; later calls do nothing.
  public func finish() { output.finish(id) }
}

private let drawInterval: Duration = .milliseconds(100)
private let plainLineInterval: Duration = .seconds(10)

/// A variable of this process's environment.
public func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

private func errorText(_ number: Int32) -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  guard strerror_r(number, &buffer, buffer.count) == 0 else { return "errno \(number)" }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
