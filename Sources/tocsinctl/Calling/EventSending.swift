import Bus
import Messages
import Wire

/// Publishes events, several at once, those of one dedup key in their order.
struct EventSending {
  let cluster: Cluster
  let output: OutputFormat
  let lanes: Int

  private struct Outcome: Sendable {
    var index: Int
    var reply: PublishReply?
    var refusal: Refusal?
  }

  /// Every event is tried, whatever became of the others; throws at the end when one was not accepted.
  func send(_ given: [Event]) async throws {
    let events = given.map(recognisable)
    var lane: [[Int]] = Array(repeating: [], count: max(1, min(lanes, events.count)))
    for (index, event) in events.enumerated() {
      let share = event.dedupKey.isEmpty ? index : Int(Shard(team: event.source, dedupKey: event.dedupKey).number)
      lane[share % lane.count].append(index)
    }
    var failure: Failure?
    var table = Table("ALERT", "RESULT", "COUNT", "KEY", "SUMMARY")
    let outcomes = try await publish(events, lane)
    for outcome in outcomes {
      let event = events[outcome.index]
      if let reply = outcome.reply {
        table.add(reply.alertId, Self.outcome(reply), "\(reply.count)", event.dedupKey, event.summary)
        // A script that sends many reads an answer a line.
        let json = output == .json ? try Answer.json(reply) : ""
        if output == .json { print(events.count > 1 ? Answer.oneLine(json) : json) }
      } else if let refusal = outcome.refusal {
        let name = events.count > 1 ? "event \(outcome.index + 1): " : ""
        Failure.say(name + Failure.describe(refusal) + Self.cure(refusal))
        failure = Failure(refusal.status)
      }
    }
    if output == .table, !table.isEmpty || failure == nil { table.print(otherwise: "no events to send") }
    if let failure { throw failure }
  }

  /// One of several intakes may have it although its answer never came: by a key of its own it is one alert at the other too.
  private func recognisable(_ event: Event) -> Event {
    guard cluster.intakes.count > 1, event.action == .trigger, event.dedupKey.isEmpty else { return event }
    var event = event
    event.dedupKey = "once-" + HexText.of(IdempotencyKey.make())
    return event
  }

  /// A source's key, or a person's, reports in its own name.
  private static func cure(_ refusal: Refusal) -> String {
    refusal.status == .permissionDenied && refusal.field == "source"
      ? "; --source NAME says who reports: give the name of the key" : ""
  }

  /// `opened`; under a silence `opened, silence-3`.
  private static func outcome(_ reply: PublishReply) -> String {
    reply.disposition.word + (reply.silencedBy.isEmpty ? "" : ", \(reply.silencedBy)")
  }

  private func publish(_ events: [Event], _ lanes: [[Int]]) async throws -> [Outcome] {
    let cluster = cluster
    return try await withThrowingTaskGroup(of: [Outcome].self) { group in
      for lane in lanes {
        group.addTask {
          var outcomes: [Outcome] = []
          for index in lane {
            do {
              let reply = try await cluster.report(IntakeMethods.publish, events[index])
              outcomes.append(Outcome(index: index, reply: reply))
            } catch let refusal as Refusal {
              outcomes.append(Outcome(index: index, refusal: refusal))
            }
          }
          return outcomes
        }
      }
      var all: [Outcome] = []
      for try await outcomes in group { all += outcomes }
      return all.sorted { $0.index < $1.index }
    }
  }
}
