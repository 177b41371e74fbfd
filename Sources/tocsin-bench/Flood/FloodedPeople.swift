import Foundation
import Messages

/// What people got during a flood, read off the console's log: each line is one message.
struct FloodedPeople {
  /// One line, as somebody heard it.
  private struct Message {
    /// Of the log, in whole seconds: what lies a minute apart does so here too.
    var second: Int
    var isFirstPage: Bool
  }
  /// Of each person, for all that wakes (push, SMS, voice), and by each of their quiet channels.
  private var heard: [String: [Message]] = [:]

  init(log: String) throws {
    var services: Set<String> = []
    for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
      guard let arrow = line.range(of: " -> "),
        let colon = line.range(of: ": ", range: arrow.upperBound..<line.endIndex),
        let at = Instant(rfc3339: String(line.prefix(20)))
      else { continue }
      let channel = line[..<arrow.lowerBound].split(separator: " ").last ?? ""
      let person = line[arrow.upperBound..<colon.lowerBound]
      let text = line[colon.upperBound...]
      let name = ["push", "sms", "voice"].contains(channel) ? String(person) : "\(person) by \(channel)"
      // "[SEV-3] redis: pod 1 is gone (07-1)"; what tells of several begins "[SEV-3] 3 incidents: ".
      let service = text.hasPrefix("[SEV-") ? text.dropFirst(8).split(separator: ":").first ?? "" : ""
      let isAlone = !service.isEmpty && !service.contains(" ")
      let isFirst = isAlone && services.insert("\(person)/\(channel)/\(service)").inserted
      heard[name, default: []].append(Message(second: Int(at.milliseconds / 1_000), isFirstPage: isFirst))
    }
    guard !heard.isEmpty else { throw BenchFailure("nobody was paged") }
  }

  /// Of anybody, besides first pages.
  var fullestMinute: Int { heard.values.map { Self.fullestMinute($0.filter { !$0.isFirstPage }) }.max() ?? 0 }
  /// Of whoever got most of them, by one channel or those that wake.
  var firstPages: Int { heard.values.map { $0.count(where: \.isFirstPage) }.max() ?? 0 }

  var words: String {
    let each = heard.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { name, messages in
      let first = messages.count(where: \.isFirstPage)
      return "\(name) \(messages.count - first) and \(first) first pages"
    }
    return "messages in all: \(each.joined(separator: "; "))"
  }

  private static func fullestMinute(_ messages: [Message]) -> Int {
    messages.map { first in messages.count { first.second <= $0.second && $0.second < first.second + 60 } }.max() ?? 0
  }
}
