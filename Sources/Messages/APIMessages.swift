/// Messages about the HTTP interface (`XYL-API-…`).
extension Message {
  static let apiInternal = Message(
    .unexpected, http: 500,
    title: Phrase("内部错误", "Internal error"),
    what: Phrase("服务器内部错误，日志编号 {reference}", "The server failed; its log has the details under {reference}"),
    remedy: Phrase("把编号交给管理员", "Give the reference to the administrator"))

  static let apiNotFound = Message(
    .notFound, http: 404,
    title: Phrase("没有这个地址", "No such resource"),
    what: Phrase("没有地址 {path}", "There is nothing at {path}"),
    remedy: Phrase("核对地址；接口说明见 /openapi.json", "Check the path; /openapi.json describes the interface"))

  static let apiMethodNotAllowed = Message(
    .usage, http: 405,
    title: Phrase("方法不支持", "Method not allowed"),
    what: Phrase("{path} 不支持 {method}", "{path} does not take {method}"),
    why: Phrase("支持的方法：{allowed}", "It takes {allowed}"),
    remedy: Phrase("改用支持的方法", "Use one of those methods"))

  static let apiBodyTooLarge = Message(
    .limit, http: 413,
    title: Phrase("请求体过大", "Request body too large"),
    what: Phrase("请求体超过上限 {maximum} 字节", "The request body exceeds {maximum} bytes"),
    remedy: Phrase("分成几次发送", "Send it in several requests"))

  static let apiBadJSON = Message(
    .usage, http: 400,
    title: Phrase("JSON 有误", "Malformed JSON"),
    what: Phrase("请求体不是有效的 JSON：{reason}", "The request body is not valid JSON: {reason}"),
    place: Phrase("第 {offset} 个字节", "byte {offset}"),
    remedy: Phrase("改正请求体", "Correct the body"))

  static let apiBadParameter = Message(
    .usage, http: 400,
    title: Phrase("参数有误", "Bad parameter"),
    what: Phrase("参数“{parameter}”应为{expected}", "The parameter “{parameter}” takes {expected}"),
    why: Phrase("现在的值是“{found}”", "The value given is “{found}”"),
    remedy: Phrase("改正参数", "Correct the parameter"))

  static let apiMediaType = Message(
    .usage, http: 415,
    title: Phrase("内容类型不支持", "Media type not supported"),
    what: Phrase("{path} 不接受 {type}", "{path} does not take {type}"),
    why: Phrase("接受的类型：{accepted}", "It takes {accepted}"),
    remedy: Phrase("改用接受的类型", "Send one of those types"))

  static let apiUnauthenticated = Message(
    .notAllowed, http: 401,
    title: Phrase("需要身份验证", "Not authenticated"),
    what: Phrase("请求没有有效的身份凭据", "The request carries no valid credentials"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("带上令牌或客户端证书", "Send a token or a client certificate"))

  static let apiForbidden = Message(
    .notAllowed, http: 403,
    title: Phrase("无权限", "Not allowed"),
    what: Phrase("当前身份无权{action}", "This identity may not {action}"),
    remedy: Phrase("向管理员申请授权", "Ask an administrator for the right"))

  static let apiTooManyRequests = Message(
    .temporary, http: 429,
    title: Phrase("请求过多", "Too many requests"),
    what: Phrase("请求超过每秒 {limit} 次", "More than {limit} requests a second"),
    remedy: Phrase("{seconds} 秒后再试", "Try again in {seconds} s"))
}
