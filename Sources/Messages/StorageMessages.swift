/// Messages about the local store (`XYL-STO-…`).
extension Message {
  static let storageFull = Message(
    .limit, http: 507,
    title: Phrase("存储空间不足", "Storage full"),
    what: Phrase(
      "{directory} 只剩 {free}，低于保留量 {reserve}，已停止写入",
      "{directory} has {free} left, less than the reserve of {reserve}: writing has stopped"),
    remedy: Phrase("清出空间或扩大磁盘；已提交的数据不受影响", "Free space or enlarge the disk; what was committed is safe"))

  static let storageCorrupt = Message(
    .unexpected, http: 500,
    title: Phrase("存储已损坏", "Store is corrupt"),
    what: Phrase("存储损坏：{reason}", "The store is corrupt: {reason}"),
    place: Phrase("{file}", "{file}"),
    remedy: Phrase(
      "不要写入；保留现场，从备份或上级恢复",
      "Write nothing; keep the files as they are and restore from a backup or from the parent"))

  static let storageOutcomeUnknown = Message(
    .unexpected, http: 500,
    title: Phrase("提交结果未知", "Outcome of the commit unknown"),
    what: Phrase("写入时发生错误，无法断定提交是否已落盘", "An error came while writing, so whether the commit is on disk is not known"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("重启节点后按批次号核对，再决定是否重发", "Restart the node and look the batch up before sending it again"))

  static let storagePoisoned = Message(
    .unexpected, http: 503,
    title: Phrase("存储已停用", "Store out of use"),
    what: Phrase("此前一次写入失败，存储已停止接受写入", "An earlier write failed, so the store takes no more writes"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("重启节点；若再次发生，检查磁盘", "Restart the node; if it happens again, check the disk"))

  static let storageLogBehind = Message(
    .unexpected, http: 500,
    title: Phrase("日志短于已确认的位置", "Log ends before what was acknowledged"),
    what: Phrase("日志止于 {head}，而已确认到 {promised}", "The log ends at {head} but {promised} was acknowledged"),
    place: Phrase("{directory}", "{directory}"),
    why: Phrase(
      "断电时磁盘丢失了已同步的数据，或目录被换成旧副本",
      "The disk lost synced data at a power cut, or the directory is an older copy"),
    remedy: Phrase(
      "存储没有改动；用 restore 打开新的一世，先从上级取回尾部",
      "Nothing was changed; restore into a new incarnation, which first pulls its tail back from the parent"))

  static let storageLocked = Message(
    .conflict, http: 409,
    title: Phrase("存储正被使用", "Store is in use"),
    what: Phrase("{directory} 正被进程 {pid} 使用", "{directory} is in use by process {pid}"),
    remedy: Phrase("停掉该进程，或通过它的接口操作", "Stop that process, or work through its interface"))

  static let storageFormatNewer = Message(
    .conflict, http: 409,
    title: Phrase("存储格式较新", "Store format too new"),
    what: Phrase(
      "{directory} 的格式是 {version}，本程序只认到 {supported}",
      "{directory} has format {version}; this program knows formats up to {supported}"),
    remedy: Phrase("升级程序；不能降级打开", "Upgrade the program; a store is not opened by an older one"))

  static let storageNotAStore = Message(
    .notFound, http: 404,
    title: Phrase("不是数据目录", "Not a data directory"),
    what: Phrase("{directory} 中没有节点的数据", "{directory} holds no node"),
    remedy: Phrase("改正目录，或先运行 xylemd init", "Correct the directory, or run xylemd init first"))

  static let storageNotEmpty = Message(
    .conflict, http: 409,
    title: Phrase("目录不是空的", "Directory is not empty"),
    what: Phrase("{directory} 不是空目录", "{directory} is not empty"),
    remedy: Phrase("换一个空目录", "Choose an empty directory"))

  static let storageFileMissing = Message(
    .unexpected, http: 500,
    title: Phrase("存储文件缺失", "Store file missing"),
    what: Phrase("缺少文件 {file}", "The file {file} is missing"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("找回该文件，或从备份恢复", "Bring the file back, or restore from a backup"))

  static let storageIO = Message(
    .unexpected, http: 500,
    title: Phrase("读写失败", "Input or output failed"),
    what: Phrase("对 {file} 的{operation}失败", "The {operation} of {file} failed"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("检查磁盘和挂载，再重启节点", "Check the disk and its mount, then restart the node"))

  static let storageBackupDamaged = Message(
    .problemsFound, http: 422,
    title: Phrase("备份已损坏", "Backup is damaged"),
    what: Phrase("备份文件 {file} 与清单不符", "The backup file {file} does not match its manifest"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("改用另一份备份", "Use another backup"))
}
