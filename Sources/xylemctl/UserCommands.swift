import AdminProtocol
import ArgumentParser
import Console
import Messages

struct UserGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "user", abstract: phrase("用户与授权。", "Users and what they may do."),
      discussion: examples([
        "xylemctl user add zhangsan --name 张三 --home 033001001",
        "xylemctl user grant zhangsan SECRETARY 033001001 --reason \"2026 term\"",
        "xylemctl user list",
      ]),
      subcommands: [
        UserAdd.self, UserList.self, UserShow.self, UserGrant.self, UserRevoke.self, UserLock.self, UserUnlock.self,
        UserPassword.self, UserTOTP.self,
      ])
  }
}

struct UserAdd: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "add",
      abstract: phrase("添加用户，尚无权限；首次登录须改口令。", "Adds a user without rights, who changes the password first."),
      discussion: examples(["xylemctl user add zhangsan --name 张三 --home 033001001"]))
  }
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @Option(help: ArgumentHelp(phrase("姓名。", "The person's name."))) var name: String
  @Option(help: ArgumentHelp(phrase("所属组织代码。", "Code of the home org."))) var home: String
  @OptionGroup var password: PasswordOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let secret = try SecretInput.read(session.text("初始口令", "first password"), isFromInput: password.passwordStdin)
    try await session.client().addUser(UserRequest(user: user, label: name, home: home, password: secret))
    session.output.say(session.text("已添加 \(user)，尚无权限", "added \(user), without rights"))
    return .done
  }
}

struct UserList: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "list", abstract: phrase("列出用户。", "Lists the users."))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try session.show(userTable(try await session.client().users(), session))
    return .done
  }
}

struct UserShow: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "show", abstract: phrase("查看一个用户。", "Shows a user."))
  }
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try session.show(userTable(try await session.client().users(user), session))
    return .done
  }
}

private func userTable(_ answer: UsersResponse, _ session: Session) -> Table {
  var table = Table(
    [
      Column("user", title: session.text("用户", "USER")), Column("name", title: session.text("姓名", "NAME")),
      Column("home", title: session.text("所属组织", "HOME")), Column("locked", title: session.text("锁定", "LOCKED")),
      Column("grants", title: session.text("授权", "GRANTS")),
    ], schema: "xylemctl/users/v1")
  for user in answer.users {
    table.append([
      .text(user.user), .text(user.label), .text(user.home),
      .text(user.locked ? "true" : "false", shown: user.locked ? session.text("是", "yes") : session.text("否", "no")),
      .text(user.grants.map(grantText).joined(separator: ", ")),
    ])
  }
  return table
}

/// A role, where, and why.
struct GrantOptions: ParsableArguments {
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @Argument(
    help: ArgumentHelp(
      phrase("角色，如 SECRETARY；见 Docs/SECURITY.md。", "The role, SECRETARY for instance; Docs/SECURITY.md has all.")))
  var role: String
  @Argument(
    help: ArgumentHelp(
      phrase("组织代码；MEMBER 为公民身份号码。", "Code of the org; for MEMBER the citizen id."))) var place: String
  @Option(help: ArgumentHelp(phrase("理由，记入审计。", "Why; goes into the audit log."))) var reason: String
}

struct UserGrant: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "grant", abstract: phrase("授予一个组织及其下级上的角色。", "Gives a role over an org and its subtree."),
      discussion: examples(["xylemctl user grant zhangsan SECRETARY 033001001 --until 2026-12-31 --reason 换届"]))
  }
  @OptionGroup var grant: GrantOptions
  @Option(help: ArgumentHelp(phrase("有效至，YYYY-MM-DD。", "The last day, YYYY-MM-DD."))) var until: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try await session.client().userAction(
      grant.user, "grant",
      UserActionRequest(role: grant.role.uppercased(), place: grant.place, until: until, reason: grant.reason))
    session.output.say(session.text("已授权", "granted"))
    return .done
  }
}

struct UserRevoke: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "revoke", abstract: phrase("收回授权，下一次请求即生效。", "Takes a role away, from the next request on."),
      discussion: examples(["xylemctl user revoke zhangsan SECRETARY 033001001 --reason 离任"]))
  }
  @OptionGroup var grant: GrantOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try await session.client().userAction(
      grant.user, "revoke",
      UserActionRequest(role: grant.role.uppercased(), place: grant.place, reason: grant.reason))
    session.output.say(session.text("已收回", "revoked"))
    return .done
  }
}

struct UserLock: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "lock", abstract: phrase("锁定用户，其会话立即结束。", "Shuts a user out; open sessions end at once."))
  }
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @Option(help: ArgumentHelp(phrase("理由，记入审计。", "Why; goes into the audit log."))) var reason: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try await session.client().userAction(user, "lock", UserActionRequest(reason: reason))
    session.output.say(session.text("已锁定 \(user)", "locked \(user)"))
    return .done
  }
}

struct UserUnlock: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "unlock", abstract: phrase("解锁用户，并清除登录失败次数。", "Lets a user in again, and forgives failed logins."))
  }
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @Option(help: ArgumentHelp(phrase("理由，记入审计。", "Why; goes into the audit log."))) var reason: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try await session.client().userAction(user, "unlock", UserActionRequest(reason: reason))
    session.output.say(session.text("已解锁 \(user)", "unlocked \(user)"))
    return .done
  }
}

struct UserPassword: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "passwd",
      abstract: phrase(
        "修改自己的口令；给出用户名则重置他人的（并取消其第二因素）。", "Changes one's own password, or resets another's and the second factor."),
      discussion: examples(["xylemctl user passwd", "xylemctl user passwd zhangsan"]))
  }
  @Argument(help: ArgumentHelp(phrase("用户名；省略为自己。", "The user; left out, oneself."))) var user: String?
  @OptionGroup var password: PasswordOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let isFromInput = password.passwordStdin
    if let user {
      let new = try SecretInput.read(session.text("新口令", "new password"), isFromInput: isFromInput)
      try await session.client().userAction(user, "password", UserActionRequest(password: new))
    } else {
      let old = try SecretInput.read(session.text("原口令", "old password"), isFromInput: isFromInput)
      let new = try SecretInput.read(session.text("新口令", "new password"), isFromInput: isFromInput)
      try await session.client().changePassword(PasswordRequest(old: old, new: new))
    }
    session.output.say(session.text("口令已修改", "the password is changed"))
    return .done
  }
}

struct UserTOTP: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "totp",
      abstract: phrase(
        "设置自己的验证器：先取密钥，再用 --code 确认。", "Sets up one's authenticator: first the secret, then --code confirms it."),
      discussion: examples(["xylemctl user totp", "xylemctl user totp --code 123456"]))
  }
  @Option(help: ArgumentHelp(phrase("验证器上的 6 位数。", "Six digits of the authenticator."))) var code: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().secondFactor(SecondFactorRequest(code: code))
    guard let secret = answer.secret else {
      session.output.say(session.text("第二因素已生效", "the second factor is in force"))
      return .done
    }
    var facts = Facts()
    facts.add("secret", session.text("密钥", "Secret"), .text(secret))
    facts.add("uri", session.text("地址", "Address"), answer.uri.map { .text($0) } ?? .null)
    try session.show(facts, json: answer)
    session.output.say(
      session.text("输入验证器后运行 xylemctl user totp --code", "enter it, then run xylemctl user totp --code"))
    return .done
  }
}

struct AccessGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "access", abstract: phrase("权限的依据。", "Why somebody may, or may not."),
      subcommands: [AccessExplain.self])
  }
}

struct AccessExplain: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "explain", abstract: phrase("某用户能否读某记录，为什么。", "Whether a user may read a record, and why."),
      discussion: examples(["xylemctl access explain zhangsan org 033001001"]))
  }
  @Argument(help: ArgumentHelp(phrase("用户名。", "The user."))) var user: String
  @Argument(help: ArgumentHelp(phrase("实体。", "The entity."))) var entity: String
  @Argument(help: ArgumentHelp(phrase("编号。", "Its natural key."))) var key: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().explain(ExplainRequest(user: user, entity: entity, key: key))
    var table = Table(
      [
        Column("holds", title: session.text("结论", "VERDICT")), Column("reason", title: session.text("依据", "REASON")),
      ], schema: "xylemctl/explain/v1")
    for step in answer.steps {
      table.append([
        .text(step.holds ? "true" : "false", shown: step.holds ? session.text("可", "yes") : session.text("否", "no")),
        .text(session.text(step.zh, step.en)),
      ])
    }
    try session.show(table)
    session.output.say(
      answer.allowed ? session.text("可以读取", "may read it") : session.text("不可读取", "may not read it"))
    return answer.allowed ? .done : .notAllowed
  }
}
