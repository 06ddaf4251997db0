/// Messages about a node and its commits (`XYL-NOD-…`).
extension Message {
  static let nodeNotInitialised = Message(
    .conflict, http: 409,
    title: Phrase("节点尚未建立", "Node not initialised"),
    what: Phrase("{directory} 中还没有建立节点", "No node has been set up in {directory}"),
    remedy: Phrase("先运行 xylemd init", "Run xylemd init first"))

  static let nodeAlreadyInitialised = Message(
    .conflict, http: 409,
    title: Phrase("节点已经建立", "Node already initialised"),
    what: Phrase("{directory} 中已有节点 {node}", "{directory} already holds node {node}"),
    remedy: Phrase("直接启动，或换一个目录", "Start it, or choose another directory"))

  static let nodeStopping = Message(
    .temporary, http: 503,
    title: Phrase("节点正在停止", "Node is stopping"),
    what: Phrase("节点正在停止，不再接受请求", "The node is stopping and takes no more requests"),
    remedy: Phrase("节点启动后再试", "Try again when it runs"))

  static let nodeBusy = Message(
    .temporary, http: 503,
    title: Phrase("节点繁忙", "Node is busy"),
    what: Phrase("队列“{queue}”已满（{limit}）", "The queue “{queue}” is full ({limit})"),
    remedy: Phrase("稍后再试，或减小并发", "Try again later, or send less at once"))

  static let nodeUnknownOrg = Message(
    .notFound, http: 404,
    title: Phrase("组织不存在", "Unknown org"),
    what: Phrase("找不到组织“{org}”", "There is no org “{org}”"),
    why: .didYouMean,
    remedy: Phrase("用 xylemctl tree 查看组织", "List the orgs with xylemctl tree"))

  static let nodeAmbiguousOrg = Message(
    .conflict, http: 409,
    title: Phrase("组织代码不唯一", "Two orgs have one code"),
    what: Phrase(
      "组织代码“{org}”有两个组织：{first} 和 {second}", "Two orgs have the code “{org}”: {first} and {second}"),
    remedy: Phrase(
      "请其中一个组织的管理单位更正代码；在此之前按上级或下级组织查询",
      "One of the two domains has to correct its code; until then ask for the org above or below"))

  static let nodeRecordNotFound = Message(
    .notFound, http: 404,
    title: Phrase("记录不存在", "Record not found"),
    what: Phrase("找不到{entity}记录 {record}", "There is no {entity} record {record}"),
    remedy: Phrase("核对编号；它可能已被删除或已转出", "Check the id; the record may have been deleted or handed over"))

  static let nodeNotOwner = Message(
    .conflict, http: 409,
    title: Phrase("不归本节点管理", "Not owned by this node"),
    what: Phrase(
      "组织“{org}”由节点 {owner} 管理，本节点不能修改",
      "The org “{org}” is owned by node {owner}; this node cannot change it"),
    remedy: Phrase("到该节点修改，或向它发出更正请求", "Change it there, or send that node a correction request"))

  static let nodeFenced = Message(
    .conflict, http: 409,
    title: Phrase("本节点已被隔离，不再写入", "This node is fenced and writes no more"),
    what: Phrase("另一处持有本分区：{reason}", "Another life, machine or owner holds the partition: {reason}"),
    remedy: Phrase(
      "用 xylemd evidence 列出只在本机的记录；再用 xylemd recover 从上级恢复",
      "List what lies only here with xylemd evidence, then pull the history back with xylemd recover"))

  static let nodeCommitTooLarge = Message(
    .limit, http: 413,
    title: Phrase("提交过大", "Commit too large"),
    what: Phrase(
      "一次提交有 {operations} 个操作、{bytes} 字节，上限为 {maximumOperations} 个、{maximumBytes} 字节",
      "The commit has {operations} operations and {bytes} bytes; allowed are {maximumOperations} and {maximumBytes}"),
    remedy: Phrase("分成几次提交，用同一个批次号", "Split it into several commits under one batch id"))

  static let nodeConflict = Message(
    .conflict, http: 409,
    title: Phrase("记录已被他人修改", "Record changed meanwhile"),
    what: Phrase("{entity}记录 {record} 在读取之后被修改过", "The {entity} record {record} was changed after it was read"),
    remedy: Phrase("重新读取，再提交", "Read it again and repeat the change"))

  static let nodeDuplicate = Message(
    .conflict, http: 409,
    title: Phrase("记录重复", "Record exists already"),
    what: Phrase("已有相同{key}的{entity}记录 {record}", "A {entity} record with the same {key} exists: {record}"),
    remedy: Phrase("修改已有的记录，或更正{key}", "Change that record, or correct {key}"))

  static let nodeRuleFailed = Message(
    .conflict, http: 422,
    title: Phrase("不符合校验规则", "Validation rule not met"),
    what: Phrase("不符合规则 {rule}：{text}", "Rule {rule} is not met: {text}"),
    place: Phrase("{entity}记录 {record}", "{entity} record {record}"),
    remedy: Phrase("更正数据后重试", "Correct the data and try again"))

  static let nodeRecordFrozen = Message(
    .conflict, http: 409,
    title: Phrase("记录正在转接", "Record is being handed over"),
    what: Phrase(
      "{entity}记录 {record} 正在转接 {transfer} 中，暂不能修改",
      "The {entity} record {record} is frozen by hand-over {transfer}"),
    remedy: Phrase("等转接完成或撤回", "Wait until the hand-over is decided, or revoke it"))

  static let nodeNotAllowed = Message(
    .notAllowed, http: 403,
    title: Phrase("无权限", "Not allowed"),
    what: Phrase("{user} 无权在“{org}”范围内{action}", "{user} may not {action} in “{org}”"),
    remedy: Phrase("向管理员申请授权", "Ask an administrator for the right"))

  static let nodeReadOnly = Message(
    .conflict, http: 409,
    title: Phrase("节点只读", "Node is read-only"),
    what: Phrase("节点现在只读：{reason}", "The node is read-only now: {reason}"),
    remedy: Phrase("用 xylemctl status 查看原因和恢复办法", "See xylemctl status for the cause and the way out"))

  static let nodeNotAcknowledged = Message(
    .temporary, http: 504,
    title: Phrase("尚未得到上级确认", "Not acknowledged in time"),
    what: Phrase(
      "提交已在本地落盘，但在 {seconds} 秒内没有得到“{level}”的确认",
      "The commit is durable here but “{level}” did not acknowledge it within {seconds} s"),
    remedy: Phrase("不要重发；链路恢复后会自动送达", "Do not send it again: it will arrive when the link is back"))
}
