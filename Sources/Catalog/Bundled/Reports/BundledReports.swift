import Primitives

/// The annual report that is compiled in: 43 tables as text that people review, in the format of
/// `ReportTextReader.swift`. The form is that of 2017 with the bands of earlier years; what was different in 2005
/// stands as dated lines.
enum BundledReports {
  /// All parts; stubs first, forms in the order of their numbers afterwards.
  static let parts: [CatalogPart] = [
    CatalogPart(name: "reportStubs", text: stubs),
    CatalogPart(name: "reportMembers", text: members),
    CatalogPart(name: "reportPlaces", text: places),
    CatalogPart(name: "reportDiscipline", text: discipline),
    CatalogPart(name: "reportAdmission", text: admission),
    CatalogPart(name: "reportUnits", text: units),
    CatalogPart(name: "reportKeyed", text: keyed),
    CatalogPart(name: "reportMovement", text: movement),
  ]
}

extension ReportBook {
  /// The bundled annual report over the bundled catalog. Read on first use, once.
  public static let bundled: ReportBook = {
    do {
      return try load(parts: BundledReports.parts, catalog: .bundled)
    } catch {
      // Our own text, checked by a test of every build.
      requirementFailed("the bundled report is wrong: \(error)")
    }
  }()
}
