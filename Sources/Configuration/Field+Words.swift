import Messages

/// Text, names and choices.
extension Field {
  /// Text for people: no control characters apart from line ends, at most `limit` bytes.
  func text(limit: Int = 1_024) -> String? {
    let expected = "text of at most \(limit) bytes without control characters"
    guard let text = scalar(expected) else { return nil }
    let trimmed = text.last == "\n" ? String(text.dropLast()) : text
    let isClean = trimmed.unicodeScalars.allSatisfy {
      $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
    }
    guard isClean, !trimmed.isEmpty, trimmed.utf8.count <= limit else {
      complain(expected: expected)
      return nil
    }
    return trimmed
  }

  /// An id: something that is written in other places to mean this.
  func name() -> Placed<String>? {
    let name = readName()
    if name == nil { draft.isIncomplete = true }
    return name
  }

  private func readName() -> Placed<String>? {
    let expected = "a name of letters a-z, digits, '-', '_' and '.', at most 64, a letter or digit first"
    guard let text = scalar(expected) else { return nil }
    let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    guard text.utf8.count <= 64, let first = text.first, !"-_.".contains(first), text.allSatisfy(letters.contains)
    else {
      let lowered = text.lowercased().replacing(" ", with: "-")
      let couldBe = lowered != text && lowered.allSatisfy(letters.contains) ? lowered : nil
      complain(expected: expected, suggestion: couldBe)
      return nil
    }
    return placed(text)
  }

  /// A mention of something that is defined elsewhere; whether it is, is checked when all files are read.
  func mention(of kind: Thing) -> String? {
    guard let text = scalar("the \(kind.naming)") else { return nil }
    draft.mentions.append(Mention(kind: kind, name: placed(text)))
    return text
  }

  /// One of a fixed set of words, in any case.
  func choice<Value>(_ what: String, _ choices: [(word: String, value: Value)]) -> Value? {
    let words = choices.map(\.word)
    let expected = "\(what): \(words.joined(separator: ", "))"
    guard let text = scalar(expected) else { return nil }
    if let match = choices.first(where: { $0.word.lowercased() == text.lowercased() }) { return match.value }
    complain(expected: expected, suggestion: NearestName.to(text, among: words))
    return nil
  }

  func yesOrNo() -> Bool? {
    choice("yes or no", [("yes", true), ("no", false), ("true", true), ("false", false)])
  }

  func count(_ range: ClosedRange<UInt32>) -> UInt32? {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let text = scalar(expected) else { return nil }
    guard let number = UInt32(text), range.contains(number) else {
      complain(expected: expected)
      return nil
    }
    return number
  }

  func severity() -> Severity? {
    choice("a severity", [("SEV-1", .sev1), ("SEV-2", .sev2), ("SEV-3", .sev3), ("SEV-4", .sev4)])
  }

  func role() -> Role? {
    choice(
      "a role",
      [
        ("engineer", .engineer), ("team-lead", .teamLead), ("engineering-manager", .engineeringManager), ("vp", .vp),
        ("cto", .cto),
      ])
  }

  /// A tier by its name in the procedure or by its number.
  func tier(upTo top: UInt32 = 4) -> UInt32? {
    let names: [(word: String, value: UInt32)] = [
      ("primary", 1), ("secondary", 2), ("tertiary", 3), ("executives", 4),
    ]
    let numbers: [(word: String, value: UInt32)] = [("1", 1), ("2", 2), ("3", 3), ("4", 4)]
    return choice("a tier", names.filter { $0.value <= top } + numbers.filter { $0.value <= top })
  }

  /// A way to reach one person.
  func personalChannel() -> String? {
    choice("a channel", PersonalChannel.allCases.map { ($0.rawValue, $0.rawValue) })
  }

  /// A template of links to incidents (requirement E6).
  func incidentURL() -> String? {
    guard let text = scalar(IncidentLink.rule) else { return nil }
    guard IncidentLink.isTemplate(text) else {
      complain(expected: IncidentLink.rule)
      return nil
    }
    return text
  }

  /// A channel that belongs to a team: `#incidents`, `status-page`, `ticket` ...
  func teamChannel() -> String? {
    let expected = "a team channel such as \"#incidents\", status-page or ticket"
    guard let text = scalar(expected) else { return nil }
    let rest = text.hasPrefix("#") ? text.dropFirst() : Substring(text)
    let isGood =
      !rest.isEmpty && rest.utf8.count <= 63 && rest.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }
    guard isGood, PersonalChannel(rawValue: text) == nil else {
      complain(expected: expected)
      return nil
    }
    return text
  }
}
