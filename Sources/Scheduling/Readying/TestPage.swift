import Messages

/// A page that only shows whether a channel reaches a person (requirement S10): it carries a code that the person gives back.
struct TestPage: Hashable, Sendable {
  var made: ReadinessTested
  /// Why the notifier couldn't send it; empty: it did, or hasn't been asked yet.
  var words = ""

  /// What the procedure wants of everybody: push, SMS and a call. Each wakes somebody.
  static let channels = ["push", "sms", "voice"]
  static let allChannels = channels + ["email", "slack"]
  /// How long a code is waited for.
  static let validity = Span.hours(24)
  /// How long one may be on its way.
  private static let travels = Span.minutes(1)

  /// Six digits, read off what nobody knows beforehand: rules have no dice. It shows that the page arrived, and guards nothing.
  static func code(_ id: String, of person: String, at now: Instant) -> String {
    var hash = StableHash()
    hash.mix("\(id)/\(person)/\(now.milliseconds)")
    return "\(100_000 + hash.folded % 900_000)"
  }

  /// One asked for in the future was asked for by a clock that was wrong, and holds up nothing.
  func mayBeOnItsWay(at now: Instant) -> Bool {
    made.askedAt <= now && now < made.askedAt + Self.travels
  }

  var page: Page {
    // A voice says digits one by one.
    let code = made.channel == "voice" ? made.code.map(String.init).joined(separator: " ") : made.code
    return Page(
      id: made.id, generation: 1, wanted: true, incidentId: made.id, person: made.person, tier: 1, purpose: .test,
      severity: .sev4, summary: "Tocsin's test of \(made.channel): your code is \(code)", channels: [made.channel],
      because: made.by == made.person ? "asked by you" : "asked by \(made.by.isEmpty ? "an operator" : made.by)",
      pagedAt: made.askedAt, openedAt: made.askedAt, answeredBy: "tocsinctl ready confirm \(made.code)")
  }
}
