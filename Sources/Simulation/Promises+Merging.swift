import Messages

/// Incidents that became part of others, as whoever merged them knows it (E6): nothing is sent about a part any more, and who
/// answers it answers the whole.
extension Promises {
  /// Somebody says that they are one; whether they were heard is known later. From then on the whole isn't over when its own
  /// source says so.
  func mergeBegan(_ part: String, into whole: String, at now: Instant) {
    closingBegan(part, at: now)
    touched(part)
    wholes[part, default: []].insert(whole)
    touched(whole)
    stories[whole]?.isWhole = true
    if stories[whole]?.isAnsweredAtSource == true { stories[whole]?.closedAt = nil }
  }

  /// Whoever merges wakes what is snoozed.
  func merged(_ part: String, into whole: String, at now: Instant) {
    closed(part, at: now)
    disturbed(whole)
  }

  func isWhole(_ id: String) -> Bool { stories[id]?.isWhole ?? false }

  /// An incident, and all of which it may be a part by now.
  func meant(by id: String) -> Set<String> {
    var found: Set = [id]
    var next = [id]
    while let part = next.popLast() {
      for whole in wholes[part] ?? [] where found.insert(whole).inserted { next.append(whole) }
    }
    return found
  }
}
