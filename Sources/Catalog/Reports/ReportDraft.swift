// What the reader of report texts hands to the builder: words with their places, nothing resolved.

/// A form as written, stubs expanded.
struct ReportFormDraft {
  let id: Located
  let label: Label
  var unit = Label(zh: "人", en: "persons")
  var isFlow = false
  var source: ReportSourceDraft?
  var rows: [ReportLineDraft] = []
  var columns: [ReportLineDraft] = []
  var notes: [Label] = []
  var checks: [ReportCheckDraft] = []
}

struct ReportSourceDraft {
  let entity: Located
  let condition: Located?
}

struct ReportLineDraft {
  let id: Located
  let depth: Int
  let label: Label
  let from: Located?
  let until: Located?
  var predicate: Located?
  var others: [(entity: Located, predicate: Located)] = []
  var source: ReportSourceDraft?
  var sum: Located?
  var distinct: Located?
  var formula: [Located] = []
  var only: [Located] = []
  var isHeading = false
  var isKeyed = false
  var isWorking = false
}

struct ReportCheckDraft {
  let id: Located
  let isHard: Bool
  let label: Label
  let formula: Located
  var explanation: ReportSourceDraft?
}

/// Lines that several forms share, with parameters: `$birth` stands for what the form puts there.
struct ReportStubDraft {
  let name: Located
  let parameters: [String]
  var lines: [ReportLineDraft] = []
}

extension Located {
  /// The text with arguments for `$name`.
  func filling(_ arguments: [(name: String, text: String)]) -> Located {
    var filled = text
    // Longer names first: `$birth` must not stand for the beginning of `$birth_date`.
    for (name, argument) in arguments.sorted(by: { $0.name.utf8.count > $1.name.utf8.count }) {
      filled = filled.split(separator: "$" + name, omittingEmptySubsequences: false).joined(separator: argument)
    }
    return Located(text: filled, position: position)
  }
}
