/// What a program's exit status tells a script. One table for every command; documented in the manual.
public enum ExitStatus: Int32, CaseIterable, Sendable {
  case done = 0
  /// A failure nobody foresaw, or one after which a person must look.
  case unexpected = 1
  /// The work was done and found problems: a check, a verification, a difference, an import with rejected rows.
  case problemsFound = 2
  case notFound = 3
  /// Something else stands in the way: a conflict or a precondition that does not hold.
  case conflict = 4
  /// The same command may succeed later without anybody changing anything.
  case temporary = 5
  case notAllowed = 6
  /// Some of several parts succeeded.
  case partlyDone = 7
  /// A limit stopped it.
  case limit = 8
  /// The command line, a request or a configuration was written wrongly (`EX_USAGE` of sysexits.h).
  case usage = 64

  /// What the status means, for the manual and `help exit-codes`.
  public var meaning: Phrase {
    switch self {
    case .done: Phrase("完成", "done")
    case .unexpected: Phrase("意外失败", "unexpected failure")
    case .problemsFound: Phrase("检查发现问题", "the check found problems")
    case .notFound: Phrase("未找到", "not found")
    case .conflict: Phrase("冲突，或前提条件不满足", "conflict, or a precondition does not hold")
    case .temporary: Phrase("暂时失败，可稍后重试", "temporary, try again later")
    case .notAllowed: Phrase("无权限", "not allowed")
    case .partlyDone: Phrase("部分完成", "partly done")
    case .limit: Phrase("达到上限而停止", "a limit stopped it")
    case .usage: Phrase("用法、请求或配置有误", "wrong usage, request or configuration")
    }
  }
}
