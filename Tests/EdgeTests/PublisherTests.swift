import Messages
import Serving
import Synchronization
import Testing
import Wire

@testable import Relaying

/// What a request's events become at intake, over several tries.
@Suite struct PublisherTests {
  /// An intake that refuses some events as it is told, by their summary.
  private final class Intake: Sendable {
    let refusals = Mutex<[String: Refusal]>([:])
    let seen = Mutex<[Event]>([])

    var publisher: Publisher {
      Publisher { [self] _, payloads, _, then in
        then(
          payloads.map { payload in
            let event = try! Event(decoding: payload)
            seen.withLock { $0.append(event) }
            if let refusal = refusals.withLock({ $0[event.summary] }) { return .failure(refusal) }
            return .success(PublishReply(alertId: "id-\(event.summary)").encoded())
          })
      }
    }

    func summaries() -> [String] {
      seen.withLock { seen in
        defer { seen = [] }
        return seen.map(\.summary)
      }
    }
  }

  private func trigger(_ summary: String, key: String = "") -> Event {
    Event(action: .trigger, dedupKey: key, summary: summary)
  }
  private let request = RequestDigest(of: WebRequest(WebHead("POST", "/events"), body: [1]))
  private let later = Refusal(.resourceExhausted, "too much")

  private func publish(_ events: [Event], _ publisher: Publisher, in digest: RequestDigest? = nil) -> [Published] {
    let told = Mutex<[Published]>([])
    publisher.publish(events, in: digest ?? request) { _, published in told.withLock { $0 = published } }
    return told.withLock { $0 }
  }

  @Test func whatIsRefusedForGoodHoldsUpNothingElse() {
    let intake = Intake()
    intake.refusals.withLock { $0 = ["poison": .invalid("summary", "no")] }
    let published = publish(
      [trigger("poison", key: "p"), trigger("a1", key: "a"), trigger("a2", key: "a"), trigger("p2", key: "p")],
      intake.publisher)
    #expect(intake.summaries() == ["poison", "a1", "a2", "p2"])
    if case .never = Outcome(published) {} else { Issue.record("\(published)") }
  }

  @Test func onlyItsOwnKeyWaitsForWhatMayGoWellLater() {
    let intake = Intake()
    intake.refusals.withLock { $0 = ["b1": later] }
    let events = ["a1", "b1", "a2", "b2"].map { trigger($0, key: String($0.prefix(1))) }
    let publisher = intake.publisher
    #expect(publish(events, publisher).map { $0.refusal?.status } == [nil, .resourceExhausted, nil, .aborted])
    #expect(intake.summaries() == ["a1", "b1", "a2"])
    intake.refusals.withLock { $0 = [:] }
    let published = publish(events, publisher)
    #expect(intake.summaries() == ["b1", "b2"], "what is on disk isn't said again")
    #expect(published.compactMap { $0.reply?.alertId } == ["id-a1", "id-b1", "id-a2", "id-b2"], "each at its place")
    _ = publish(events, publisher)
    #expect(intake.summaries().count == 4, "all of it is there: the next time it is news")
  }

  /// Another request is no retry, whatever keys it has: somebody may have closed the alert between the two.
  @Test func anotherRequestOfTheSameEventIsPublished() {
    let intake = Intake()
    intake.refusals.withLock { $0 = ["b": later] }
    let publisher = intake.publisher
    _ = publish([trigger("a", key: "a"), trigger("b", key: "b")], publisher)
    let other = RequestDigest(of: WebRequest(WebHead("POST", "/events"), body: [2]))
    _ = publish([trigger("a", key: "a")], publisher, in: other)
    #expect(intake.summaries() == ["a", "b", "a"])
  }

  /// It may have been closed since, and the same words again are news.
  @Test func whatSomethingElseWasSaidOfSinceIsSaidAgain() {
    let intake = Intake()
    intake.refusals.withLock { $0 = ["b": later] }
    let publisher = intake.publisher
    let events = [trigger("a", key: "a"), trigger("c", key: "c"), trigger("b", key: "b")]
    _ = publish(events, publisher)
    let closing = RequestDigest(of: WebRequest(WebHead("POST", "/events"), body: [2]))
    _ = publish([Event(action: .resolve, dedupKey: "a", summary: "end of a")], publisher, in: closing)
    #expect(intake.summaries() == ["a", "c", "b", "end of a"])
    _ = publish(events, publisher)
    #expect(intake.summaries() == ["a", "b"], "of c nothing else was said")
    _ = publish(events, publisher)
    #expect(intake.summaries() == ["b"], "and now it is known again")
  }

  /// While the one is under way, the other comes and goes.
  @Test func whatIsSaidWhileATryRunsCountsToo() {
    let unfinished = Unfinished()
    let (events, reply) = ([trigger("a", key: "a"), trigger("b", key: "b")], PublishReply())
    let one = unfinished.begin(request, events, at: 0)
    let closing = RequestDigest(of: WebRequest(WebHead("POST", "/events"), body: [2]))
    let end = [Event(action: .resolve, dedupKey: "a")]
    let other = unfinished.begin(closing, end, at: 0)
    unfinished.end(closing, other, end, isDone: true, taken: [0: reply], at: 0)
    unfinished.end(request, one, events, isDone: false, taken: [0: reply, 1: reply], at: 0)
    let again = unfinished.begin(request, events, at: 1)
    #expect(Array(again.taken.keys) == [1])
    unfinished.end(request, again, events, isDone: true, taken: [0: reply, 1: reply], at: 1)
    #expect(unfinished.count == 0)
  }

  @Test func manyEventsOfOneKeyTakeNoLongerThanTheyMust() {
    let intake = Intake()
    let events = (0..<4_000).map { trigger("\($0)", key: "one") }
    let began = ContinuousClock.now
    #expect(publish(events, intake.publisher).allSatisfy { $0.reply != nil })
    #expect(intake.summaries() == events.map(\.summary))
    #expect(ContinuousClock.now - began < .seconds(20))
  }

  @Test func whatMustBeToldAgainIsAlwaysTold() {
    let intake = Intake()
    intake.refusals.withLock { $0 = ["b": later] }
    var told = trigger("a", key: "a")
    told.lapseAfter = .minutes(15)
    let publisher = intake.publisher
    for _ in 0..<2 { _ = publish([told, trigger("b", key: "b")], publisher) }
    #expect(intake.summaries() == ["a", "b", "a", "b"])
  }

  /// Its answer may have come too late to count, and it is on disk all the same.
  @Test func whatHasNoKeyHasTheSameOneAtEachTry() {
    let intake = Intake()
    intake.refusals.withLock { $0 = ["x": later, "y": Refusal(.deadlineExceeded, "no answer")] }
    let publisher = intake.publisher
    for _ in 0..<2 { _ = publish([trigger("x"), trigger("y"), Event(action: .change, summary: "c")], publisher) }
    let keys = intake.seen.withLock { $0.map(\.dedupKey) }
    #expect(keys.count == 5 && keys[2].isEmpty, "a change has none, and isn't told again: \(keys)")
    #expect(Set(keys).count == 3 && keys[0] == keys[3] && keys[1] == keys[4])
    intake.refusals.withLock { $0 = [:] }
    for _ in 0..<2 { _ = publish([trigger("x"), trigger("y")], publisher) }
    let all = intake.seen.withLock { $0.map(\.dedupKey) }
    #expect(all[5] == keys[0] && all[7] != keys[0], "once answered, the same words are another alert")
  }

  @Test func unfinishedRequestsAreForgottenInTimeAndHaveABound() {
    let unfinished = Unfinished()
    let first = unfinished.begin(request, at: 0)
    unfinished.end(request, first, isDone: false, taken: [0: PublishReply()], at: 0)
    let second = unfinished.begin(request, at: 1)
    #expect(second.key == first.key)
    unfinished.end(request, second, isDone: false, taken: [:], at: 1)
    let again = unfinished.begin(request, at: 1 + Unfinished.keptFor)
    #expect(again.key != first.key && again.taken.isEmpty)
    unfinished.end(request, again, isDone: false, taken: [:], at: 1 + Unfinished.keptFor)
    let many = Dictionary(uniqueKeysWithValues: (0..<Unfinished.eventsAtMost + 9).map { ($0, PublishReply()) })
    let large = RequestDigest(of: WebRequest(WebHead("POST", "/events"), body: [3]))
    let largest = unfinished.begin(large, at: 1)
    unfinished.end(large, largest, isDone: false, taken: many, at: 1)
    #expect(unfinished.begin(large, at: 2).taken.count == Unfinished.eventsAtMost)
  }
}
