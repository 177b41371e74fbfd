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
    if stories[whole]?.isClosedAtSource == true { stories[whole]?.closedAt = nil }
  }

  /// Whoever merges wakes what is snoozed.
  func merged(_ part: String, into whole: String, at now: Instant) {
    closed(part, at: now)
    disturbed(whole)
  }

  /// A storm's further alerts are part of one of its incidents, which the escalator names when it is asked for them (I5).
  func isWhole(_ id: String) -> Bool { stories[id]?.isWhole ?? false || (incident(id)?.moreAlerts ?? 0) > 0 }

  /// Of which incident an alert has been a part from the beginning; nil when it is one of its own.
  func joined(_ id: String) -> String? {
    if let known = stories[id]?.part { return known }
    guard let whole = incident(id)?.id, whole != id else { return nil }
    stories[id]?.part = whole
    if let former = stories[id]?.former, meant(by: former).contains(whole) { openAgain(whole, by: id) }
    return whole
  }

  /// What came before it counts no more; what was said since does.
  private func openAgain(_ whole: String, by id: String) {
    guard let alert = stories[id]?.accepted, let story = stories[whole],
      let closing = story.closingSince, closing < alert.at
    else { return }
    // What somebody called over may be open still, because of its other parts: then it goes on, and nobody need be paged anew.
    if let closed = story.closedAt, closed < alert.toldAt { stories[id]?.opensAgain = true }
    stories[whole]?.mayFireAgain = true
    stories[whole]?.closedAt = nil
    stories[whole]?.isClosedAtSource = false
    stories[whole]?.closingSince = story.lastClosing > alert.at ? story.lastClosing : nil
    stories[whole]?.snoozes = []
    called(whole, alert.severity)
    touched(whole)
  }

  /// Asked while it is known: what is over is forgotten in the end.
  func learnParts() {
    for (id, story) in stories where story.accepted != nil && story.firstAttempt == nil { _ = joined(id) }
  }

  /// What became of an alert that was accepted, or of what it is a part of; nil when somebody was paged or has answered.
  func unheard(_ id: String) -> String? {
    let whole = joined(id) ?? id
    guard let story = stories[whole], let alert = stories[id]?.accepted else { return nil }
    if stories[id]?.opensAgain == true {
      return story.lastStir >= alert.toldAt || story.lastClosing >= alert.toldAt ? nil : "opened \(whole) again"
    }
    if whole != id, let closed = story.closedAt, closed < alert.toldAt {
      return "became part of \(whole), which was over"
    }
    if story.firstAttempt != nil || story.answeredAt != nil { return nil }
    return whole == id ? "was accepted" : "is part of \(whole)"
  }

  /// What is paged for a whole comes of the clocks and severities of all that is part of it.
  func noteWhole(_ id: String) {
    guard (incident(id)?.moreAlerts ?? 0) > 0 else { return }
    stories[id]?.isTouched = true
    if stories[id]?.isClosedAtSource == true { stories[id]?.closedAt = nil }
  }

  /// An incident, and all of which it may be a part by now.
  func meant(by id: String) -> Set<String> {
    var found: Set = [id]
    var next = [id]
    while let part = next.popLast() {
      if let whole = joined(part) { wholes[part, default: []].insert(whole) }
      for whole in wholes[part] ?? [] where found.insert(whole).inserted { next.append(whole) }
    }
    return found
  }
}
