import Configuration
import Messages

/// Contacts for people: never a whole address, because the notifier gives none away.
enum ContactText {
  static func show(_ contact: ContactView, _ times: Times) {
    Answer.facts([
      ("person", "\(contact.person) (\(contact.name))"),
      ("rules", "\(rules(contact))\(contact.rulesAreDefault ? ", the team's" : "")"),
      ("only for", onlyFor(contact)),
      ("quiet hours", contact.quietHours.map(hours).joined(separator: ", ")),
      (
        "set by",
        contact.setBy.isEmpty ? "" : "\(contact.setBy), \(times.full(contact.setAt)); contacts.yaml says otherwise"
      ),
    ])
    var table = Table("CHANNEL", "NUMBER", "ADDRESS")
    for method in contact.methods { table.add(method.channel, "\(method.number)", method.masked) }
    table.print(otherwise: "no address")
  }

  /// "push, sms (2), email"
  static func channels(_ contact: ContactView) -> String {
    var counts: [(channel: String, count: Int)] = []
    for method in contact.methods {
      if let place = counts.firstIndex(where: { $0.channel == method.channel }) {
        counts[place].count += 1
      } else {
        counts.append((method.channel, 1))
      }
    }
    return counts.map { $0.count == 1 ? $0.channel : "\($0.channel) (\($0.count))" }.joined(separator: ", ")
  }

  /// "push at once, sms after 2m"
  static func rules(_ contact: ContactView) -> String {
    contact.rules.map { $0.after == .zero ? "\($0.channel) at once" : "\($0.channel) after \(SpanText.text($0.after))" }
      .joined(separator: ", ")
  }

  /// "sms and voice: SEV-1"
  static func onlyFor(_ contact: ContactView) -> String {
    contact.onlyFor.map { "\($0.channel): \($0.severities.map { "SEV-\($0.rawValue)" }.joined(separator: " "))" }
      .joined(separator: ", ")
  }

  /// "22:00-07:00 Europe/Berlin, begins Mon Tue"
  static func hours(_ hours: QuietHours) -> String {
    func time(_ minute: UInt32) -> String {
      func two(_ number: UInt32) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "\(two(minute / 60)):\(two(minute % 60))"
    }
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let days = hours.weekdays.filter { 1...7 ~= $0 }.map { names[Int($0) - 1] }.joined(separator: " ")
    return "\(time(hours.fromMinute))-\(time(hours.untilMinute)) \(hours.timeZone.isEmpty ? "UTC" : hours.timeZone)"
      + (days.isEmpty ? "" : ", begins \(days)")
  }
}
