import CivilTime
import Machinery
import Messages

/// The incoming primary's checklists, item by item (requirement S10).
extension Schedules {
  public func showReadiness(_ request: ReadinessRequest, now: Instant) throws(Refusal) -> ReadinessRecord {
    let found = try takeover(of: request.person, in: request.team, at: request.at, now: now)
    return readiness(of: found.takeover, in: found.team.id, at: now)
  }

  func tickReadiness(_ tick: ReadinessTick, at now: Instant) throws(Refusal) -> Decision<ScheduleFact, ScheduleAnswer> {
    try text(tick.by, "by", 0...64)
    let asks = tick.person.isEmpty && !tick.at.isSet && people[tick.by] != nil ? tick.by : tick.person
    let (team, takeover) = try takeover(of: asks, in: tick.team, at: tick.at, now: now)
    try maySpeak(tick.by, for: takeover.incoming)
    let items = readiness(of: takeover, in: team.id, at: now).items
    guard let item = items.first(where: { $0.id == tick.item }) else {
      throw .notFound("the checklists have no item \"\(tick.item)\": access-1 is the first", field: "item")
    }
    let opens = takeover.from - ReadinessBook.counts
    guard opens <= now, now < takeover.until else {
      let zone = zones[team.calendar?.timeZone ?? ""] ?? .utc
      throw Refusal(
        .failedPrecondition,
        "\(takeover.incoming)'s list for the shift from \(takeover.from.short(in: zone)) is ticked from "
          + "\(opens.short(in: zone)) until the shift ends (S10)", field: "at_ms")
    }
    var draft = ScheduleDraft(self, at: now)
    if item.by.isEmpty == !tick.undo {
      draft.add(
        .readinessTicked(
          ReadinessTicked(
            team: team.id, person: takeover.incoming, item: tick.item, by: tick.by, tickedAt: now, undo: tick.undo)))
    }
    return Decision(
      draft.facts, answer: .readiness(.record(draft.schedules.readiness(of: takeover, in: team.id, at: now))))
  }

  func readiness(of takeover: Takeover, in team: String, at now: Instant) -> ReadinessRecord {
    let items = ReadinessChecklist.all.flatMap { list in
      list.items.enumerated().map { index, item in
        let id = "\(list.id)-\(index + 1)"
        let tick = readying.tick(id, of: takeover, in: team)
        return ReadinessItem(
          id: id, list: list.title, text: item.text, how: item.how,
          by: tick.map { $0.by.isEmpty ? "an operator" : $0.by } ?? "", tickedAt: tick?.tickedAt ?? .unset)
      }
    }
    var record = ReadinessRecord(
      team: team, person: takeover.incoming, outgoing: takeover.outgoing, fromAt: takeover.from,
      untilAt: takeover.until, items: items,
      tests: tests(of: takeover.incoming, from: takeover.from - ReadinessBook.counts, until: takeover.until),
      copiesTo: copy(of: takeover, in: team).flatMap { $0.untilAt > now ? $0.person : nil } ?? "")
    record.complete = items.allSatisfy { !$0.by.isEmpty } && record.missingTests.isEmpty
    return record
  }
}

extension ReadinessRecord {
  /// "access: all 9; before the rotation: Read handoff notes; test pages: sms, voice"; empty when nothing is missing.
  var missing: String {
    let tests = missingTests.isEmpty ? [] : ["test pages: \(missingTests.joined(separator: ", "))"]
    let lists: [String] = ReadinessChecklist.all.compactMap { list in
      let open = items.filter { $0.list == list.title && $0.by.isEmpty }
      guard !open.isEmpty else { return nil }
      let what = open.count == list.items.count ? "all \(open.count)" : open.map(\.text).joined(separator: ", ")
      return "\(list.title): \(what)"
    }
    return (lists + tests).joined(separator: "; ")
  }
}
