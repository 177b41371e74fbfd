import Messages

/// Whether the first provider of a channel is worth asking (requirement N3).
///
///     used -> passed over -> tried with one page -> used | passed over for twice as long
///
/// It is passed over when at least half of what it was asked lately failed through its fault, or half of the receipts that should
/// have come are missing. It comes back by one page that it takes, and by nothing else: a window that has emptied with time says
/// nothing about a provider that nobody asks.
extension RouteHealth {
  static let window = Span.minutes(5)
  static let kept = 20
  /// One or two failures are everyday; a third page need not find out for itself.
  static let failuresAtLeast = 3
  static let firstWait = Span.minutes(1)
  static let longestWait = Span.minutes(10)
  /// While one page tries it, others pass it over.
  static let trying = Span.seconds(30)

  /// Whether a page that begins now goes to the second provider at once.
  func isPassedOver(at now: Instant) -> Bool { passedOverUntil.map { now < $0 } ?? false }

  /// nil: it is used.
  var passedOverUntil: Instant? { passedOver ? tryAt : nil }

  /// Whether an attempt was begun to try a provider that is passed over. What was under way when that was decided is told by its
  /// time, and says nothing that isn't known: `tryAt` is `wait` behind the decision, and a page that tries moves it on by less
  /// than any wait.
  func isTrial(begunAt: Instant) -> Bool { passedOver && begunAt > tryAt - wait }

  mutating func note(failed: Bool, at now: Instant) { Self.note(&asked, failed, at: now) }
  mutating func note(missing: Bool, at now: Instant) { Self.note(&receipts, missing, at: now) }

  /// Why it should be passed over; nil: it need not be.
  func trouble(at now: Instant) -> String? {
    for (outcomes, words) in [(asked, "attempts failed"), (receipts, "receipts are missing")] {
      let recent = outcomes.filter { now - $0.at <= Self.window }
      let failed = recent.count(where: \.failed)
      if failed >= Self.failuresAtLeast, failed * 2 >= recent.count {
        return "\(failed) of \(recent.count) \(words) within \(Self.window.words)"
      }
    }
    return nil
  }

  mutating func judge(_ judged: ProviderJudged) {
    if passedOver != judged.passedOver { self.judged += 1 }
    passedOver = judged.passedOver
    tryAt = judged.tryAt
    wait = judged.wait
    guard !passedOver else { return }
    asked = []
    receipts = []
  }

  mutating func shift(by span: Span) {
    if tryAt.isSet { tryAt = tryAt + span }
    for index in asked.indices { asked[index].at = asked[index].at + span }
    for index in receipts.indices { receipts[index].at = receipts[index].at + span }
  }

  private static func note(_ outcomes: inout [ProviderOutcome], _ failed: Bool, at now: Instant) {
    if outcomes.count >= kept { outcomes.removeFirst() }
    outcomes.append(ProviderOutcome(at: now, failed: failed))
  }
}
