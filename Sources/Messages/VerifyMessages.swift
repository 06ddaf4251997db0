/// Messages about verification (`XYL-VER-…`).
extension Message {
  static let verifyDifferent = Message(
    .problemsFound, http: 409,
    title: Phrase("数据不一致", "Data differ"),
    what: Phrase("与 {peer} 比对发现 {count} 处不同", "Compared with {peer}, {count} differences were found"),
    place: Phrase("{scope}", "{scope}"),
    remedy: Phrase(
      "用 xylemctl verify 列出差异，再决定修复",
      "List the differences with xylemctl verify, then decide on the repair"))

  static let verifyBehind = Message(
    .temporary, http: 409,
    title: Phrase("尚未同步到比对位置", "Not yet at the position compared"),
    what: Phrase("{peer} 还差 {behind} 个提交", "{peer} is {behind} commits behind"),
    remedy: Phrase("同步后再比对", "Synchronise, then compare again"))

  static let verifyIncomparable = Message(
    .conflict, http: 409,
    title: Phrase("无法比对", "Cannot be compared"),
    what: Phrase("与 {peer} 没有可比的位置：{reason}", "There is no position to compare with {peer}: {reason}"),
    remedy: Phrase("先建立链路并同步一次", "Set up the link and synchronise once"))

  static let verifyChainBroken = Message(
    .problemsFound, http: 409,
    title: Phrase("哈希链中断", "Hash chain broken"),
    what: Phrase(
      "节点 {node} 的日志在 {sequence} 处与前一帧接不上",
      "The log of node {node} does not join its predecessor at {sequence}"),
    remedy: Phrase("保留现场；从另一份副本核对", "Keep the files as they are; compare with another copy"))

  static let verifyRowDamaged = Message(
    .problemsFound, http: 409,
    title: Phrase("存储的行已损坏", "Stored row is damaged"),
    what: Phrase("{entity}记录 {record} 无法解码", "The {entity} record {record} cannot be decoded"),
    remedy: Phrase("从上级的副本修复", "Repair it from the copy above"))

  static let verifyTooOld = Message(
    .temporary, http: 503,
    title: Phrase("数据不够新", "Data are too old"),
    what: Phrase(
      "{nodes} 个节点中有 {count} 个的数据早于 {seconds} 秒：{codes}",
      "Of {nodes} nodes {count} are older than {seconds} s: {codes}"),
    remedy: Phrase(
      "用 xylemctl tree 查看链路，或放宽 --max-age", "Look at the links with xylemctl tree, or allow more with --max-age"))
}
