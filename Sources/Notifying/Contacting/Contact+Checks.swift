import CivilTime
import Messages

/// What a contact must be to be taken, whether a configuration brings it or its person does. No address is repeated in the words.
extension Contact {
  /// - Parameter field: where it stands, with a dot at its end; empty for what a person sends.
  func check(_ field: String, zones: TimeZones) throws(Refusal) {
    guard sealed.isEmpty else { throw .invalid("\(field)sealed", "is for the notifier's journal alone") }
    try checkMethods("\(field)methods")
    try Self.check(rules, "\(field)rules")
    for (place, rule) in rules.enumerated() where !methods.contains(where: { $0.channel == rule.channel }) {
      throw .invalid("\(field)rules[\(place)].channel", "\(person) has no address for \(rule.channel)")
    }
    try checkContactRules("\(field)only_for")
    try checkQuietHours("\(field)quiet_hours", zones)
  }

  private func checkMethods(_ field: String) throws(Refusal) {
    for (index, method) in methods.enumerated() {
      guard PersonalChannel(rawValue: method.channel) != nil else {
        throw .invalid("\(field)[\(index)].channel", "\"\(method.channel)\" is none of \(PersonalChannel.names)")
      }
      guard 1...256 ~= method.address.utf8.count else {
        throw .invalid("\(field)[\(index)].address", "must have 1 to 256 bytes")
      }
    }
  }

  static func check(_ rules: [PersonalRule], _ field: String) throws(Refusal) {
    for (index, rule) in rules.enumerated() {
      guard PersonalChannel(rawValue: rule.channel) != nil else {
        throw .invalid("\(field)[\(index)].channel", "\"\(rule.channel)\" is none of \(PersonalChannel.names)")
      }
      guard (.zero)...Span.hours(24) ~= rule.after else {
        throw .invalid("\(field)[\(index)].after_ms", "must be from 0 to 24 hours")
      }
    }
  }

  /// Contact rules leave each severity a channel, and a SEV-1 and SEV-2 one that can be heard if the person has any (requirements
  /// P5 and N1).
  private func checkContactRules(_ field: String) throws(Refusal) {
    for (index, rule) in onlyFor.enumerated() {
      guard methods.contains(where: { $0.channel == rule.channel }) else {
        throw .invalid("\(field)[\(index)].channel", "\(person) has no address for \"\(rule.channel)\"")
      }
      guard !onlyFor[..<index].contains(where: { $0.channel == rule.channel }) else {
        throw .invalid("\(field)[\(index)].channel", "\"\(rule.channel)\" occurs twice")
      }
      let severities = Set(rule.severities)
      guard !severities.isEmpty, !severities.contains(.unspecified), severities.count == rule.severities.count else {
        throw .invalid("\(field)[\(index)].severities", "must be one or more of SEV1, SEV2, SEV3 and SEV4, each once")
      }
    }
    let shut = methods.isEmpty ? [] : severitiesWithoutChannel
    guard shut.isEmpty else {
      let words = shut.map(\.words).joined(separator: ", ")
      throw .invalid(field, "\(person) would have no channel for \(words): leave one open to each severity")
    }
    guard let unheard = severitiesUnheard.first else { return }
    let rules = onlyFor.filter { PersonalChannel.isAudible($0.channel) && !$0.severities.contains(unheard) }.map {
      rule in
      "\(rule.channel) is for \(rule.severities.map(\.words).joined(separator: " and ")) only"
    }
    throw .invalid(
      field,
      "\(person) would not hear a \(unheard.words), because \(rules.joined(separator: ", ")): leave it push, sms or voice"
    )
  }

  private func checkQuietHours(_ field: String, _ zones: TimeZones) throws(Refusal) {
    guard quietHours.count <= 7 else { throw .invalid(field, "at most 7") }
    for (index, hours) in quietHours.enumerated() {
      let field = "\(field)[\(index)]"
      guard hours.fromMinute < 1_440, hours.untilMinute <= 1_440, 1...16 * 60 ~= hours.minutes else {
        throw .invalid(
          "\(field).until_minute", "must come after from_minute, on the next day or before, by at most 16 hours")
      }
      guard hours.weekdays.allSatisfy({ 1...7 ~= $0 }), Set(hours.weekdays).count == hours.weekdays.count else {
        throw .invalid("\(field).weekdays", "must be from 1 (Monday) to 7, each once")
      }
      guard zones[hours.timeZone] != nil else {
        throw .invalid("\(field).time_zone", "\"\(hours.timeZone)\" is not in the tz database")
      }
    }
  }
}

extension QuietHours {
  /// How long they are by the clock on the wall.
  var minutes: Int {
    let minutes = Int(untilMinute) - Int(fromMinute)
    return minutes < 0 ? minutes + 1_440 : minutes
  }
}
