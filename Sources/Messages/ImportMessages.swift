/// Messages about files that are imported (`XYL-IMP-…`).
extension Message {
  static let importEmpty = Message(
    .problemsFound, http: 422,
    title: Phrase("文件是空的", "Empty file"),
    what: Phrase("{file} 中没有数据", "{file} holds no data"),
    remedy: Phrase("核对文件", "Check the file"))

  static let importEncoding = Message(
    .problemsFound, http: 422,
    title: Phrase("编码无法识别", "Encoding not recognised"),
    what: Phrase("{file} 不是 {encoding} 文本", "{file} is not {encoding} text"),
    place: Phrase("第 {row} 行", "row {row}"),
    why: Phrase("第 {offset} 个字节", "byte {offset}"),
    remedy: Phrase("另存为 UTF-8", "Save it in UTF-8"))

  static let importWrongHeader = Message(
    .problemsFound, http: 422,
    title: Phrase("表头不符", "Wrong header"),
    what: Phrase("{file} 的表头与“{entity}”的模板不符", "The header of {file} is not that of the template for “{entity}”"),
    why: Phrase("{reason}", "{reason}"),
    remedy: Phrase("用 xylemctl catalog 实体名 查看列名", "See the columns with xylemctl catalog ENTITY"))

  static let importMissingColumn = Message(
    .problemsFound, http: 422,
    title: Phrase("缺少列", "Missing column"),
    what: Phrase("缺少必需的列“{column}”", "The required column “{column}” is missing"),
    place: Phrase("{file}", "{file}"),
    remedy: Phrase("补上该列", "Add the column"))

  static let importUnknownColumn = Message(
    .problemsFound, http: 422,
    title: Phrase("未知的列", "Unknown column"),
    what: Phrase("没有名为“{column}”的列", "There is no column “{column}”"),
    place: Phrase("{file}", "{file}"),
    why: .didYouMean,
    remedy: Phrase("改正列名，或用列映射忽略它", "Correct the name, or leave the column out in the mapping"))

  static let importDuplicateColumn = Message(
    .problemsFound, http: 422,
    title: Phrase("列重复", "Duplicate column"),
    what: Phrase("列“{column}”出现了不止一次", "The column “{column}” is given more than once"),
    place: Phrase("{file}", "{file}"),
    remedy: Phrase("只保留一列", "Keep one of them"))

  static let importRaggedRow = Message(
    .problemsFound, http: 422,
    title: Phrase("列数不符", "Row of the wrong length"),
    what: Phrase("该行有 {count} 个字段，表头有 {expected} 个", "The row has {count} fields; the header has {expected}"),
    place: .row,
    remedy: Phrase("检查该行是否多写或漏写了分隔符或引号", "Look for a separator or a quote too many or too few"))

  static let importOpenQuote = Message(
    .problemsFound, http: 422,
    title: Phrase("引号未闭合", "Quote not closed"),
    what: Phrase("从第 {row} 行开始的引号没有闭合", "The quote that opens in row {row} is never closed"),
    place: Phrase("“{column}”列", "column “{column}”"),
    remedy: Phrase("补上闭合的引号；字段内的引号要写两个", "Close it; a quote inside a field is written twice"))

  static let importStrayQuote = Message(
    .problemsFound, http: 422,
    title: Phrase("多余的引号", "Stray quote"),
    what: Phrase("字段中间出现了引号", "A quote stands in the middle of a field"),
    place: .rowColumn,
    remedy: Phrase("给整个字段加引号，内部的引号写两个", "Quote the whole field and write inner quotes twice"))

  static let importControlCharacter = Message(
    .problemsFound, http: 422,
    title: Phrase("含控制字符", "Control character"),
    what: Phrase("“{column}”含有不可见的控制字符 {character}", "“{column}” holds the invisible control character {character}"),
    place: .rowColumn,
    remedy: Phrase("删去该字符", "Remove the character"))

  static let importTooLong = Message(
    .problemsFound, http: 422,
    title: Phrase("内容过长", "Text too long"),
    what: Phrase(
      "“{column}”有 {length} 个字，上限为 {maximum} 个",
      "“{column}” has {length} characters; at most {maximum} are allowed"),
    place: .rowColumn,
    remedy: Phrase("缩短内容", "Shorten it"))

  static let importEmptyRequired = Message(
    .problemsFound, http: 422,
    title: Phrase("必填项为空", "Required field is empty"),
    what: Phrase("“{column}”不能为空", "“{column}” must not be empty"),
    place: .rowColumn,
    remedy: Phrase("填写该项", "Fill it in"))

  static let importWrongCode = Message(
    .problemsFound, http: 422,
    title: Phrase("代码不存在", "Code not in the table"),
    what: Phrase("“{value}”不在代码表 {table} 中", "“{value}” is not in code table {table}"),
    place: .rowColumn,
    why: .didYouMean,
    remedy: Phrase("改用代码表中的代码或名称", "Use a code or a name of the table"))

  static let importBadCheckDigit = Message(
    .problemsFound, http: 422,
    title: Phrase("校验位不符", "Check digit does not match"),
    what: Phrase("“{column}”的校验位不符", "The check digit of “{column}” does not match"),
    place: .rowColumn,
    remedy: Phrase("核对号码，多半是抄错了一位", "Compare the number; most likely one digit was miscopied"))

  static let importBadDate = Message(
    .problemsFound, http: 422,
    title: Phrase("日期无效", "Not a date"),
    what: Phrase("“{value}”不是有效日期", "“{value}” is not a date of the calendar"),
    place: .rowColumn,
    remedy: Phrase("写成 2026-07-01 或 20260701", "Write 2026-07-01 or 20260701"))

  static let importBadNumber = Message(
    .problemsFound, http: 422,
    title: Phrase("数字无效", "Not a number"),
    what: Phrase("“{value}”不是“{column}”可用的数字", "“{value}” is not a number that “{column}” takes"),
    place: .rowColumn,
    why: Phrase("至多 {decimals} 位小数", "It takes at most {decimals} decimals"),
    remedy: Phrase("只写数字，不带单位和千位分隔符", "Write digits only, without a unit or separators"))

  static let importBadBool = Message(
    .problemsFound, http: 422,
    title: Phrase("是否值无效", "Not a yes or no"),
    what: Phrase("“{value}”不是“是”或“否”", "“{value}” is not yes or no"),
    place: .rowColumn,
    remedy: Phrase("写“是”“否”，或 1、0", "Write 是 or 否, yes or no, 1 or 0"))

  static let importDuplicateKey = Message(
    .problemsFound, http: 422,
    title: Phrase("文件内重复", "Duplicate in the file"),
    what: Phrase("与第 {firstRow} 行的{key}相同", "The {key} is the same as in row {firstRow}"),
    place: .row,
    remedy: Phrase("合并这两行，或更正其一", "Merge the two rows, or correct one"))

  static let importUnknownReference = Message(
    .problemsFound, http: 422,
    title: Phrase("引用的记录不存在", "Reference to nothing"),
    what: Phrase("找不到“{value}”所指的{entity}", "There is no {entity} “{value}”"),
    place: .rowColumn,
    why: .didYouMean,
    remedy: Phrase("先导入被引用的记录，或更正", "Import what it refers to first, or correct it"))

  static let importOutsideDomain = Message(
    .problemsFound, http: 422,
    title: Phrase("不在本节点管辖范围", "Outside the domain of this node"),
    what: Phrase("组织“{org}”不归本节点管理", "The org “{org}” is not owned by this node"),
    place: .row,
    why: Phrase("它由节点 {owner} 管理", "It is owned by node {owner}"),
    remedy: Phrase("到该节点导入", "Import it there"))

  static let importRuleFailed = Message(
    .problemsFound, http: 422,
    title: Phrase("不符合校验规则", "Validation rule not met"),
    what: Phrase("不符合规则 {rule}：{text}", "Rule {rule} is not met: {text}"),
    place: .row,
    remedy: Phrase("更正该行", "Correct the row"))

  static let importRejects = Message(
    .problemsFound, http: 422,
    title: Phrase("有被拒的行", "Some rows were rejected"),
    what: Phrase("读取 {rows} 行，其中 {rejected} 行被拒", "Of {rows} rows, {rejected} were rejected"),
    place: Phrase("{file}", "{file}"),
    remedy: Phrase(
      "更正被拒的行后再次导入；已导入的行不会重复",
      "Correct the rejected rows and import again; rows already in are not doubled"))

  static let importTooManyRejects = Message(
    .limit, http: 422,
    title: Phrase("被拒的行过多", "Too many rejected rows"),
    what: Phrase("被拒的行超过 {maximum} 行，导入已停止", "More than {maximum} rows were rejected; the import has stopped"),
    place: Phrase("{file}", "{file}"),
    remedy: Phrase(
      "多半是列错位或编码不对：先核对前几行",
      "Most likely columns are shifted or the encoding is wrong: look at the first rows"))
}
