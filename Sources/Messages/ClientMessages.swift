/// Messages about the command-line client (`XYL-CLI-…`).
extension Message {
  static let clientUnreachable = Message(
    .temporary, http: 503,
    title: Phrase("守护进程无法连接", "Daemon cannot be reached"),
    what: Phrase("无法连接 {address} 上的守护进程", "The daemon at {address} cannot be reached"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("用 systemctl status xylemd 查看它是否在运行", "See with systemctl status xylemd whether it runs"))

  static let clientTimedOut = Message(
    .temporary, http: 504,
    title: Phrase("等待超时", "Timed out"),
    what: Phrase("{operation}在 {seconds} 秒内没有完成", "The {operation} did not finish within {seconds} s"),
    remedy: Phrase("稍后再试，或用 --timeout 放宽时限", "Try again later, or allow more with --timeout"))

  static let clientBadResponse = Message(
    .unexpected, http: 502,
    title: Phrase("答复无法识别", "Answer not understood"),
    what: Phrase("{address} 的答复无法识别：{reason}", "The answer of {address} is not understood: {reason}"),
    remedy: Phrase("核对地址是否为守护进程，两边版本是否相配", "Check that it is the daemon and that both versions fit"))

  static let clientVersion = Message(
    .conflict, http: 409,
    title: Phrase("版本不相配", "Versions do not fit"),
    what: Phrase("客户端版本 {client}，守护进程版本 {server}", "The client has version {client}, the daemon {server}"),
    remedy: Phrase("升级较旧的一方", "Upgrade the older side"))

  static let clientUnknownCommand = Message(
    .usage, http: 400,
    title: Phrase("未知的命令", "Unknown command"),
    what: Phrase("没有命令“{command}”", "There is no command “{command}”"),
    why: .didYouMean,
    remedy: Phrase("用 xylemctl --help 查看命令", "List the commands with xylemctl --help"))

  static let clientBadArgument = Message(
    .usage, http: 400,
    title: Phrase("参数有误", "Bad argument"),
    what: Phrase("“{argument}”应为{expected}", "“{argument}” takes {expected}"),
    why: Phrase("现在的值是“{found}”", "The value given is “{found}”"),
    remedy: Phrase("改正参数", "Correct the argument"))

  static let clientUnknownColumn = Message(
    .usage, http: 400,
    title: Phrase("未知的列", "Unknown column"),
    what: Phrase("结果中没有列“{column}”", "The result has no column “{column}”"),
    why: Phrase("可选的列：{columns}", "It has {columns}"),
    remedy: Phrase("改正 --columns", "Correct --columns"))

  static let clientConfirmation = Message(
    .conflict, http: 409,
    title: Phrase("需要确认", "Confirmation needed"),
    what: Phrase("{action}需要确认，而现在不能提问", "To {action} needs a confirmation, and nobody can be asked here"),
    remedy: Phrase("确认无误后加上 --yes", "Add --yes when you are sure"))

  static let clientFileMissing = Message(
    .notFound, http: 404,
    title: Phrase("文件不存在", "File not found"),
    what: Phrase("找不到文件 {file}", "There is no file {file}"),
    remedy: Phrase("核对路径", "Check the path"))

  static let clientFileUnreadable = Message(
    .notAllowed, http: 403,
    title: Phrase("文件无法读取", "File cannot be read"),
    what: Phrase("无法读取 {file}", "{file} cannot be read"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("检查权限", "Check its permissions"))

  static let clientOutput = Message(
    .unexpected, http: 500,
    title: Phrase("无法写出结果", "Output cannot be written"),
    what: Phrase("无法写入{file}：{reason}", "{file} cannot be written: {reason}"),
    remedy: Phrase("检查磁盘空间和权限", "Check disk space and permissions"))

  static let clientDamagedInstallation = Message(
    .unexpected, http: 500,
    title: Phrase("安装不完整", "Installation incomplete"),
    what: Phrase("缺少程序文件 {file}", "The program file {file} is missing"),
    remedy: Phrase("重新安装", "Install it again"))
}
