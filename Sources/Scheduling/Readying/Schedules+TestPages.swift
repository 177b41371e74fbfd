import CivilTime
import Machinery
import Messages

/// One test page a channel, and the codes that come back (requirement S10). They are a person's, not a shift's: also whoever isn't
/// in a rotation yet shows so that push reaches them (P2).
extension Schedules {
  func testReadiness(
    _ request: ReadinessTestRequest, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(request.by, "by", 0...64)
    let person = request.person.isEmpty ? request.by : request.person
    guard people[person] != nil else { throw .notFound("nobody is called \(person)", field: "person") }
    try maySpeak(request.by, for: person)
    let channels = request.channels.isEmpty ? TestPage.channels : request.channels.distinct
    let last = readying.tests(of: person)
    for channel in channels {
      guard TestPage.allChannels.contains(channel) else {
        throw .invalid("channels", "\"\(channel)\" is none of \(TestPage.allChannels.joined(separator: ", "))")
      }
      guard let test = last[channel], test.words.isEmpty, test.mayBeOnItsWay(at: now) else { continue }
      throw Refusal(
        .resourceExhausted,
        "a test page by \(channel) went to \(person) less than a minute ago (S10): confirm it, or ask again in a minute",
        field: "channels")
    }
    var draft = ScheduleDraft(self, at: now)
    for channel in channels {
      let id = "ready-test-\(draft.schedules.readying.testsNumbered + 1)"
      draft.add(
        .readinessTested(
          ReadinessTested(
            id: id, person: person, channel: channel, code: TestPage.code(id, of: person, at: now), by: request.by,
            askedAt: now)))
    }
    return Decision(draft.facts, answer: .readiness(.tested(draft.schedules.testReply(person, at: now))))
  }

  /// Only who got the page can say so: nobody else has seen the code.
  func confirmReadiness(
    _ confirmation: ReadinessConfirmation, at now: Instant
  ) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    let person = confirmation.by
    guard people[person] != nil else {
      throw .invalid("by", "must be whoever got the test page: nobody is called \(person)")
    }
    let waiting = readying.tests(of: person).values.filter { now < $0.made.askedAt + TestPage.validity }
      .sorted { $0.made.id < $1.made.id }
    guard !waiting.isEmpty else {
      throw Refusal(
        .failedPrecondition,
        "no test page of \(person) waits for its code (S10): codes hold for a day, and `tocsinctl ready test` asks for new ones",
        field: "code")
    }
    guard let test = waiting.first(where: { $0.made.code == confirmation.code })?.made else {
      throw .invalid(
        "code",
        "is none of \(person)'s latest test pages (\(waiting.map(\.made.channel).joined(separator: ", "))): it stands in the page"
      )
    }
    var draft = ScheduleDraft(self, at: now)
    draft.confirm(test)
    return Decision(draft.facts, answer: .readiness(.tested(draft.schedules.testReply(person, at: now))))
  }

  /// As if a shift began now.
  private func testReply(_ person: String, at now: Instant) -> ReadinessTestReply {
    ReadinessTestReply(
      person: person, tests: tests(of: person, from: now - ReadinessBook.counts, until: .distantFuture))
  }

  /// Of the channels that everybody confirms, and of those that were tested beside them.
  func tests(of person: String, from: Instant, until: Instant) -> [ReadinessTest] {
    let waiting = readying.tests(of: person)
    return TestPage.allChannels.compactMap { channel in
      let confirmed = readying.confirmation(channel, of: person, from: from, until: until)
      guard TestPage.channels.contains(channel) || confirmed != nil || waiting[channel] != nil else { return nil }
      return ReadinessTest(
        channel: channel, askedAt: waiting[channel]?.made.askedAt ?? .unset,
        confirmedAt: confirmed?.confirmedAt ?? .unset, words: waiting[channel]?.words ?? "")
    }
  }
}

extension ScheduleDraft {
  fileprivate mutating func confirm(_ test: ReadinessTested) {
    let before = teamsWithCopies(because: test.person)
    add(
      .readinessConfirmed(
        ReadinessConfirmed(id: test.id, person: test.person, channel: test.channel, confirmedAt: now)))
    let verified = schedules.training.record(of: test.person, .pushDevice)
    if test.channel == "push", verified.map(\.lost) ?? true {
      record(
        TrainingRecord(
          person: test.person, item: .pushDevice, completedOn: TimeZoneRules.utc.local(now).date.description,
          note: "confirmed \(test.id)", by: "tocsin"))
    }
    endCopies(because: test.person, in: before)
  }

  /// How the notifier fared with a test page: what it can't send is shown, and not tried again.
  mutating func settleTest(_ settlement: Settlement) {
    guard schedules.readying.test(settlement.key.id) != nil else { return }
    let words = settlement.status == .ok ? "" : settlement.words.isEmpty ? settlement.status.name : settlement.words
    note(.readinessTestSent(ReadinessTestSent(id: settlement.key.id, words: words)))
  }
}

extension ReadinessRecord {
  /// Channels that weren't confirmed; one that the notifier couldn't send to counts as long as there is no other.
  var missingTests: [String] {
    let wanted = tests.filter { TestPage.channels.contains($0.channel) }
    let isReached = wanted.contains { $0.confirmedAt.isSet }
    return wanted.filter { !$0.confirmedAt.isSet && !(isReached && !$0.words.isEmpty) }.map(\.channel)
  }
}
