import ArgumentParser
import Foundation
import JSON
import Logging
import Messages

/// How lines of the log look.
public enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case text, json
}

/// Logs a line an event to standard error, with nothing in it that could pretend to be another line or move a terminal's cursor.
///
/// Each is shorter than what a pipe takes as a whole, so that lines of several processes don't mix.
public struct LogLines: LogHandler {
  /// What is longer is cut, in bytes.
  private static let longest = 3_000

  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level = .info
  let label: String
  let format: LogFormat
  private let out: OutgoingLines

  public init(label: String, format: LogFormat, to out: OutgoingLines = .standardError) {
    self.label = label
    self.format = format
    self.out = out
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var about = metadata
    if let more = event.metadata { about.merge(more) { _, new in new } }
    out.put(bytes("\(event.message)", event.level, about)) { [self] count in
      bytes("\(count) lines of the log were dropped here: nobody took them in time", .warning, [:])
    }
  }

  private func bytes(_ message: String, _ level: Logger.Level, _ about: Logger.Metadata) -> [UInt8] {
    Array((line(message, level: level, about: about, at: Date()) + "\n").utf8)
  }

  /// - Parameter about: `trace` (an alert's id), `event` and `person`, where a line is about one alert.
  func line(_ message: String, level: Logger.Level, about: Logger.Metadata, at now: Date) -> String {
    let stamp = now.formatted(.iso8601.time(includingFractionalSeconds: true))
    switch format {
    case .text:
      let trace = about["trace"].map { "[\($0)] " } ?? ""
      let event = about["event"].map { "\($0)\(message.isEmpty ? "" : ": ")" } ?? ""
      let person = about["person"].map { "\($0): " } ?? ""
      return "\(stamp) \(level) \(label): "
        + SafeText.line(LogText.cut(trace + event + person + message, to: Self.longest))
    case .json:
      var fields = [("at", stamp), ("level", "\(level)"), ("tier", label)]
      fields += about.sorted { $0.key < $1.key }.map { ($0.key, LogText.cut("\($0.value)", to: 200)) }
      fields.append(("message", LogText.cut(message, to: Self.longest - 200 * about.count)))
      return "{" + fields.map { "\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }.joined(separator: ",") + "}"
    }
  }
}
