import Messages

/// What can only be judged when every file has been read.
extension Draft {
  func check() {
    checkMentions()
    checkTiersAreHeldOnce()
    checkPeopleCanBeReached()
    checkAddresses()
    checkTeamsHaveAPrimary()
    checkWatch()
    if defaults.isEmpty {
      complainNowhere("Defaults", expected: "one document of kind Defaults", found: "none")
    }
  }

  private func complainNowhere(_ field: String, expected: String, found: String) {
    problems.append(
      Problem(place: Place(file: firstFile, line: 1, column: 1), field: field, expected: expected, found: found))
  }

  private func checkMentions() {
    for mention in mentions {
      let known = definitions[mention.kind] ?? [:]
      guard known[mention.name.value] == nil else { continue }
      problems.append(
        Problem(
          place: mention.name.place, field: mention.name.field, expected: "the \(mention.kind.naming) that is defined",
          found: "\"\(Field.printable(mention.name.value))\"",
          suggestion: NearestName.to(mention.name.value, among: known.keys)))
    }
  }

  /// A second rotation for all of a tier would hide the first (requirement S5).
  private func checkTiersAreHeldOnce() {
    var holders: [String: String] = [:]
    for rotation in rotations where rotation.tier != 0 {
      let tier = "\(rotation.team)/\(rotation.tier)"
      if let other = holders[tier], let place = definitions[.rotation]?[rotation.id], !rotation.isRestricted {
        problems.append(
          Problem(
            place: place.place, field: "Rotation.tier",
            expected: "one rotation for each tier of a team, any further one with on: or hours:",
            found: "\"\(rotation.id)\" beside \"\(other)\""))
      } else {
        holders[tier] = rotation.id
      }
    }
  }

  private func checkTeamsHaveAPrimary() {
    for team in teams where !rotations.contains(where: { $0.team == team.id && $0.tier == 1 }) {
      guard let place = definitions[.team]?[team.id] else { continue }
      problems.append(
        Problem(place: place.place, field: place.field, expected: "a rotation for the team's primary", found: "none"))
    }
  }

  /// Whoever can be paged must have an audible channel, by their own rules too (requirement N1), and at least for a SEV-1
  /// by contact rules (P5).
  private func checkPeopleCanBeReached() {
    let defaultRules = defaults.first?.value.rules ?? []
    var reached: [String: Contact] = [:]
    for contact in contacts { reached[contact.person] = contact }
    for (person, place) in peopleWhoCanBePaged() {
      guard definitions[.person]?[person] != nil else { continue }
      guard let contact = reached[person] else {
        problems.append(
          Problem(
            place: place.place, field: place.field, expected: "people with an entry in Contacts",
            found: "\"\(person)\" without one"))
        continue
      }
      let rules = contact.rules.isEmpty ? defaultRules : contact.rules
      let wakes = rules.contains { rule in
        PersonalChannel.isAudible(rule.channel) && contact.methods.contains { $0.channel == rule.channel }
          && contact.mayUse(rule.channel, for: .sev1)
      }
      guard !wakes, !rules.isEmpty, let place = definitions[.contact]?[person] else { continue }
      problems.append(
        Problem(
          place: place.place, field: place.field,
          expected: "an audible channel (push, sms, voice) with an address, open to SEV-1, and a rule that uses it",
          found: "none"))
    }
  }

  /// Each person that a rotation or a team's lists name, with where that was written first.
  private func peopleWhoCanBePaged() -> [(person: String, place: Placed<String>)] {
    var seen: Set<String> = []
    return mentions.filter { $0.kind == .person && !$0.name.field.hasPrefix("Contacts") }
      .filter { seen.insert($0.name.value).inserted }
      .map { ($0.name.value, $0.name) }
  }
}
