import JSON
import Messages

/// What several sources' free texts become, cut to what intake takes.
enum SourceWords {
  /// In order of name; of names that are the same once cut, the first; what is empty says nothing.
  static func labels(_ labels: [String: String]) -> [Label] {
    var kept: [Label] = []
    var names: Set<String> = []
    for (name, value) in labels.sorted(by: { $0.key < $1.key }) where !value.isEmpty && !name.isEmpty {
      let label = Label(
        name: EventLimits.clip(name, to: EventLimits.name), value: EventLimits.clip(value, to: EventLimits.labelValue)
      )
      if names.insert(label.name).inserted { kept.append(label) }
    }
    return Array(kept.prefix(EventLimits.labels))
  }

  /// Gives an event its links and its details; a link that is too long is left out with a word in the details.
  static func add(_ links: [(text: String, href: String)], details: [String], to event: inout Event) {
    var leftOut: [String] = []
    for (text, href) in links {
      let clean = EventLimits.clip(href, to: .max)
      if clean.utf8.count > EventLimits.href {
        leftOut.append(
          "(the \(EventLimits.clip(text, to: 40)) link of \(clean.utf8.count) bytes is too long and was left out)")
      } else if !clean.isEmpty, event.links.count < EventLimits.links {
        event.links.append(Link(href: clean, text: EventLimits.clip(text, to: EventLimits.name)))
      }
    }
    let spoken = details.filter { !$0.isEmpty }.joined(separator: "\n")
    event.details = EventLimits.clip(spoken, to: EventLimits.details - 1_024)
    let more = leftOut.prefix(8)
    if !more.isEmpty { event.details = ([event.details] + more).filter { !$0.isEmpty }.joined(separator: "\n") }
  }

  /// Any JSON as lines for people: an object a member a line, in the order in which it was written.
  static func lines(_ value: JSONValue) -> [String] {
    switch value {
    case .object(let members): members.map { "\($0.name): \(line($0.value))" }
    case .array(let values): values.map(line)
    case .null: []
    default: [line(value)]
    }
  }

  private static func line(_ value: JSONValue) -> String { value.word ?? (value == .null ? "" : value.text) }
}
