import Foundation
import Logging
import Messages

/// One JSON object a line on stderr, for log collectors.
struct JSONLogHandler: LogHandler {
  let label: String
  var logLevel: Logger.Level = .info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  init(label: String) { self.label = label }

  func log(event: LogEvent) {
    let explicit = event.metadata
    let level = event.level
    let message = event.message
    var json = JSONText()
    json.object { json in
      json.member("time", string: ISO8601DateFormatter().string(from: Date()))
      json.member("level", string: level.rawValue)
      json.member("label", string: label)
      json.member("message", string: "\(message)")
      for (key, value) in metadata.merging(explicit ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
        json.member(key, string: "\(value)")
      }
    }
    FileHandle.standardError.write(Data((json.text + "\n").utf8))
  }
}
