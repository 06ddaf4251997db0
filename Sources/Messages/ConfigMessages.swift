/// Messages about the configuration of a daemon (`XYL-CFG-…`).
extension Message {
  static let configUnknownKey = Message(
    .usage, http: 400,
    title: Phrase("未知的配置项", "Unknown configuration key"),
    what: Phrase("没有名为“{key}”的配置项", "There is no configuration key “{key}”"),
    place: .fileLineColumn,
    why: .didYouMean,
    remedy: Phrase("改正或删除该项", "Correct the key or remove it"))

  static let configDuplicateKey = Message(
    .usage, http: 400,
    title: Phrase("配置项重复", "Duplicate configuration key"),
    what: Phrase("配置项“{key}”出现了不止一次", "The configuration key “{key}” is given more than once"),
    place: .fileLineColumn,
    why: Phrase("第一次出现在第 {firstLine} 行", "It was first given in line {firstLine}"),
    remedy: Phrase("只保留一处", "Keep one of them"))

  static let configWrongType = Message(
    .usage, http: 400,
    title: Phrase("配置值类型不符", "Configuration value of the wrong type"),
    what: Phrase("配置项“{key}”应为{expected}", "The configuration key “{key}” takes {expected}"),
    place: .fileLineColumn,
    why: Phrase("现在的值是“{found}”", "The value given is “{found}”"),
    remedy: Phrase("改写该值；代码类的值（如 011000）要加引号", "Rewrite the value; put codes such as 011000 in quotes"))

  static let configOutOfRange = Message(
    .usage, http: 400,
    title: Phrase("配置值超出范围", "Configuration value out of range"),
    what: Phrase(
      "配置项“{key}”应在 {minimum} 与 {maximum} 之间",
      "The configuration key “{key}” must lie between {minimum} and {maximum}"),
    place: .fileLineColumn,
    why: Phrase("现在的值是“{found}”", "The value given is “{found}”"),
    remedy: Phrase("把值改到范围以内", "Choose a value inside the range"))

  static let configKeyMissing = Message(
    .usage, http: 400,
    title: Phrase("缺少配置项", "Missing configuration key"),
    what: Phrase("缺少必需的配置项“{key}”", "The required configuration key “{key}” is missing"),
    place: Phrase("{file}", "{file}"),
    remedy: Phrase("加上这一项，例如 {example}", "Add it, for example {example}"))

  static let configSyntax = Message(
    .usage, http: 400,
    title: Phrase("配置文件语法错误", "Syntax error in the configuration"),
    what: Phrase("配置文件无法解析：{reason}", "The configuration cannot be parsed: {reason}"),
    place: .fileLineColumn,
    remedy: Phrase("改正后用 xylemd config 检查", "Correct it and check it with xylemd config"))

  static let configConflict = Message(
    .usage, http: 400,
    title: Phrase("配置项互相矛盾", "Configuration keys contradict each other"),
    what: Phrase(
      "配置项“{first}”与“{second}”不能同时这样设置",
      "The configuration keys “{first}” and “{second}” cannot be set like this together"),
    place: Phrase("{file}", "{file}"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("只保留其中一项，或改动其一", "Keep one of them, or change one"))

  static let configBadUnit = Message(
    .usage, http: 400,
    title: Phrase("单位无法识别", "Value without a known unit"),
    what: Phrase(
      "配置项“{key}”需要带单位的值，例如 {example}",
      "The configuration key “{key}” takes a value with a unit, for example {example}"),
    place: .fileLineColumn,
    why: Phrase("现在的值是“{found}”", "The value given is “{found}”"),
    remedy: Phrase("写成数字加单位", "Write a number and a unit"))

  static let configFileMissing = Message(
    .notFound, http: 404,
    title: Phrase("配置文件不存在", "Configuration file not found"),
    what: Phrase("找不到配置文件 {file}", "There is no configuration file {file}"),
    remedy: Phrase("用 --config 指定文件，或先运行 xylemd init", "Name the file with --config, or run xylemd init first"))

  static let configFileUnreadable = Message(
    .notAllowed, http: 500,
    title: Phrase("配置文件无法读取", "Configuration file cannot be read"),
    what: Phrase("无法读取 {file}", "{file} cannot be read"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("检查文件的属主和权限", "Check who owns the file and its permissions"))

  static let configNotUTF8 = Message(
    .usage, http: 400,
    title: Phrase("配置文件不是 UTF-8", "Configuration is not UTF-8"),
    what: Phrase("{file} 不是 UTF-8 文本", "{file} is not UTF-8 text"),
    place: Phrase("第 {offset} 个字节", "byte {offset}"),
    remedy: Phrase("用 UTF-8 编码另存该文件", "Save the file in UTF-8"))

  static let configPortInUse = Message(
    .conflict, http: 409,
    title: Phrase("端口已被占用", "Address already in use"),
    what: Phrase("无法监听 {address}，地址已被占用", "Cannot listen on {address}: the address is in use"),
    place: Phrase("配置项 {key}", "configuration key {key}"),
    remedy: Phrase("停掉占用者，或改用别的端口", "Stop the other program, or choose another port"))

  static let configPlaintextNotLoopback = Message(
    .usage, http: 400,
    title: Phrase("明文地址不是本机回环", "Plaintext address is not loopback"),
    what: Phrase(
      "“{key}”的 {address} 不是回环地址，链路不能不加密地离开本机",
      "{address} of “{key}” is not a loopback address; links do not leave this machine without encryption"),
    place: .fileLineColumn,
    remedy: Phrase("配置证书，或改为 127.0.0.1 或 ::1", "Configure a certificate, or use 127.0.0.1 or ::1"))

  static let configSecretExposed = Message(
    .notAllowed, http: 403,
    title: Phrase("密钥文件权限过宽", "Secret file readable by others"),
    what: Phrase("其他用户可以读取密钥文件 {file}", "Other users can read the secret file {file}"),
    why: Phrase("现在的权限是 {mode}", "Its mode is {mode}"),
    remedy: Phrase("运行 chmod 600 {file}", "Run chmod 600 {file}"))

  static let configDirectoryMissing = Message(
    .notFound, http: 404,
    title: Phrase("目录不存在", "Directory not found"),
    what: Phrase("目录 {directory} 不存在", "There is no directory {directory}"),
    place: Phrase("配置项 {key}", "configuration key {key}"),
    remedy: Phrase(
      "改正路径；若要建立新节点，先运行 xylemd init", "Correct the path; for a new node run xylemd init first"))

  static let configDirectoryNotWritable = Message(
    .notAllowed, http: 500,
    title: Phrase("目录不可写", "Directory cannot be written"),
    what: Phrase("无法在 {directory} 中写入", "{directory} cannot be written"),
    place: Phrase("配置项 {key}", "configuration key {key}"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("把目录交给运行守护进程的用户", "Give the directory to the user the daemon runs as"))

  static let configOtherNode = Message(
    .conflict, http: 409,
    title: Phrase("数据目录属于另一个节点", "Data directory of another node"),
    what: Phrase(
      "{directory} 属于 {org}（网络 {network}，节点 {node}），不是配置中的 {expected}",
      "{directory} belongs to {org} (network {network}, node {node}), not to {expected} of the configuration"),
    place: Phrase("配置项 {key}", "configuration key {key}"),
    remedy: Phrase(
      "改正数据目录或组织代码；不要改名借用别的节点的数据",
      "Correct the data directory or the org; never reuse the data of another node under a new name"))

  static let configCertificate = Message(
    .usage, http: 400,
    title: Phrase("证书或密钥不能使用", "Certificate or key cannot be used"),
    what: Phrase("{file} 不能使用：{reason}", "{file} cannot be used: {reason}"),
    place: Phrase("配置项 {key}", "configuration key {key}"),
    remedy: Phrase("改正该文件，或用 xylemctl cert 重新签发", "Mend the file, or issue a new one with xylemctl cert"))
}
