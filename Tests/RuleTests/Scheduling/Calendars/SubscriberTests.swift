import CivilTime
import Messages
import Scheduling
import Testing

/// A program that reads a calendar again and again, as RFC 5545 lets it: an event is replaced by one of the same UID with a
/// higher SEQUENCE, and nothing goes away by itself.
private struct Subscriber {
  struct Event: Equatable {
    var sequence: Int
    var stamp: String
    var content: [String: String]
  }
  let team: String
  let person: String
  private(set) var events: [String: Event] = [:]

  init(team: String, person: String) {
    self.team = team
    self.person = person
  }

  /// What is wrong with the feed after what was read before.
  mutating func read(_ reply: FeedReply) -> [String] {
    var wrong: [String] = []
    var seen: [String: Event] = [:]
    for var lines in FeedReader.events(reply) {
      guard let uid = lines.removeValue(forKey: "UID"), let sequence = lines.removeValue(forKey: "SEQUENCE"),
        let stamp = lines.removeValue(forKey: "DTSTAMP")
      else { return ["an event without UID, SEQUENCE or DTSTAMP: \(lines)"] }
      lines["LAST-MODIFIED"] = nil
      let event = Event(sequence: Int(sequence) ?? -1, stamp: stamp, content: lines)
      if seen.updateValue(event, forKey: uid) != nil { wrong.append("\(uid) occurs twice") }
    }
    for (uid, before) in events {
      guard let after = seen[uid] else {
        wrong.append("\(uid) is gone: \(before)")
        continue
      }
      if after.sequence < before.sequence || after.stamp < before.stamp {
        wrong.append("\(uid): \(before) -> \(after)")
      }
      if after.content != before.content, after.sequence == before.sequence {
        wrong.append("\(uid) changed in silence: \(before) -> \(after)")
      }
    }
    events = seen
    return wrong
  }
}

/// Requirement S12: whoever subscribed sees every change of what was shown before.
@Suite struct SubscriberTests {
  private static let people = ScheduleConfiguration.engineers

  @Test(arguments: 1...12) func subscribersSeeEveryChangeOfWhatTheyWereShown(seed: UInt64) throws {
    var dice = SplitMix(seed: seed)
    var scheduler = try Scheduler(.platform(), at: .utc("2026-11-25T12:00:00"))
    let whole = scheduler.rules.configuration
    let from = scheduler.now - .days(1)
    var subscribers = [Subscriber(team: "platform", person: "")]
    subscribers += Self.people.prefix(4).map { Subscriber(team: "", person: $0) }
    for step in 0..<60 {
      // What is known is known at an instant: two edits and a reader between them never share one.
      scheduler.wait(.milliseconds(1))
      Self.act(&scheduler, whole, &dice)
      for index in subscribers.indices {
        let request = FeedRequest(
          team: subscribers[index].team, person: subscribers[index].person, fromAt: from, untilAt: from + .days(400))
        let reply = try scheduler.rules.feed(request, now: scheduler.now)
        let wrong = subscribers[index].read(reply)
        #expect(wrong.isEmpty, "step \(step), \(subscribers[index].person): \(wrong.prefix(3))")
      }
    }
    let standing = subscribers[0].events.values.filter { $0.content["STATUS"] == "CONFIRMED" }
    let until = try scheduler.rules.show(ShowRequest(team: "platform"), now: scheduler.now).publishedUntilAt
    let shown = try scheduler.rules.show(
      ShowRequest(team: "platform", fromAt: from, untilAt: until), now: scheduler.now
    ).shifts.filter { $0.fromAt.isSet && $0.untilAt < .distantFuture }
    // That a team which was given up has nobody is no promise.
    for shift in shown where !shift.explanation.hasSuffix("has no rotation") {
      let begin = FeedReader.time(shift.fromAt)
      let end = FeedReader.time(shift.untilAt)
      #expect(standing.contains { $0.content["DTSTART"] == begin && $0.content["DTEND"] == end }, "\(shift)")
    }
  }

  /// Something that people do, or time: refused as often as not.
  private static func act(_ scheduler: inout Scheduler, _ whole: ScheduleConfiguration, _ dice: inout SplitMix) {
    let person = people[dice.below(people.count)]
    let day = { (dice: inout SplitMix, days: Int) in Span.hours(Int64(dice.below(days * 24))) }
    let from = scheduler.now + day(&dice, 70)
    switch dice.below(9) {
    case 0, 1:
      let tier = UInt32(1 + dice.below(2))
      _ = try? scheduler.override(person, tier: tier, from: from, until: from + .hours(1) + day(&dice, 12))
    case 2: try? scheduler.removeOverride("override-\(1 + dice.below(20))")
    case 3: _ = try? scheduler.away(person, .sick, from: from, until: from + .hours(1) + day(&dice, 20))
    case 4:
      let end = AbsenceEnd(absenceId: "absence-\(1 + dice.below(10))", at: from, by: "tara")
      _ = try? scheduler.decide(.endAbsence(end))
    case 5:
      var configuration = whole
      configuration.rotations[0].members = Array(people.prefix(4 + dice.below(5)))
      configuration.rotations[0].handoffMinute = UInt32(60 * dice.below(2))
      configuration.rotations[0].offset = 0
      _ = try? scheduler.configure(configuration)
    case 6 where dice.below(4) == 0:
      _ = try? scheduler.configure(whole.moved(to: "other"))
    case 7:
      let item = TrainingItem.productionAccess
      _ = try? scheduler.train(person, item, lost: dice.below(2) == 0)
    default: scheduler.wait(day(&dice, 9))
    }
  }
}
