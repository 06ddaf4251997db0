import Primitives

/// Questions in the expression language, drawn from parts that touch everything columns do by themselves.
struct RandomQuestions {
  var random: SeededRandom
  let world: ColumnWorld

  struct Question {
    var entity: String
    var condition: String?
    var under: Text?
    var with: [String] = []
    var without: [String] = []
    var by: [String] = []
    /// `sum party_group_no`, with the kind in front.
    var figures: [String] = []
  }

  private func code(_ table: String, _ place: Int) -> String { "'\(world.code(table, place))'" }

  private var atoms: [String: [String]] {
    [
      "member": [
        "sex = \(code("SEX", 0))", "sex is null", "sex != \(code("SEX", 1))",
        "nation in {\(code("NATION", 0)), \(code("NATION", 2))}", "birth_date < 1975-01-01",
        "1960-05-05 <= birth_date", "birth_date = 1970-01-01", "birth_date != 1970-01-01", "birth_date is null",
        "birth_date > 9000-01-01", "join_date >= birth_date + 18y", "join_date < birth_date",
        "year(join_date) - year(birth_date) > 20", "edu.highest = \(code("EDU", 1))", "edu.highest is null",
        "edu.grad_date > 1990-01-01", "edu.degree_code is not null", "starts_with(job_code, '0')", "is_dispatched",
        "not is_dispatched", "is_dispatched = is_migrant_worker", "branch_code under '033001'",
        "org under '033001'", "org under '999'", "branch.org_category = \(code("ORG_CAT", 1))",
        "unit.unit_category = \(code("UNIT_CAT", 2))", "party_group_no > 3", "party_group_no + 1 = 3",
        "party_group_no in {1..2, 5}", "age > 40", "age(birth_date, join_date) in {18..30}",
        "branch.parent.org_category = \(code("ORG_CAT", 0))", "branch.secretary.sex = \(code("SEX", 0))",
        "join_date in {1990-01-01..2000-01-01, 2003-01-01}",
        "if(sex = \(code("SEX", 0)), join_date, birth_date) < 1985-01-01",
        "coalesce(full_date, join_date) > 1985-01-01", "branch.host.unit_category = \(code("UNIT_CAT", 1))",
        "today - join_date > 5000", "unit_id is not null",
        "branch_code = unit.registered_by", "1 = 2", "null is null", "party_age > 5", "div(age, 0) = 1",
        "work_start_date + months(party_group_no) > join_date",
      ],
      "dues": [
        "member.sex = \(code("SEX", 0))", "period > 3", "paid_amount >= 500.5", "org under '033001'",
        "member.branch.org_category = \(code("ORG_CAT", 1))", "paid_amount < due_amount",
        "paid_date >= member.join_date", "base_kind = \(code("DUES_BASE", 0))", "member.edu.highest is null",
        "relief_approver_code under '033001'",
      ],
      "member_edu": [
        "is_highest", "edu_code = \(code("EDU", 1))", "member.birth_date < 1970-01-01",
        "grad_date > enroll_date", "org under '033'", "member.unit.unit_category = \(code("UNIT_CAT", 2))",
      ],
      "org": [
        "org_category = \(code("ORG_CAT", 1))", "org under '033001'", "parent.org_category = \(code("ORG_CAT", 0))",
        "count(host_unit_ids) > 1", "host_unit_ids is null", "founded_date < 1975-01-01", "has_committee",
        "secretary.sex = \(code("SEX", 0))", "site_area_m2 > 100", "host.unit_category = \(code("UNIT_CAT", 2))",
        "coalesce(host.unit_category, parent.host.unit_category) is null",
      ],
      "unit": [
        "unit_category = \(code("UNIT_CAT", 2))", "staff_total > 3", "org under '033001'", "is_legal_entity",
        "village_income_yuan > 100.25",
      ],
      "org_term": ["org.org_category = \(code("ORG_CAT", 1))", "term_years > 2", "org under '033001'"],
    ]
  }

  private var groups: [String: [String]] {
    [
      "member": [
        "sex", "edu.highest", "nation", "decade(birth_date)", "div(age, 5) * 5", "year(join_date)", "branch_code",
        "if(is_dispatched, nation, sex)", "birth_date", "org under '033001'", "branch.org_category",
        "unit.unit_category", "edu.degree_code", "join_date - birth_date", "1", "party_group_no", "is_dispatched",
        "if(org under '033001', birth_date, join_date)", "null",
      ],
      "dues": ["period", "member.sex", "base_kind", "year(paid_date)", "member.branch.org_category", "paid_amount"],
      "member_edu": ["edu_code", "member.sex", "is_highest", "year(grad_date)", "school is null"],
      "org": ["org_category", "parent.org_category", "year(founded_date)", "host_unit_ids", "has_committee"],
      "unit": ["unit_category", "region_code", "staff_total", "registered_by"],
      "org_term": ["term_years", "org.org_category", "election_form"],
    ]
  }

  private var figures: [String: [String]] {
    [
      "member": [
        "sum party_group_no", "mean year(join_date)", "min birth_date", "max nation", "distinct job_code",
        "mean birth_date", "sum if(org under '033001', party_group_no, 100)", "distinct birth_date",
        "min edu.grad_date",
        "max join_date - birth_date", "mean party_group_no", "distinct branch_code", "min sex",
        "sum party_group_no * 9000000000000000000", "distinct is_dispatched",
      ],
      "dues": [
        "sum paid_amount", "mean due_amount - paid_amount", "max paid_date", "mean paid_amount",
        "distinct member.sex", "min due_amount",
      ],
      "member_edu": ["max grad_date", "distinct edu_code", "min member.birth_date"],
      "org": ["mean site_area_m2", "min founded_date", "distinct region_code"],
      "unit": ["sum staff_total", "mean village_income_yuan", "max unit_category"],
      "org_term": ["mean term_years", "max term_start_date"],
    ]
  }

  mutating func draw() -> Question {
    let names = ["member", "member", "member", "dues", "member_edu", "org", "unit", "org_term"]
    let name = names[random.below(names.count)]
    var question = Question(entity: name)
    if random.chance(permille: 800) { question.condition = condition(atoms[name] ?? [], depth: 2) }
    if random.chance(permille: 400) { question.under = random.chance(permille: 500) ? "033001" : "033" }
    let by = groups[name] ?? []
    question.by = (0..<random.below(4)).map { _ in by[random.below(by.count)] }
    let all = figures[name] ?? []
    question.figures = (0..<random.below(3)).map { _ in all[random.below(all.count)] }
    guard name == "org", random.chance(permille: 600) else { return question }
    let related = [
      "host_unit_ids: \(condition(atoms["unit"] ?? [], depth: 1))",
      "secretary_member_id: \(condition(atoms["member"] ?? [], depth: 1))",
      "member: \(condition(atoms["member"] ?? [], depth: 1))", "dues: \(condition(atoms["dues"] ?? [], depth: 1))",
      "org: \(condition(atoms["org"] ?? [], depth: 1))",
    ]
    for text in related where random.chance(permille: 300) {
      if random.chance(permille: 500) { question.with.append(text) } else { question.without.append(text) }
    }
    return question
  }

  private mutating func condition(_ atoms: [String], depth: Int) -> String {
    switch depth == 0 ? 0 : random.below(5) {
    case 1: return "(\(condition(atoms, depth: depth - 1)) and \(condition(atoms, depth: depth - 1)))"
    case 2: return "(\(condition(atoms, depth: depth - 1)) or \(condition(atoms, depth: depth - 1)))"
    case 3: return "not (\(condition(atoms, depth: depth - 1)))"
    default: return atoms[random.below(atoms.count)]
    }
  }
}
