import AdminProtocol
import Foundation
import Messages
import Testing

private func query(_ text: String) throws -> QueryRequest {
  try StrictJSON.decode(QueryRequest.self, Array(text.utf8), members: QueryRequest.members)
}

private func failure(_ text: String) -> Failure? {
  do { _ = try query(text) } catch { return error as? Failure }
  return nil
}

@Suite struct RequestTests {
  @Test("requests: a known request is read, codes stay texts")
  func known() throws {
    let request = try query(#"{"entity":"member","under":"033001","limit":20,"order":["-name"],"count":false}"#)
    #expect(
      request.entity == "member" && request.under == "033001" && request.limit == 20 && request.order == ["-name"])
  }

  @Test("requests: an unknown member never widens a question")
  func unknown() {
    let found = failure(#"{"entity":"member","wheer":"sex = '2'"}"#)
    #expect(found?.code == .apiBadParameter)
    #expect(found?.value(of: "parameter") == "wheer")
  }

  @Test("requests: a nested unknown member is refused too")
  func nested() {
    let text = #"{"people":[{"name":"甲","birthDate":"1990-01-02","admin":true}]}"#
    let found = #expect(throws: Failure.self) {
      try StrictJSON.decode(MatchRequest.self, Array(text.utf8), members: MatchRequest.members)
    }
    #expect(found?.value(of: "parameter") == "admin")
  }

  @Test("requests: wrong shapes name the parameter and what it takes")
  func shapes() {
    #expect(failure("{}")?.value(of: "parameter") == "entity")
    #expect(failure(#"{"entity":"member","limit":"20"}"#)?.value(of: "parameter") == "limit")
    #expect(failure(#"{"entity":"member","limit":20.0}"#)?.code == .apiBadJSON)
    #expect(failure(#"{"entity":"member","limit":99999999999999999999}"#)?.code == .apiBadParameter)
    #expect(failure(#"{"entity":7}"#)?.value(of: "expected") == "a text")
    #expect(failure("[]")?.code == .apiBadParameter)
    #expect(failure(#"{"entity":"member","entity":"org"}"#)?.value(of: "reason") == "a member named twice")
  }

  @Test("answers: equal values are equal bytes, and come back equal with a byte order mark inside")
  func roundTrip() throws {
    let table = TableResponse(
      columns: [.init(name: "name", labelZH: "姓名", labelEN: "Name")], rows: [["\u{FEFF}甲/乙\u{0}\"\\"], [nil]],
      microseconds: 5, applied: 7)
    let bytes = try StrictJSON.encode(table)
    #expect(try StrictJSON.encode(table) == bytes)
    let back = try StrictJSON.decodeAnswer(TableResponse.self, bytes, from: "test")
    #expect(back.rows == table.rows && back.schema == "xylem/table/v1")
  }

  @Test("answers: members of a newer daemon are passed over, nonsense is a bad response")
  func answers() throws {
    let newer = #"{"schema":"xylem/tree/v1","nodes":[],"later":{"x":[1.5]}}"#
    #expect(try StrictJSON.decodeAnswer(TreeResponse.self, Array(newer.utf8), from: "test").nodes.isEmpty)
    for text in ["<html>", "{}", "{\"nodes\":1,\"schema\":\"x\"}", ""] {
      let found = #expect(throws: Failure.self) {
        try StrictJSON.decodeAnswer(TreeResponse.self, Array(text.utf8), from: "test")
      }
      #expect(found?.code == .clientBadResponse)
    }
  }

  @Test("suggestions: a slip is recognised, another word is not")
  func suggestions() {
    let commands = ["status", "stat", "tree", "import", "query"]
    #expect(suggestion(for: "statsu", among: commands) == "status")
    #expect(suggestion(for: "improt", among: commands) == "import")
    #expect(suggestion(for: "TREE", among: commands) == "tree")
    #expect(suggestion(for: "backup", among: commands) == nil)
    #expect(suggestion(for: "", among: commands) == nil)
  }
}
