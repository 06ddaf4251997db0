extension Message {
  static let linkNoticeUnknown = Message(
    .notFound, http: 404,
    title: Phrase("没有这份通知", "No such notice"),
    what: Phrase("本节点没有通知 {notice}，或它已被撤回", "There is no notice {notice} here, or it was recalled"),
    remedy: Phrase("用 xylemctl notice list 查看", "List them with xylemctl notice list"))

  static let linkNoticeNotOurs = Message(
    .notAllowed, http: 403,
    title: Phrase("不是本节点发出的", "Not sent from here"),
    what: Phrase("通知 {notice} 由 {origin} 发出，只有它能撤回", "Notice {notice} was sent by {origin}, which alone can recall it"),
    remedy: Phrase("请发出者撤回", "Ask its sender to recall it"))

  static let linkNoticeNobody = Message(
    .notFound, http: 404,
    title: Phrase("没有收件者", "Nobody is meant"),
    what: Phrase("“{audience}”之下没有下级节点", "No node below is meant by {audience}"),
    remedy: Phrase("用 xylemctl tree 查看下级节点", "See the nodes below with xylemctl tree"))

  static let linkNoticesFull = Message(
    .limit, http: 409,
    title: Phrase("未撤回的通知太多", "Too many notices are live"),
    what: Phrase("本节点已有 {limit} 份未撤回的通知", "{limit} notices of this node are not recalled"),
    remedy: Phrase("先撤回旧的：xylemctl notice recall", "Recall old ones first: xylemctl notice recall"))

  static let nodeHandoverUnknown = Message(
    .notFound, http: 404,
    title: Phrase("没有这项转接", "No such hand-over"),
    what: Phrase("本节点没有可操作的转接 {handover}", "There is no hand-over {handover} here, or it is over"),
    remedy: Phrase("用 xylemctl handover list 查看", "List them with xylemctl handover list"))

  static let nodeHandoverNotPossible = Message(
    .conflict, http: 409,
    title: Phrase("不能转接", "Cannot be handed over"),
    what: Phrase("不能转接：{reason}", "It cannot be handed over: {reason}"),
    remedy: Phrase("核对记录和目标组织", "Check the record and the org it should go to"))

  static let nodeHandoverTooLarge = Message(
    .limit, http: 422,
    title: Phrase("记录太大，不能转接", "Too large to be handed over"),
    what: Phrase(
      "记录及其下属共 {rows} 行、{bytes} 字节，最多 {maximum} 字节",
      "The record and all that belongs to it have {rows} rows and {bytes} bytes; {maximum} is the most"),
    remedy: Phrase("精简其下属记录后重试", "Shorten what belongs to it and try again"))
}
