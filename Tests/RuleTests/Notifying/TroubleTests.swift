import Messages
import Notifying
import Testing

/// Trouble with a provider, of each kind and on each channel: the person's next channel within half a minute of its being known, and
/// at most one repeat of what may have arrived (requirement N3). The same with the real executables: `Tests/cluster/troubles.py`.
@Suite struct TroubleTests {
  enum Kind: String, CaseIterable {
    case refused, failed, limited, silent, undelivered
  }

  /// Ana's first channel, and her text message four minutes later.
  private func notifier(_ channel: String, _ kind: Kind) -> Notifier {
    var team = NotificationConfiguration.team
    team.contacts[0].rules = [
      PersonalRule(after: .zero, channel: channel), PersonalRule(after: .minutes(4), channel: "sms"),
    ]
    return Notifier(team) {
      guard $0.channel == channel else { return (.ok, "accepted", nil) }
      switch kind {
      case .refused: return (.failedPrecondition, "not in service", nil)
      case .failed: return (.unavailable, "503", nil)
      case .limited: return (.resourceExhausted, "429", .hours(1))
      case .undelivered: return (.ok, "queued", nil)
      case .silent: return nil
      }
    }
  }

  @Test(arguments: Kind.allCases, ["push", "voice", "email", "slack"])
  func theNextChannelComesWithinHalfAMinute(kind: Kind, channel: String) throws {
    var notifier = notifier(channel, kind)
    let page = Page.wanted()
    try notifier.page(page)
    let first = try #require(notifier.attempts.first { $0.channel == channel })
    switch kind {
    case .silent:
      // As long as a provider is waited for.
      notifier.wait(.seconds(30))
      notifier.settle(first, .unknown, "no answer")
    case .undelivered:
      notifier.wait(.seconds(10))
      try notifier.report(page, first.delivery, .failed, words: "undelivered")
    default: break
    }
    notifier.wait(.seconds(30))
    #expect(notifier.attempts.contains { $0.channel == "sms" }, "\(notifier.said)")
    notifier.wait(.hours(3))
    for attempt in notifier.attempts where attempt.channel == channel && attempt.number > 1 && kind == .silent {
      #expect(attempt.isRepeat)
      notifier.settle(attempt, .unknown, "no answer")
    }
    notifier.wait(.hours(3))
    let again = notifier.attempts.count { $0.channel == channel } - 1
    switch kind {
    case .silent: #expect(again == 1)
    case .undelivered, .refused: #expect(again == 0)
    case .failed, .limited: #expect((1...4).contains(again))
    }
    #expect(notifier.attempts.count { $0.channel == "sms" } == 1, "\(notifier.said)")
  }
}
