import Primitives

/// The catalog that is compiled in: the party-membership register of a city, as text that people review.
///
/// Each part stands in a file of its own, in the format of `CatalogText.swift`. Ids, once released, are never reused:
/// append items at the end of their kind, leave the others in place.
enum BundledCatalog {
  /// All parts, tables first.
  static let parts: [CatalogPart] = [
    CatalogPart(name: "codesPerson", text: codesPerson),
    CatalogPart(name: "codesEducation", text: codesEducation),
    CatalogPart(name: "codesOrganisation", text: codesOrganisation),
    CatalogPart(name: "codesUnit", text: codesUnit),
    CatalogPart(name: "codesMember", text: codesMember),
    CatalogPart(name: "codesWork", text: codesWork),
    CatalogPart(name: "codesLife", text: codesLife),
    CatalogPart(name: "codesOffice", text: codesOffice),
    CatalogPart(name: "codesRegion", text: codesRegion),
    CatalogPart(name: "codesTownship", text: codesTownship),
    CatalogPart(name: "organisation", text: organisation),
    CatalogPart(name: "organisationChildren", text: organisationChildren),
    CatalogPart(name: "organisationLife", text: organisationLife),
    CatalogPart(name: "unit", text: unit),
    CatalogPart(name: "member", text: member),
    CatalogPart(name: "memberCareer", text: memberCareer),
    CatalogPart(name: "memberDues", text: memberDues),
    CatalogPart(name: "memberMovement", text: memberMovement),
    CatalogPart(name: "applicant", text: applicant),
    CatalogPart(name: "discipline", text: discipline),
    CatalogPart(name: "transfer", text: transfer),
    CatalogPart(name: "reportCell", text: reportCell),
  ]
}

extension Catalog {
  /// The bundled catalog: 274 information items over 19 entities (and one of the engine's own), 83 code tables, their
  /// rules. Read on first use, once.
  public static let bundled: Catalog = {
    do {
      return try load(parts: BundledCatalog.parts)
    } catch {
      // Our own text, checked by a test of every build.
      requirementFailed("the bundled catalog is wrong: \(error)")
    }
  }()
}
