import Messages
import Notifying

/// What somebody got, as they know it (N5): at most five messages a minute that wake them, besides first pages, what must not wait,
/// and a SEV-1 in ten seconds. Told by what reached them, whatever the notifier has counted.
struct Pace {
  struct Message {
    var at: Instant
    var kind: Kind
    /// A SEV-1's, which may have gone without a slot while something that failed later held the last one.
    var isUrgent: Bool
    /// The page that it told of; empty for a digest.
    var page: String
    /// Its person and service.
    var pair: String
  }
  /// One of the five, one in ten seconds for a SEV-1, or one that never waits.
  enum Kind { case paced, urgent, first }

  /// Of the last minute.
  var messages: [Message] = []

  func count(_ kind: Kind) -> Int { messages.count { $0.kind == kind } }

  var isTooFast: Bool {
    messages.count { $0.kind == .paced && !$0.isUrgent } > Promises.messagesAtMost
      || count(.urgent) > Promises.urgentAtMost
      || count(.paced) + count(.urgent) > Promises.messagesAtMost + Promises.urgentAtMost
  }
}

/// Which page for a service came first to somebody.
struct FirstPage {
  var page: String
  /// When it was begun.
  var at: Instant
  /// When a page for it last came.
  var lastAt: Instant
  /// Of those that were begun with it: in which order they came to the notifier isn't seen here, and one of them may be what it
  /// takes for the first.
  var other: String?
}

extension Promises {
  static let messagesAtMost = 5
  /// One in ten seconds, which providers may bring a little closer together.
  static let urgentAtMost = 7
  private static let window = Span.minutes(1)

  /// A provider is asked to tell these pages.
  ///
  /// - Returns: whether the message may come however many came before.
  func messageBegan(_ attempt: Attempt, at now: Instant) -> Bool {
    for page in attempt.each { notePage(page, at: now) }
    if attempt.count > 1 { report.reached.insert("digest") }
    return attempt.each.contains(where: isNotHeld)
  }

  /// It reached somebody.
  func messageReached(_ attempt: Attempt, mustNotWait: Bool, at now: Instant) {
    guard !attempt.person.isEmpty, attempt.purpose != .unspecified else { return }
    let isAudible = ["push", "sms", "voice"].contains(attempt.channel)
    let name = isAudible ? attempt.person : "\(attempt.person)/\(attempt.channel)"
    var pace = paces[name] ?? Pace()
    pace.messages.removeAll { $0.at + Self.window <= now }
    var kind = mustNotWait ? Pace.Kind.first : .paced
    if kind == .paced, pace.count(.paced) >= Self.messagesAtMost, attempt.severity == .sev1 { kind = .urgent }
    let page = attempt.count == 1 ? attempt.id : ""
    pace.messages.append(
      Pace.Message(
        at: now, kind: kind, isUrgent: attempt.severity == .sev1, page: page, pair: Self.pair(attempt)))
    report.judgements += 1
    while kind != .first, pace.isTooFast, let index = pace.messages.firstIndex(where: mayBeFirst) {
      pace.messages[index].kind = .first
      firstPages[pace.messages[index].pair]?.other = pace.messages[index].page
    }
    if kind != .first, pace.isTooFast, !hasLostRows(of: .notifier) {
      report.violate("\(attempt.key.id): \(name) has had \(pace.messages.count) messages within a minute")
    }
    if pace.messages.count >= Self.messagesAtMost { lastFullAt = now }
    paces[name] = pace
  }

  private static func pair(_ attempt: Attempt) -> String { "\(attempt.person) \(attempt.service)" }

  /// Whether the notifier may have taken what this told of for the first page of its service (`FirstPage.other`).
  private func mayBeFirst(_ message: Pace.Message) -> Bool {
    guard message.kind == .paced, let first = firstPages[message.pair], let begun = firstAttemptOfPage[message.page]
    else { return false }
    return begun < first.at + .seconds(10) && (first.other == nil || first.other == message.page)
  }

  private func notePage(_ attempt: Attempt, at now: Instant) {
    guard attempt.purpose == .duty, firstAttemptOfPage[attempt.id] == nil else { return }
    firstAttemptOfPage[attempt.id] = now
    let pair = Self.pair(attempt)
    if let known = firstPages[pair], known.lastAt + .minutes(25) > now {
      firstPages[pair]?.lastAt = now
    } else {
      firstPages[pair] = FirstPage(page: attempt.id, at: now, lastAt: now)
    }
  }

  /// A first page that has not reached its person yet, and what stands alone.
  private func isNotHeld(_ attempt: Attempt) -> Bool {
    guard attempt.answeredBy.isEmpty, attempt.purpose != .test, attempt.purpose != .watch else { return true }
    guard firstPages[Self.pair(attempt)]?.page == attempt.id else { return false }
    return attempt.isRepeat
      || !(0..<16).contains { handOvers["\(attempt.id)#\($0)"]?.contains(where: \.hasReached) ?? false }
  }

  /// How much later than the policy says a page may come because its person has had as many messages as they get: not at all
  /// when there was no storm.
  func hold(_ severity: Severity, at now: Instant) -> Span {
    guard let lastFullAt, lastFullAt + .minutes(3) > now else { return .zero }
    return severity == .sev1 ? .seconds(10) : Self.window
  }
}
