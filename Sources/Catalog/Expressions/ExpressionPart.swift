import Primitives

/// A checked expression, or a part of one, for evaluators that work on columns: they take it apart as far as that helps
/// them and evaluate the rest through the one evaluator there is, so that no meaning is written twice.
public struct ExpressionPart: Sendable {
  /// How a part is made of smaller ones.
  public enum Form: Sendable {
    /// `and`, two or more.
    case all([ExpressionPart])
    /// `or`, two or more.
    case any([ExpressionPart])
    case not(ExpressionPart)
    /// Both sides have one scale.
    case compare(Comparison, ExpressionPart, ExpressionPart)
    /// The item as it is.
    case item(ItemID)
    /// Anything else: evaluate it.
    case other
  }

  /// What a part reads, each once, in order of first use.
  public struct Inputs: Sendable {
    public fileprivate(set) var items: [ItemID] = []
    public fileprivate(set) var paths: [FieldPath] = []
    /// Whether it asks where the organisation that owns the record stands in the tree.
    public fileprivate(set) var readsOwner = false
    /// Whether its value changes with the day.
    public fileprivate(set) var readsToday = false
  }

  let program: ExpressionProgram
  let root: Int32

  /// How the part is made.
  public var form: Form {
    switch program.nodes[Int(root)] {
    case .all(let first, let count): .all(parts(first, count))
    case .any(let first, let count): .any(parts(first, count))
    case .not(let part): .not(ExpressionPart(program: program, root: part))
    case .compare(let comparison, let left, let right):
      .compare(comparison, ExpressionPart(program: program, root: left), ExpressionPart(program: program, root: right))
    case .item(let item): .item(item)
    default: .other
    }
  }

  private func parts(_ first: Int32, _ count: Int32) -> [ExpressionPart] {
    (first..<first + count).map { ExpressionPart(program: program, root: program.operands[Int($0)]) }
  }

  /// What the part reads of a record; nothing for a constant.
  ///
  /// - Complexity: linear in the part.
  public var inputs: Inputs {
    var inputs = Inputs()
    gather(root, &inputs)
    return inputs
  }

  private func gather(_ node: Int32, _ inputs: inout Inputs) {
    func read(_ item: ItemID) { if !inputs.items.contains(item) { inputs.items.append(item) } }
    switch program.nodes[Int(node)] {
    case .constant: break
    case .today: inputs.readsToday = true
    case .item(let item): read(item)
    case .path(let number):
      let path = program.paths[Int(number)]
      if !inputs.paths.contains(path) { inputs.paths.append(path) }
    case .under(let item, _): if let item { read(item) } else { inputs.readsOwner = true }
    case .not(let part), .member(let part, _), .isEmpty(let part), .negate(let part), .rescale(let part, _),
      .round(let part, _):
      gather(part, &inputs)
    case .all(let first, let count), .any(let first, let count):
      for operand in first..<first + count { gather(program.operands[Int(operand)], &inputs) }
    case .compare(_, let left, let right), .arithmetic(_, let left, let right), .addMonths(let left, let right),
      .addDays(let left, let right), .daysBetween(let left, let right), .coalesce(let left, let right):
      gather(left, &inputs)
      gather(right, &inputs)
    case .choose(let condition, let left, let right):
      gather(condition, &inputs)
      gather(left, &inputs)
      gather(right, &inputs)
    case .call(let function, let first):
      for operand in 0..<(function.signature?.parameters.count ?? 0) {
        gather(program.operands[Int(first) + operand], &inputs)
      }
    }
  }

  /// The part's value for one record; see ``CheckedExpression/evaluate(_:today:)``.
  public func evaluate(_ fields: some FieldSource, today: CivilDate) -> Value {
    ExpressionEvaluation(program, today: today).value(root, fields)
  }

  /// The part's truth for one record; see ``CheckedExpression/truth(_:today:)``.
  public func truth(_ fields: some FieldSource, today: CivilDate) -> Bool? {
    ExpressionEvaluation(program, today: today).truth(root, fields)
  }
}

extension CheckedExpression {
  /// The whole expression as a part.
  public var whole: ExpressionPart { ExpressionPart(program: program, root: program.root) }
}
