import Primitives

extension ExpressionPart {
  /// Numbers between which the part's truth cannot change, for a condition on one item, or on one item at the end of a
  /// path, that only compares it: days of dates, minutes, units of numbers. Truth may change from a number to the next
  /// only if one of the two is in the list. Nil when the part does more than that.
  ///
  /// For evaluators that look truths up by value: they ask once for each stretch instead of once for each day.
  public var bounds: [Int64]? {
    var bounds: [Int64] = []
    return gatherBounds(root, &bounds) ? bounds : nil
  }

  private func gatherBounds(_ node: Int32, _ bounds: inout [Int64]) -> Bool {
    switch program.nodes[Int(node)] {
    case .constant: return true
    case .not(let part): return gatherBounds(part, &bounds)
    case .isEmpty(let part): return isRead(part)
    case .all(let first, let count), .any(let first, let count):
      return (first..<first + count).allSatisfy { gatherBounds(program.operands[Int($0)], &bounds) }
    case .compare(_, let left, let right):
      let (read, other) = isRead(left) ? (left, right) : (right, left)
      let constant = ExpressionPart(program: program, root: other)
      let inputs = constant.inputs
      guard isRead(read), inputs.items.isEmpty, inputs.paths.isEmpty, !inputs.readsOwner, !inputs.readsToday else {
        return false
      }
      switch constant.evaluate(NoFields(), today: CivilDate(days: 0)) {
      case .int(let number), .decimal(let number): bounds.append(number)
      case .date(let date): bounds.append(Int64(date.days))
      case .minute(let minute): bounds.append(minute.minutes)
      case .null: break
      default: return false
      }
      return true
    case .member(let part, let list):
      guard isRead(part), case .ranges(let ranges) = program.lists[Int(list)] else { return false }
      for range in ranges { bounds += [range.lowerBound, range.upperBound] }
      return true
    default: return false
    }
  }

  private func isRead(_ node: Int32) -> Bool {
    switch program.nodes[Int(node)] {
    case .item, .path: true
    default: false
    }
  }
}

/// A record without anything: constants ask it nothing.
private struct NoFields: FieldSource {
  func value(_ item: ItemID) -> Value { .null }
}
