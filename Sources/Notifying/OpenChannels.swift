import Messages

/// What contact rules leave of a person's channels at one severity (requirement P5): "Phone (SEV-1 only)".
///
/// A rule never skips the person: a channel that is closed gives its time to their next one that is open, and a configuration
/// that leaves a severity without any is refused. A page keeps the ladder that it began with, whatever becomes of the rules:
/// nobody loses a page that is under way, and the next page goes by the rules and the severity of its own time.
struct OpenChannels {
  /// Those that may be used, each once, in the order in which they are written.
  let channels: [String]
  private let contact: Contact
  private let severity: Severity

  init(of contact: Contact, for severity: Severity) {
    self.contact = contact
    self.severity = severity
    channels = contact.methods.map(\.channel).eachOnce.filter { contact.mayUse($0, for: severity) }
  }

  /// A ladder without what is closed, and why it differs. The next rung that is open takes the time of one that isn't;
  /// when there is none, a channel does that the ladder doesn't use otherwise. At least one rung is left of any ladder,
  /// because some channel is open to each severity.
  func ladder(_ wanted: [PersonalRule]) -> (rules: [PersonalRule], remark: String) {
    var rules: [PersonalRule] = []
    var movedUp = Set<Int>()
    var others = channels.filter { channel in !wanted.contains { $0.channel == channel } }[...]
    var closed: [String] = []
    var instead: [String] = []
    for (place, rule) in wanted.enumerated() where !movedUp.contains(place) {
      guard !channels.contains(rule.channel) else {
        rules.append(rule)
        continue
      }
      closed.append(rule.channel)
      let next = wanted.indices.first {
        $0 > place && !movedUp.contains($0) && channels.contains(wanted[$0].channel)
      }
      if let next { movedUp.insert(next) }
      guard let channel = next.map({ wanted[$0].channel }) ?? others.popFirst() else { continue }
      instead.append(channel)
      rules.append(PersonalRule(after: rule.after, channel: channel))
    }
    return (rules, remark(closed: closed.eachOnce, instead: instead.eachOnce))
  }

  /// That somebody is reached without a sound, and whether a contact rule is the reason.
  var withoutSound: String {
    let isRuled = contact.methods.contains { PersonalChannel.isAudible($0.channel) }
    return "\(contact.person) has no audible channel\(isRuled ? " for \(severity.words)" : "")"
  }

  /// "sms and voice are for SEV-1 only: by email and slack instead"
  private func remark(closed: [String], instead: [String]) -> String {
    guard !closed.isEmpty else { return "" }
    var reasons: [(channels: [String], severities: [Severity])] = []
    for channel in closed {
      let severities = contact.onlyFor.first { $0.channel == channel }?.severities ?? []
      if let place = reasons.firstIndex(where: { $0.severities == severities }) {
        reasons[place].channels.append(channel)
      } else {
        reasons.append(([channel], severities))
      }
    }
    let words = reasons.map { channels, severities in
      "\(channels.inWords) \(channels.count == 1 ? "is" : "are") for \(severities.map(\.words).inWords) only"
    }
    return words.joined(separator: ", ") + (instead.isEmpty ? ": left out" : ": by \(instead.inWords) instead")
  }
}

extension [String] {
  fileprivate var eachOnce: [String] {
    var seen = Set<String>()
    return filter { seen.insert($0).inserted }
  }

  /// "push", "push and sms", "push, sms and voice"
  fileprivate var inWords: String {
    count < 3 ? joined(separator: " and ") : dropLast().joined(separator: ", ") + " and " + (last ?? "")
  }
}
