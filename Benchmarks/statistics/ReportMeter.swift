import Access
import Catalog
import Foundation
import Primitives
import Query
import Statistics

extension Meter {
  /// Tables 2 to 4 of the annual report, 736 cells, for the city and for one org of the second level down; a year of
  /// its own each time, so nothing known from before serves.
  ///
  /// Plans are made beforehand, as a node keeps them, and their cost is printed apart.
  func reports() throws {
    let forms = ["T2", "T3", "T4"].compactMap { ReportBook.bundled.form($0) }
    var plans: [[ReportPlan]] = []
    let planning = Cost {
      plans = (1985..<2016).map { year in forms.map { ReportBook.bundled.plan($0, .init(year: year)) } }
    }
    print(String(format: "plans of tables 2 to 4: %.2f ms a year", planning.seconds * 1000 / Double(plans.count)))
    guard let town = city.directory.orgs.first(where: { $0.depth == 2 }) else { throw MeterError("a township") }
    for (title, extent) in [("city", OrgExtent?.none), ("township", OrgExtent([town.start..<town.end]))] {
      var times: [Double] = []
      var looked = 0
      for plans in plans {
        looked = 0
        let cost = try Cost {
          for plan in plans {
            for pass in plan.passes where pass.entity.name == "member" {
              var scan = try ReportScan(
                pass, columns, ColumnMoment(directory: city.directory, extent: extent, today: plan.period.last))
              _ = scan.cells()
              looked += scan.rowsLookedAt
            }
          }
        }
        times.append(cost.seconds)
      }
      times.sort()
      let line = "tables 2 to 4 of the \(title)".padding(toLength: 44, withPad: " ", startingAt: 0)
      print(
        line + String(format: "%8.2f ms (least %.2f)", times[times.count / 2] * 1000, times[0] * 1000),
        " \(looked) records looked at")
    }
    try compareWithRows(plans[20])
  }

  /// The last word: the same cells from stored rows.
  private func compareWithRows(_ plans: [ReportPlan]) throws {
    var (equal, cells) = (true, 0)
    let cost = try Cost {
      try store.withSnapshot { reader in
        for plan in plans {
          let view = QueryView(
            reader: reader, catalog: .bundled, directory: city.directory, partitions: city.partitions, scope: scope,
            today: plan.period.last)
          for pass in plan.passes where pass.entity.name == "member" {
            var scan = try ReportScan(
              pass, columns, ColumnMoment(directory: city.directory, extent: nil, today: plan.period.last))
            let (quick, slow) = (scan.cells(), try view.reportCells(pass, under: nil))
            equal = equal && quick == slow
            cells += quick.count
          }
        }
      }
    }
    print(
      String(format: "the same from rows: %.0f ms, \(cells) cells,", cost.seconds * 1000), equal ? "equal" : "DIFFERENT"
    )
  }
}
