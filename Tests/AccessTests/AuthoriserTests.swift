import Primitives
import Testing

@testable import Access

/// 033 with two committees, 001 and 002, and two branches under each.
private func directory(_ moved: Bool = false) -> OrgDirectory {
  func id(_ number: UInt64) -> RecordID { RecordID(mint: 1 << 16 | 1, counter: number) }
  func org(_ number: UInt64, _ code: Text, _ parent: UInt64?) -> OrgDirectory.Entry {
    OrgDirectory.Entry(
      id: id(number), code: code, name: code, category: "", partition: PartitionID(1), parent: parent.map(id))
  }
  return OrgDirectory([
    org(1, "033", nil), org(2, "033001", 1), org(3, "033002", 1), org(4, "033001001", moved ? 3 : 2),
    org(5, "033001002", 2), org(6, "033002001", 3),
  ])
}

private func id(_ number: UInt64) -> RecordID { RecordID(mint: 1 << 16 | 1, counter: number) }
private let today = CivilDate(days: 12_000)

private func user(_ grants: [(Role, UInt64)], until: CivilDate? = nil) -> User {
  User(
    id: id(100), name: "zhang", label: "张", home: id(2), isLocked: false,
    grants: grants.enumerated().map {
      Grant(ordinal: UInt32($0 + 1), role: $1.0, place: id($1.1), until: until)
    })
}

@Suite struct AuthoriserTests {
  @Test("roles: each verb of each role is given, and no other (every role, every verb)")
  func verbs() throws {
    for role in Role.allCases {
      let user = user([(role, 2)])
      for (_, verb) in Verbs.named {
        let scope = try? Authoriser.scope(of: user, verb: verb, today: today)
        #expect((scope != nil) == role.rights.verbs.contains(verb), "\(role) \(verb.names)")
        if let scope { #expect(scope.verbs.isSubset(of: role.rights.verbs), "\(role)") }
      }
    }
  }

  @Test("roles: only those who decide show class D, administrators show no member's data")
  func classes() throws {
    for role in Role.allCases where role.isAdministrative {
      #expect(role.rights.entities == [] && role.rights.clear == .a && role.rights.unmaskable.isEmpty, "\(role)")
    }
    #expect(Role.allCases.filter { $0.rights.unmaskable.contains(.d) } == [.orgDepartment, .discipline])
    #expect(Role.allCases.allSatisfy { !$0.rights.clear.contains(.c) || $0 == .member })
  }

  @Test("roles: system, security and audit administrators are three people and nothing else")
  func separated() {
    for first in Role.allCases {
      for second in Role.allCases where first != second {
        #expect(first.goes(with: second) == (!first.isAdministrative && !second.isAdministrative))
        #expect(first.goes(with: second) == second.goes(with: first))
      }
    }
    #expect(user([(.nodeAdmin, 2)]).conflict(with: .auditor, on: today) == .nodeAdmin)
    #expect(user([(.nodeAdmin, 2)], until: CivilDate(days: 11_999)).conflict(with: .auditor, on: today) == nil)
  }

  @Test("scope: a branch's secretary sees the branch, and a moved branch is judged by where it is")
  func extents() throws {
    let here = directory()
    let committee = try Authoriser.scope(of: user([(.dataAdmin, 2)]), verb: .query, today: today)
    let codes = here.orgs.filter { committee.extent(in: here)?.contains($0.start) ?? true }.map(\.code)
    #expect(codes == ["033001", "033001001", "033001002"])
    let later = directory(true)
    let after = later.orgs.filter { committee.extent(in: later)?.contains($0.start) ?? true }.map(\.code)
    #expect(after == ["033001", "033001002"])
  }

  @Test("scope: several grants join their subtrees, and show what all of them show")
  func joined() throws {
    let here = directory()
    let both = user([(.secretary, 4), (.discipline, 3)])
    let scope = try Authoriser.scope(of: both, verb: .query, reason: "case 7", today: today)
    #expect(scope.clear == [.a, .b, .c])
    #expect(scope.reads(entity: "member") && !scope.reads(entity: "dues"))
    let codes = here.orgs.filter { scope.extent(in: here)?.contains($0.start) ?? true }.map(\.code)
    #expect(codes == ["033001001", "033002", "033002001"])
    // A verb that one of them has is judged by that one.
    let changing = try Authoriser.scope(of: both, verb: .change, today: today)
    #expect(changing.reads(entity: "dues") && changing.extent(in: here)?.ranges.count == 1)
  }

  @Test("scope: locked, ended and missing grants give nothing")
  func denied() {
    var locked = user([(.dataAdmin, 2)])
    locked.isLocked = true
    #expect(throws: AccessDenial.locked) { try Authoriser.scope(of: locked, verb: .know, today: today) }
    let ended = user([(.dataAdmin, 2)], until: CivilDate(days: 11_999))
    #expect(throws: AccessDenial.verb(.query)) { try Authoriser.scope(of: ended, verb: .query, today: today) }
    #expect(throws: AccessDenial.verb(.query)) { try Authoriser.scope(of: user([]), verb: .query, today: today) }
    #expect(throws: AccessDenial.unmask) {
      try Authoriser.scope(of: user([(.leader, 2)]), verb: .query, reason: "why", today: today)
    }
    #expect(Authoriser.nobody.extent(in: directory())?.isEmpty == true)
  }

  @Test("operator: everything but masked items until somebody decides on rights, then a node administrator")
  func socketOwner() throws {
    let alone = try Authoriser.operatorOfSocket(hasSecurityOfficer: false, verb: .grants)
    #expect(alone.isWhole && alone.verbs == .all && alone.clear == [.a, .b])
    #expect(try Authoriser.operatorOfSocket(hasSecurityOfficer: false, verb: .query, reason: "x").clear == .all)
    for verb in [Verbs.query, .record, .match, .change, .grants, .audit, .identify] {
      #expect(throws: AccessDenial.verb(verb)) {
        try Authoriser.operatorOfSocket(hasSecurityOfficer: true, verb: verb)
      }
    }
    #expect(try Authoriser.operatorOfSocket(hasSecurityOfficer: true, verb: .operate).entities == [])
  }

  @Test("extent: an org above what is seen is known, its neighbour is not")
  func knows() throws {
    let here = directory()
    let scope = try #require(Authoriser.narrowed(Authoriser.embedder("t"), to: id(4), in: here))
    let extent = try #require(scope.extent(in: here))
    let known = here.orgs.filter(extent.knows).map(\.code)
    #expect(known == ["033", "033001", "033001001"])
    #expect(Authoriser.narrowed(scope, to: id(3), in: here) == nil)
  }

  @Test(
    "mutants: a check of the authoriser that is left out shows",
    arguments: [
      GateDefect.endedGrantHolds, .lockedIsServed, .rolesAreJoined, .classesAreJoined, .operatorStays,
      .extentIsIgnored, .entityIsIgnored, .codeOutsideIsKnown,
    ])
  func mutants(defect: GateDefect) throws {
    #if DEBUG
      let here = directory()
      func wrong() throws -> Bool {
        let neighbour = try #require(here.org(id(3)))
        let ended = user([(.dataAdmin, 2)], until: CivilDate(days: 11_999))
        var locked = user([(.dataAdmin, 2)])
        locked.isLocked = true
        let two = try Authoriser.scope(
          of: user([(.orgDepartment, 2), (.secretary, 3)]), verb: .query, reason: "r", today: today)
        let few = try Authoriser.scope(of: user([(.discipline, 4)]), verb: .query, today: today)
        let operated = try? Authoriser.operatorOfSocket(hasSecurityOfficer: true, verb: .query)
        return (try? Authoriser.scope(of: ended, verb: .query, today: today)) != nil
          || (try? Authoriser.scope(of: locked, verb: .query, today: today)) != nil
          || user([(.auditor, 2)]).conflict(with: .nodeAdmin, on: today) == nil || two.clear.contains(.d)
          || operated != nil || few.reads(entity: "dues") || few.extent(in: here)?.ranges.count != 1
          || few.extent(in: here)?.knows(neighbour) != false
      }
      #expect(try !wrong())
      #expect(try GateDefect.$active.withValue(defect) { try wrong() }, "\(defect) is not seen")
    #endif
  }
}
