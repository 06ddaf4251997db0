/// Messages about links between nodes and packages by file (`XYL-LNK-…`).
extension Message {
  static let linkUnreachable = Message(
    .temporary, http: 503,
    title: Phrase("对端无法连接", "Peer cannot be reached"),
    what: Phrase("无法连接 {address}", "{address} cannot be reached"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("检查网络；节点会自行重试", "Check the network; the node keeps trying"))

  static let linkRefused = Message(
    .notAllowed, http: 403,
    title: Phrase("对端拒绝连接", "Refused by the peer"),
    what: Phrase("{peer} 拒绝了连接：{reason}", "{peer} refused the link: {reason}"),
    remedy: Phrase("请对端管理员处理", "Ask the administrator of the peer"))

  static let linkUnknownChild = Message(
    .notAllowed, http: 403,
    title: Phrase("未登记的下级", "Unknown child"),
    what: Phrase("节点 {node} 没有登记为本节点的下级", "Node {node} is not registered as a child of this node"),
    place: Phrase("来自 {address}", "from {address}"),
    remedy: Phrase("核对后写入上级的 link.children", "Check who it is, then name it in the parent's link.children"))

  static let linkWrongNetwork = Message(
    .conflict, http: 409,
    title: Phrase("不属于同一网络", "Another network"),
    what: Phrase("对端属于网络 {network}，本节点属于 {expected}", "The peer belongs to network {network}, this node to {expected}"),
    place: Phrase("{address}", "{address}"),
    remedy: Phrase("改正上级地址", "Correct the address of the parent"))

  static let linkVersionNotSpoken = Message(
    .conflict, http: 426,
    title: Phrase("协议版本不通", "No common protocol version"),
    what: Phrase(
      "对端使用协议版本 {versions}，本节点支持 {supported}",
      "The peer speaks protocol versions {versions}, this node {supported}"),
    place: Phrase("{peer}", "{peer}"),
    remedy: Phrase("升级较旧的一方", "Upgrade the older side"))

  static let linkCertificate = Message(
    .notAllowed, http: 403,
    title: Phrase("证书无效", "Certificate not accepted"),
    what: Phrase("{peer} 的证书不被接受：{reason}", "The certificate of {peer} is not accepted: {reason}"),
    remedy: Phrase("更新证书，并核对两端时钟", "Renew the certificate and compare both clocks"))

  static let linkTokenInvalid = Message(
    .notAllowed, http: 403,
    title: Phrase("入网令牌无效", "Join token not valid"),
    what: Phrase("入网令牌无效：{reason}", "The join token is not valid: {reason}"),
    remedy: Phrase("请上级重新签发", "Ask the parent for a new one"))

  static let linkDiverged = Message(
    .conflict, http: 409,
    title: Phrase("日志已分叉", "Logs have diverged"),
    what: Phrase(
      "节点 {node} 的日志在 {sequence} 处与上级所存不同",
      "The log of node {node} differs from the copy above at {sequence}"),
    why: Phrase("存储可能由旧副本恢复，或两处使用同一身份", "The store was restored from an older copy, or two use one identity"),
    remedy: Phrase(
      "停止写入；用 xylemctl verify 比对后按手册恢复",
      "Stop writing; compare with xylemctl verify and restore by the manual"))

  static let linkGap = Message(
    .temporary, http: 409,
    title: Phrase("日志不连续", "Gap in the log"),
    what: Phrase(
      "节点 {node} 的日志应从 {expected} 接续，收到的是 {received}",
      "The log of node {node} should go on at {expected}, but {received} arrived"),
    remedy: Phrase("会自动从断点重传；若反复出现，检查对端", "It is sent again by itself from the gap; if that repeats, check the peer"))

  static let linkBadHash = Message(
    .conflict, http: 422,
    title: Phrase("校验值不符", "Hash does not match"),
    what: Phrase(
      "节点 {node} 的帧 {sequence} 校验值不符，已拒收",
      "Frame {sequence} of node {node} does not match its hash and was refused"),
    remedy: Phrase("会自动重传；若反复出现，检查磁盘和内存", "It is sent again by itself; if that repeats, check disks and memory"))

  static let linkBadSignature = Message(
    .notAllowed, http: 422,
    title: Phrase("签名无效", "Signature not valid"),
    what: Phrase(
      "节点 {node} 的帧 {sequence} 签名无效，已拒收",
      "Frame {sequence} of node {node} has no valid signature and was refused"),
    remedy: Phrase("核对该节点的公钥；可能有人冒用身份", "Compare the public key of that node; somebody may be using its identity"))

  static let linkNeedsSnapshot = Message(
    .temporary, http: 409,
    title: Phrase("需要整体快照", "Snapshot needed"),
    what: Phrase("节点 {node} 落后太多，所缺日志已不再保留", "Node {node} is too far behind: the log it lacks is no longer kept"),
    remedy: Phrase("会自动改用快照；可用 xylemctl status 查看进度", "A snapshot is sent instead; watch it with xylemctl status"))

  static let linkTwinIdentity = Message(
    .conflict, http: 409,
    title: Phrase("同一身份有两处在用", "One identity in two places"),
    what: Phrase("节点 {node} 同时从 {first} 与 {second} 连接", "Node {node} connects from {first} and from {second}"),
    remedy: Phrase("停掉不该存在的一处，另一处以新的一世恢复", "Stop the one that should not be; restore the other into a new incarnation"))

  static let linkPackageNotForUs = Message(
    .conflict, http: 409,
    title: Phrase("数据包不是给本节点的", "Package for another node"),
    what: Phrase("{file} 是给 {recipient} 的", "{file} is addressed to {recipient}"),
    remedy: Phrase("送到该节点", "Take it to that node"))

  static let linkPackageDamaged = Message(
    .conflict, http: 422,
    title: Phrase("数据包已损坏", "Package is damaged"),
    what: Phrase("{file} 无法读取：{reason}", "{file} cannot be read: {reason}"),
    remedy: Phrase("重新拷贝，或请对端重新导出", "Copy it again, or ask the sender to export it again"))

  static let linkPackageOutOfOrder = Message(
    .conflict, http: 409,
    title: Phrase("数据包次序不对", "Package out of order"),
    what: Phrase("{file} 是第 {number} 号，应先收第 {expected} 号", "{file} is number {number}; number {expected} comes first"),
    why: Phrase(
      "此包从提交 {start} 之后开始，本节点只到 {have}", "It begins after commit {start}, and this node is at {have}"),
    remedy: Phrase(
      "先导入第 {expected} 号；若已丢失，请对端执行 xylemctl bundle export --again {expected} 或 {again}",
      "Import number {expected} first; if lost, ask there for xylemctl bundle export --again {expected}, or {again}"
    ))

  static let linkCardMissing = Message(
    .conflict, http: 409,
    title: Phrase("没有对端的名片", "No card of this node"),
    what: Phrase("本节点没有 {peer} 的名片", "There is no card of {peer} here"),
    remedy: Phrase(
      "在对端执行 xylemctl node card --out 文件，带来后执行 xylemctl node introduce 文件",
      "Have it made there with xylemctl node card --out FILE, bring it here and run xylemctl node introduce FILE"))

  static let linkCardRefused = Message(
    .conflict, http: 409,
    title: Phrase("名片或数据包不能用", "Card or package not accepted"),
    what: Phrase("{file} 不能用：{reason}", "{file} cannot be used: {reason}"),
    remedy: Phrase("核对文件来自哪个节点，必要时重新制作", "Check which node it came from; have it made again if need be"))

  static let linkPackageUnknown = Message(
    .notFound, http: 404,
    title: Phrase("没有这个数据包", "No such package"),
    what: Phrase("没有为该节点做过第 {number} 号数据包，或已不能重做", "No package {number} was made for it, or it can be made no more"),
    remedy: Phrase("用 xylemctl bundle export --all 导出全部", "Export everything with xylemctl bundle export --all"))

  static let linkPackageTwoHistories = Message(
    .conflict, http: 409,
    title: Phrase("两份历史", "Two histories"),
    what: Phrase("{file} 与本节点所存是两份历史：{reason}", "{file} and this node tell two histories: {reason}"),
    why: Phrase("一方的存储由旧副本恢复，或两处使用同一身份", "A store was restored from an older copy, or two machines use one identity"),
    remedy: Phrase("停止写入，保留两份文件，按手册恢复", "Stop writing there, keep both files, and restore by the manual"))

  static let linkPackageFenced = Message(
    .notAllowed, http: 403,
    title: Phrase("发送方已被取代", "The sender was replaced"),
    what: Phrase(
      "{sender} 的分区已归他处，或已有更新的一世，{file} 不能导入",
      "The partition of {sender} belongs to another owner, or a later life of it is known: {file} is not taken"),
    remedy: Phrase("由上级核对该节点的名片和归属", "Have the parent check that node's card and assignment"))

  static let linkPackageReclaimed = Message(
    .conflict, http: 409,
    title: Phrase("本节点的分区已归他处", "This node's domain was given to another"),
    what: Phrase(
      "{file} 是上级的回执：分区在第 {epoch} 期归节点 {owner}；本节点已停止写入，此后提交一律拒绝",
      "{file} comes from the parent: in epoch {epoch} the domain is node {owner}'s. This node is fenced, takes no more commits"
    ),
    why: Phrase("上级用 reclaim 把分区交给了另一台机器", "The parent reclaimed the domain for another machine"),
    remedy: Phrase(
      "用 xylemd evidence 列出只在此处的改动，交新的所有者重录；弄错时由上级再次收回",
      "List what lies only here with xylemd evidence for the new owner to enter; if it was a mistake the parent reclaims again"
    ))

  static let linkNotProved = Message(
    .notAllowed, http: 403,
    title: Phrase("对端没有证明身份", "Peer did not prove who it is"),
    what: Phrase("{address} 没有证明自己的身份：{reason}", "{address} did not prove who it is: {reason}"),
    remedy: Phrase("核对该节点的密钥文件和证书", "Compare that node's key file and certificate"))

  static let linkPackageNeedsSnapshot = Message(
    .conflict, http: 409,
    title: Phrase("数据包装不下快照", "Packages carry no snapshot"),
    what: Phrase(
      "{peer} 所缺的日志在本节点只有快照，数据包只装日志",
      "What {peer} lacks is here only as a snapshot, and packages carry frames"),
    remedy: Phrase(
      "与上级连一次网络，快照传完后即可继续用数据包",
      "Link to the parent once; when the snapshot has gone up, packages go on from there"))
}
