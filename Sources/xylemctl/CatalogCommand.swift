import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

struct CatalogCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "catalog", abstract: phrase("实体、信息项和代码表。", "Entities, their items, code tables."),
      discussion: examples([
        "xylemctl catalog", "xylemctl catalog member", "xylemctl catalog --codes", "xylemctl catalog --codes EDU",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("实体或代码表的名称；省略则全部列出。", "An entity, or a code table; left out, all of them.")))
  var name: String?
  @Flag(help: ArgumentHelp(phrase("代码表。", "Code tables."))) var codes = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let client = session.client()
    let answer = try await codes ? client.codes(name) : client.catalog(name)
    try session.show(table(answer, session.language, schema: codes ? "xylemctl/codes/v1" : "xylemctl/catalog/v1"))
    return .done
  }
}
