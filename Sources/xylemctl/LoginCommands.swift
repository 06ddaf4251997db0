import AdminProtocol
import ArgumentParser
import Console
import Messages

/// Where a password comes from.
struct PasswordOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      phrase("从标准输入逐行读取口令，供脚本使用。", "Reads passwords from standard input, a line each; for scripts.")))
  var passwordStdin = false
}

struct LoginCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "login",
      abstract: phrase("登录节点；会话存于仅本人可读的文件。", "Logs in; the session is kept in a file of mode 0600."),
      discussion: examples(["xylemctl login zhangsan", "xylemctl login zhangsan --code 123456"]))
  }
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @Option(help: ArgumentHelp(phrase("验证器上的 6 位数。", "Six digits of the authenticator."))) var code: String?
  @OptionGroup var password: PasswordOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let secret = try SecretInput.read(session.text("口令", "password"), isFromInput: password.passwordStdin)
    let answer = try await session.client().login(LoginRequest(user: user, password: secret, code: code))
    try session.sessionFile.keep(answer.token)
    session.output.say(session.text("已登录：\(answer.user)", "logged in as \(answer.user)"))
    if answer.mustChangePassword {
      session.output.warn(
        session.text("口令由他人设定，请先运行 xylemctl user passwd", "somebody else set the password: run xylemctl user passwd"))
    }
    if answer.mustAddSecondFactor {
      session.output.warn(
        session.text("您的角色须有第二因素，请运行 xylemctl user totp", "your role needs a second factor: run xylemctl user totp"))
    }
    return .done
  }
}

struct LogoutCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "logout", abstract: phrase("结束会话。", "Ends the session."))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    guard session.sessionFile.token != nil else {
      session.output.say(session.text("没有登录", "nobody is logged in"))
      return .done
    }
    // The file goes in any case: a session that the daemon does not know any more is no reason to keep its token.
    defer { session.sessionFile.remove() }
    do throws(Failure) { try await session.client().logout() } catch {
      guard error.code == .accessSession else { throw error }
    }
    session.output.say(session.text("已退出", "logged out"))
    return .done
  }
}

struct WhoamiCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "whoami", abstract: phrase("我是谁，有哪些权限。", "Who the daemon takes you for, and what you may do."))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().whoami()
    var facts = Facts()
    facts.add("user", session.text("用户", "User"), .text(answer.user))
    facts.add("label", session.text("姓名", "Name"), answer.label.isEmpty ? .null : .text(answer.label))
    facts.add("grants", session.text("授权", "Grants"), .text(answer.grants.map(grantText).joined(separator: ", ")))
    facts.add("verbs", session.text("权限", "May"), .text(answer.verbs.joined(separator: " ")))
    facts.add("clear", session.text("明文类别", "Classes in the clear"), .text(answer.clear.joined(separator: " ")))
    try session.show(facts, json: answer)
    return .done
  }
}

/// `SECRETARY@033001001 until 2026-12-31`.
func grantText(_ grant: GrantLine) -> String {
  "\(grant.role)@\(grant.place)" + (grant.until.map { " until \($0)" } ?? "") + (grant.holds ? "" : " (ended)")
}

/// `xylemctl where ID`: the check of an identity.
struct WhereCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "where",
      abstract: phrase("身份核对：该公民身份号码在哪个党委。", "Identity check: at which committee a citizen id is registered."),
      discussion: examples(["xylemctl where 330203198001021234"]))
  }
  @Argument(help: ArgumentHelp(phrase("公民身份号码。", "The whole citizen id."))) var id: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().identity(IdentityRequest(id: id))
    var facts = Facts()
    facts.add(
      "exists", session.text("是否存在", "Exists"),
      .text(answer.exists ? "true" : "false", shown: answer.exists ? session.text("是", "yes") : session.text("否", "no"))
    )
    facts.add("code", session.text("党委代码", "Committee"), answer.code.map { .text($0) } ?? .null)
    facts.add("name", session.text("党委名称", "Name"), answer.name.map { .text($0) } ?? .null)
    try session.show(facts, json: answer)
    return answer.exists ? .done : .notFound
  }
}
