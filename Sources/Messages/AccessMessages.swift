/// Messages about users, rights and the audit log (`XYL-ACC-…`).
extension Message {
  // One text for a wrong name, a wrong password, a wrong code and a shut-out user: who guesses learns nothing.
  static let accessLogin = Message(
    .notAllowed, http: 401,
    title: Phrase("登录失败", "Login failed"),
    what: Phrase("用户名、口令或验证码不对，或该用户已被锁定", "User, password or code is wrong, or the user is locked"),
    remedy: Phrase(
      "核对后再试；连续 5 次失败锁定 15 分钟", "Check and try again; five failures lock a user for 15 minutes"))

  static let accessSession = Message(
    .notAllowed, http: 401,
    title: Phrase("没有会话", "No session"),
    what: Phrase("请求没有有效的会话", "The request has no session that holds"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("运行 xylemctl login", "Run xylemctl login"))

  static let accessForbidden = Message(
    .notAllowed, http: 403,
    title: Phrase("无权限", "Not allowed"),
    what: Phrase("您的角色无权{action}", "None of your roles may {action}"),
    remedy: Phrase(
      "xylemctl whoami 列出您的权限；授权由安全管理员办理",
      "A security officer grants more; xylemctl whoami lists what you may do"))

  static let accessMasked = Message(
    .notAllowed, http: 403,
    title: Phrase("信息项已遮蔽", "The item is masked"),
    what: Phrase(
      "“{item}”属 {class} 类，对您遮蔽：不能用于条件、排序、分组、汇总或表达式",
      "“{item}” is of class {class}, masked for you: no condition, order, group, figure or expression may use it"),
    remedy: Phrase(
      "只显示该项，或在角色允许时加 --unmask --reason 理由",
      "Show the item alone, or, where your role allows it, add --unmask --reason TEXT"))

  static let accessUnmask = Message(
    .notAllowed, http: 403,
    title: Phrase("不能解除遮蔽", "Nothing may be unmasked"),
    what: Phrase("您的角色不能解除遮蔽", "None of your roles for this unmasks anything"),
    remedy: Phrase("不加 --unmask", "Leave --unmask out"))

  static let accessCodeNeeded = Message(
    .notAllowed, http: 401,
    title: Phrase("需要验证码", "A code is needed"),
    what: Phrase("该用户须用第二因素登录", "This user logs in with a second factor"),
    remedy: Phrase("用 --code 给出验证器上的 6 位数", "Give the six digits of the authenticator with --code"))

  static let accessPasswordChange = Message(
    .notAllowed, http: 403,
    title: Phrase("须先修改口令", "The password must be changed first"),
    what: Phrase("口令由他人设定，须先修改", "Somebody else set this password; change it first"),
    remedy: Phrase("运行 xylemctl user passwd", "Run xylemctl user passwd"))

  static let accessSecondFactor = Message(
    .notAllowed, http: 403,
    title: Phrase("须先设置第二因素", "A second factor is needed first"),
    what: Phrase("支部以上的角色须有第二因素", "Roles above branch level need a second factor"),
    remedy: Phrase("运行 xylemctl user totp", "Run xylemctl user totp"))

  static let accessWeakPassword = Message(
    .usage, http: 400,
    title: Phrase("口令不合要求", "The password will not do"),
    what: Phrase("口令不合要求：{reason}", "The password will not do: {reason}"),
    remedy: Phrase(
      "用 10 到 128 个字符，字母、数字、符号中至少两类",
      "Take 10 to 128 characters with at least two of letters, digits, signs"))

  static let accessUnknownUser = Message(
    .notFound, http: 404,
    title: Phrase("没有这个用户", "No such user"),
    what: Phrase("没有用户“{user}”，或没有这项授权", "There is no user “{user}”, or no such grant"),
    remedy: Phrase("xylemctl user list 列出用户", "List them with xylemctl user list"))

  static let accessUserExists = Message(
    .conflict, http: 409,
    title: Phrase("用户已存在", "The user exists"),
    what: Phrase("用户或授权“{user}”已存在", "The user or grant “{user}” exists already"),
    remedy: Phrase("换一个名字", "Take another name"))

  static let accessRoleConflict = Message(
    .conflict, http: 409,
    title: Phrase("角色互斥", "The roles exclude each other"),
    what: Phrase(
      "“{user}”已是 {has}，不能再任 {role}", "“{user}” is {has} already and cannot be {role} as well"),
    remedy: Phrase(
      "系统、安全、审计管理员分别由三人担任，且不兼其他角色",
      "Give it to another person: system, security and audit administrators are three people and nothing else"))

  static let accessBusy = Message(
    .temporary, http: 429,
    title: Phrase("登录请求过多", "Too many logins"),
    what: Phrase("等待核对口令的登录超过 {limit} 个", "More than {limit} logins wait for their password to be checked"),
    remedy: Phrase("几秒后再试", "Try again in some seconds"))

  static let accessExport = Message(
    .notAllowed, http: 403,
    title: Phrase("不能导出", "Not allowed to export"),
    what: Phrase(
      "超过 {limit} 行属于导出，您的角色不能导出", "More than {limit} rows are an export, which none of your roles may do"),
    remedy: Phrase("用 --limit 限制行数", "Ask for fewer with --limit"))

  static let accessImportOutside = Message(
    .notAllowed, http: 403,
    title: Phrase("不在授权范围", "Outside what is granted"),
    what: Phrase(
      "这一行的记录属于或将属于您授权范围以外的组织", "The row's record is, or would be, of an org that you may not write for"),
    place: .row,
    remedy: Phrase("核对所属组织，或请该组织的录入人员导入", "Check the org, or have it imported by those who keep its records"))

  static let accessAuditBroken = Message(
    .problemsFound, http: 409,
    title: Phrase("审计链断裂", "The audit chain is broken"),
    what: Phrase("审计日志在第 {number} 条处不符：{reason}", "The audit log does not hold at entry {number}: {reason}"),
    remedy: Phrase(
      "保全数据目录，与上一份导出核对", "Keep the data directory and compare with the last export"))
}
