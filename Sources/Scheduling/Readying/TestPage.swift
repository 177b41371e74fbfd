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
  /// Until then the one before may still be on its way.
  static let pause = Span.minutes(1)

  /// Six digits, read off what nobody knows beforehand: rules have no dice. It shows that the page arrived, and guards nothing.
  static func code(_ id: String, of person: String, at now: Instant) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "\(id)/\(person)/\(now.milliseconds)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return "\(100_000 + (hash ^ (hash >> 32)) % 900_000)"
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
