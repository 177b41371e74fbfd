import Foundation
import Logging

/// Logs a line an event to standard error, with nothing in it that could pretend to be another line.
struct LineLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  let label: String

  init(label: String) {
    self.label = label
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let stamp = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
    let words = String(
      String.UnicodeScalarView("\(event.message)".unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 })
    )
    FileHandle.standardError.write(Data("\(stamp) \(event.level) \(label): \(words)\n".utf8))
  }
}
