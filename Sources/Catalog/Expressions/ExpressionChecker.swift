import Primitives

/// Resolves names, finds types and lays out nodes. What it accepts, the evaluator runs without a type error; what it
/// builds is never deeper than ``ExpressionLimits/depth`` per level of derivation.
struct ExpressionChecker {
  let catalog: Catalog
  let entity: Entity
  let limits: ExpressionLimits

  /// A laid-out node and its type; nil is the type of `null`.
  struct Operand {
    let node: Int32
    let type: ExpressionType?
  }

  private var nodes: [ExpressionNode] = []
  private var operands: [Int32] = []
  private var constants: [Value] = []
  private var lists: [ValueList] = []
  private var paths: [FieldPath] = []
  private var items: [ItemID] = []
  private var asksTree = false
  private var derivationDepth = 0

  init(catalog: Catalog, entity: Entity, limits: ExpressionLimits) {
    self.catalog = catalog
    self.entity = entity
    self.limits = limits
  }

  mutating func check(_ source: String, expecting: ExpressionType?) throws(ExpressionError) -> CheckedExpression {
    let root = try operand(try ExpressionParser.parse(source, limits: limits))
    if let expecting, let type = root.type, !fits(type, expecting) {
      throw mismatch(at: 0, found: type, expected: expecting.label)
    }
    var sorted: [ItemID] = []
    for item in items.sorted() where sorted.last != item { sorted.append(item) }
    return CheckedExpression(
      source: source, type: root.type, referencedItems: sorted, asksTree: asksTree,
      program: ExpressionProgram(
        nodes: nodes, operands: operands, constants: constants, lists: lists, paths: paths, root: root.node))
  }

  private func fits(_ type: ExpressionType, _ expected: ExpressionType) -> Bool {
    if type == expected || type.isText && expected == .text { return true }
    if case (.decimal, .decimal) = (type, expected) { return true }
    return type == .days && expected == .int
  }

  func mismatch(at offset: Int, found: ExpressionType, expected: Label) -> ExpressionError {
    ExpressionError(
      at: offset, zh: "此处应为\(expected.zh),却是\(found.label.zh)",
      en: "expected \(expected.en), found \(found.label.en)")
  }

  // MARK: Laying out

  mutating func add(_ node: ExpressionNode, _ type: ExpressionType?) -> Operand {
    nodes.append(node)
    return Operand(node: Int32(truncatingIfNeeded: nodes.count - 1), type: type)
  }

  mutating func add(constant: Value, _ type: ExpressionType?) -> Operand {
    constants.append(constant)
    return add(.constant(Int32(truncatingIfNeeded: constants.count - 1)), type)
  }

  mutating func add(list: ValueList, of operand: Operand) -> Operand {
    lists.append(list)
    return add(.member(operand.node, list: Int32(truncatingIfNeeded: lists.count - 1)), .bool)
  }

  mutating func add(children: [Operand]) -> Int32 {
    let first = operands.count
    for child in children { operands.append(child.node) }
    return Int32(truncatingIfNeeded: first)
  }

  // MARK: Nodes

  mutating func operand(_ syntax: Syntax) throws(ExpressionError) -> Operand {
    switch syntax.kind {
    case .constant(let value, let type): return add(constant: value, type)
    case .null: return add(constant: .null, nil)
    case .today: return add(.today, .date)
    case .name(let names): return try name(names, at: syntax.offset)
    case .not(let part): return add(.not(try condition(part).node), .bool)
    case .negate(let part): return try negated(part)
    case .all(let parts):
      let children = try conditions(parts)
      return add(.all(first: add(children: children), count: Int32(truncatingIfNeeded: children.count)), .bool)
    case .any(let parts):
      let children = try conditions(parts)
      return add(.any(first: add(children: children), count: Int32(truncatingIfNeeded: children.count)), .bool)
    case .compare(let comparison, let left, let right): return try compared(comparison, left, right, at: syntax.offset)
    case .arithmetic(let operation, let left, let right):
      return try calculated(operation, left, right, at: syntax.offset)
    case .membership(let part, let entries): return try membership(part, entries)
    case .isNull(let part): return add(.isEmpty(try operand(part).node), .bool)
    case .under(let part, let code): return try under(part, code)
    case .call(let name, let arguments): return try called(name, arguments, at: syntax.offset)
    }
  }

  mutating func condition(_ syntax: Syntax) throws(ExpressionError) -> Operand {
    let found = try operand(syntax)
    if let type = found.type, type != .bool {
      throw mismatch(at: syntax.offset, found: type, expected: ExpressionType.bool.label)
    }
    return found
  }

  private mutating func conditions(_ parts: [Syntax]) throws(ExpressionError) -> [Operand] {
    var children: [Operand] = []
    for part in parts { children.append(try condition(part)) }
    return children
  }

  private mutating func negated(_ part: Syntax) throws(ExpressionError) -> Operand {
    let found = try operand(part)
    guard let type = found.type else { return found }
    guard type.scale != nil else { throw mismatch(at: part.offset, found: type, expected: ExpressionType.int.label) }
    return add(.negate(found.node), type)
  }

  // MARK: Names

  private mutating func name(_ names: [String], at offset: Int) throws(ExpressionError) -> Operand {
    guard names.count == 1 else {
      let (path, type) = try resolve(path: names, at: offset)
      let known = paths.firstIndex(of: path)
      if known == nil { paths.append(path) }
      return add(.path(Int32(truncatingIfNeeded: known ?? paths.count - 1)), type)
    }
    guard let item = entity.item(called: names[0]) else { throw unknown(names[0], in: entity, at: offset) }
    if item.isLocalDerivation, let derivation = item.derivation { return try derived(item, derivation, at: offset) }
    items.append(item.id)
    return add(.item(item.id), ExpressionType(item.type))
  }

  /// Puts a local derivation in the place of the item's name.
  private mutating func derived(_ item: Item, _ source: String, at offset: Int) throws(ExpressionError) -> Operand {
    guard derivationDepth < ExpressionLimits.derivationDepth, nodes.count < ExpressionChecker.nodesMax else {
      throw ExpressionError(
        at: offset, zh: "“\(item.label.zh)”的推导层次过多", en: "the derivation of \(item.name) refers to too many others")
    }
    derivationDepth += 1
    defer { derivationDepth -= 1 }
    let syntax: Syntax
    do {
      syntax = try ExpressionParser.parse(source, limits: .standard)
      return try operand(syntax)
    } catch {
      throw ExpressionError(
        at: offset, zh: "“\(item.label.zh)”的推导有误:\(error.message.zh)",
        en: "the derivation of \(item.name) is wrong: \(error.message.en)")
    }
  }

  /// A short source that names long derivations many times may not multiply into more nodes than this.
  private static let nodesMax = 100_000

  private mutating func under(_ part: Syntax, _ code: String) throws(ExpressionError) -> Operand {
    guard case .name(let names) = part.kind, names.count == 1 else {
      throw ExpressionError(
        at: part.offset, zh: "under 左边应为党组织项或 org", en: "left of 'under' stands an organisation item or 'org'")
    }
    let item = entity.item(called: names[0])
    if let item {
      guard case .reference(let target) = item.type, catalog.entity(target)?.name == "org" else {
        throw ExpressionError(
          at: part.offset, zh: "“\(item.label.zh)”不是党组织", en: "\(item.name) does not hold an organisation")
      }
      items.append(item.id)
    } else if names[0] != "org" {
      throw unknown(names[0], in: entity, at: part.offset)
    }
    guard OrganisationTreeCode.isValid(Text(code)) else {
      throw ExpressionError(
        at: part.offset, zh: "党组织代码应为3位一级的数字", en: "an organisation code has three digits a level")
    }
    asksTree = true
    constants.append(.text(Text(code)))
    return add(.under(item?.id, code: Int32(truncatingIfNeeded: constants.count - 1)), .bool)
  }
}
