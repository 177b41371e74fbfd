import Messages
import Serving
import Wire

/// The handoff between two weeks: who must be there, the checklists, the document, and who has signed.
extension Site {
  func handoff(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let roster = await roster()
    let time = time(of: visit, roster)
    let team = try team(in: visit, roster)
    let request = HandoffRequest(team: team.id, at: Instant(milliseconds: Int64(visit.query["at"]) ?? 0))
    async let asked = desk.part(.scheduler, HandoffMethods.document, request)
    let record = try await desk.ask(.scheduler, HandoffMethods.show, request)
    let document = await asked
    return printer.page(
      "handoff", "Handoff",
      [
        "live": true, "team": .text(team.name.isEmpty ? team.id : team.name), "teamId": .text(team.id),
        "teams": teamChoice(roster, team, at: "/handoff"), "when": .text("\(record.at.milliseconds)"),
        "at": .text(time.short(record.at)), "distance": .text(time.distance(record.at)), "zone": .text(time.name),
        "attendees": .list(
          record.attendees.map {
            [
              "person": .text($0.person.isEmpty ? "nobody" : roster.name($0.person)), "part": .text($0.part),
              "required": .flag($0.required),
            ]
          }), "lists": .list(lists(record, roster, time)),
        "signed": .text(signature(record.signedBy, record.signedAt, roster, time)),
        "accepted": .text(signature(record.acceptedBy, record.acceptedAt, roster, time)),
        "canAccept": .flag(!record.signedBy.isEmpty && record.acceptedBy.isEmpty),
        "document": .lines((try? document.get()).map { String(decoding: $0.markdown, as: UTF8.self) } ?? ""),
        "trouble": .text(Self.trouble(document) ?? ""),
      ], for: visit)
  }

  private func lists(_ record: HandoffRecord, _ roster: Roster, _ time: ReaderTime) -> [Shown.Fields] {
    record.items.map(\.list).distinct.map { list in
      [
        "name": .text(list),
        "items": .list(
          record.items.filter { $0.list == list }.map {
            [
              "id": .text($0.id), "text": .text($0.text),
              "person": .text($0.person.isEmpty ? "" : roster.name($0.person)),
              "done": .flag(!$0.by.isEmpty), "by": .text(signature($0.by, $0.tickedAt, roster, time)),
            ]
          }),
      ]
    }
  }

  private func signature(_ person: String, _ at: Instant, _ roster: Roster, _ time: ReaderTime) -> String {
    person.isEmpty ? "" : "\(roster.name(person)), \(time.short(at))"
  }

  // MARK: What can be done

  func tickHandoff(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let form = visit.form
    let tick = HandoffTick(
      team: form["team"], at: when(form), item: form["item"], undo: form["undo"] == "yes", by: visit.by)
    // Twice is once by the rules, and a page that has stood open since it was undone must not be told that it is ticked.
    _ = try await desk.ask(.scheduler, HandoffMethods.tick, tick, as: nil)
    return backToHandoff(form, saying: tick.undo ? "Open again." : "Ticked.", visit)
  }

  func signHandoff(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let form = visit.form
    _ = try await desk.ask(
      .scheduler, HandoffMethods.sign, HandoffSignature(team: form["team"], at: when(form), by: visit.by),
      as: key(of: visit))
    return backToHandoff(form, saying: "Signed: the document stays as it is now.", visit)
  }

  func acceptHandoff(_ visit: Visit) async throws(Refusal) -> WebAnswer {
    let form = visit.form
    _ = try await desk.ask(
      .scheduler, HandoffMethods.accept, HandoffSignature(team: form["team"], at: when(form), by: visit.by),
      as: key(of: visit))
    return backToHandoff(form, saying: "Accepted.", visit)
  }

  private func when(_ form: FormFields) -> Instant { Instant(milliseconds: Int64(form["at"]) ?? 0) }

  private func backToHandoff(_ form: FormFields, saying words: String, _ visit: Visit) -> WebAnswer {
    back(
      to: "/handoff?team=\(PlainPath.escaped(form["team"]))&at=\(PlainPath.escaped(form["at"]))", saying: words,
      at: visit.now)
  }
}
