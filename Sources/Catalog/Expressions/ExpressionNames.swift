import Primitives

// Resolving names of items and paths.

extension Entity {
  /// The item of this name or alias.
  func item(called name: String) -> Item? {
    if let item = item(named: name) { return item }
    guard let alias = aliases.first(where: { $0.name == name }) else { return nil }
    return item(alias.item)
  }
}

extension ExpressionChecker {
  /// The way along relations to a field of another record.
  func resolve(path names: [String], at offset: Int) throws(ExpressionError) -> (FieldPath, ExpressionType) {
    var current = entity
    var steps: [FieldPath.Step] = []
    for name in names.dropLast() {
      let (step, next) = try follow(name, from: current, at: offset)
      steps.append(step)
      current = next
    }
    guard let last = names.last, let item = current.item(called: last) else {
      throw unknown(names.last ?? "", in: current, at: offset)
    }
    let path = FieldPath(source: names.joined(separator: "."), steps: steps, entity: current.id, item: item.id)
    return (path, ExpressionType(item.type))
  }

  private func follow(
    _ name: String, from entity: Entity, at offset: Int
  ) throws(ExpressionError) -> (FieldPath.Step, Entity) {
    if let relation = entity.relations.first(where: { $0.name == name }) {
      switch relation.target {
      case .reference(let item): return try follow(item, from: entity, isNamed: true, at: offset)
      case .child(let child, let selector):
        if let target = catalog.entity(child) { return (.child(child, where: selector), target) }
      }
    }
    if let item = entity.item(called: name) {
      return try follow(item.id, from: entity, isNamed: false, at: offset)
    }
    if let parent = entity.parent, let target = catalog.entity(parent), target.name == name { return (.parent, target) }
    throw ExpressionError(
      at: offset, zh: "“\(entity.label.zh)”没有关联“\(name)”", en: "\(entity.name) has no relation \(name)")
  }

  /// - Parameter isNamed: a relation of the catalog leads there, which may mean the first of several.
  private func follow(
    _ id: ItemID, from entity: Entity, isNamed: Bool, at offset: Int
  ) throws(ExpressionError) -> (FieldPath.Step, Entity) {
    let type = entity.item(id)?.type
    let isOne = if case .reference = type { true } else { false }
    guard let target = type?.target, isOne || isNamed, let next = catalog.entity(target) else {
      throw ExpressionError(
        at: offset, zh: "此处的项不指向其他记录", en: "this item of \(entity.name) does not refer to one other record")
    }
    return (.reference(id), next)
  }

  /// The error for an unknown name, with the closest known one when a slip of the finger explains it.
  func unknown(_ name: String, in entity: Entity, at offset: Int) -> ExpressionError {
    var best: (name: String, distance: Int)?
    for known in entity.items.map(\.name) + entity.aliases.map(\.name) {
      let distance = editDistance(Bytes(name.utf8.prefix(40)), Bytes(known.utf8))
      if distance <= 2, distance < best?.distance ?? 3 { best = (known, distance) }
    }
    return ExpressionError(
      at: offset, zh: "“\(entity.label.zh)”没有信息项“\(name)”" + (best.map { ",是否为“\($0.name)”?" } ?? ""),
      en: "\(entity.name) has no item \(name)" + (best.map { "; did you mean \($0.name)?" } ?? ""))
  }
}

/// Insertions, deletions and replacements between two short names.
private func editDistance(_ left: Bytes, _ right: Bytes) -> Int {
  var row = Array(0...right.count)
  for (position, byte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = position + 1
    for column in 0..<right.count {
      let replaced = diagonal + (byte == right[column] ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
