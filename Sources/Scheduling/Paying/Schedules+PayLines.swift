import CivilTime
import Messages

/// Who is paid what for a span of time, a line for each shift that is held and each part of a piece of work. A function of
/// what is known: asking again for the same time gives the same lines until somebody learns something about it.
extension Schedules {
  /// Lines of a team, by person and time; and why something is missing.
  func payLines(of team: String, from: Instant, until: Instant) -> (lines: [PayLine], notes: [String]) {
    let rates = rateBook(team, knownAt: until)
    var lines: [PayLine] = []
    var notes: [String] = []
    if let first = rates.all.first {
      if first.from > from { notes.append("team \(team) has no rates before \(first.rates.fromDate): that isn't paid") }
    } else {
      notes.append("team \(team) has no rates: nothing is paid")
    }
    lines += stipends(of: team, from: from, until: until, rates)
    for person in pay.works.keys.sorted() {
      lines += workLines(of: person, team: team, from: from, until: until, rates)
    }
    return (lines.sorted { $0.order < $1.order }, notes)
  }

  // MARK: Stipends

  /// A week's stipend of a tier is shared by elapsed time. Each share is what the running total, rounded, grows by: the shares
  /// of a whole week add up to the stipend, whoever swapped with whom.
  private func stipends(of team: String, from: Instant, until: Instant, _ book: RateBook) -> [PayLine] {
    guard let board = boards[team] else { return [] }
    return board.lanes.flatMap { lane -> [PayLine] in
      lane.shifts(from: from, until: until, absences: board.absences).filter { !$0.person.isEmpty }.flatMap { shift in
        shares(of: shift.clipped(from: from, until: until), book).map { share in
          let (part, rates, week) = share
          let stipend = rates.stipend(tier: lane.tier)
          let whole = (week.until - week.from).milliseconds
          func running(_ instant: Instant) -> Exact {
            stipend.share((instant - week.from).milliseconds, of: whole, places: rates.places)
          }
          let amount = running(part.untilAt) - running(part.fromAt)
          let held = part.untilAt - part.fromAt
          return PayLine(
            team: team, person: shift.person, kind: .stipend, fromAt: part.fromAt, untilAt: part.untilAt, time: held,
            hours: Exact(tenThousandths: 10_000).share(held.milliseconds, of: 3_600_000, places: 4).text(places: 2),
            rate: stipend.text(places: rates.places), amount: amount.text(places: rates.places),
            currency: rates.currency, tier: lane.tier,
            words: "\(ScheduleDraft.name(ofTier: lane.tier)) \(part.words(in: book.zone)): \(PayWords.time(held)) of a "
              + "week of \(PayWords.time(week.until - week.from)) at \(stipend.text(places: rates.places)) "
              + "\(rates.currency); \(shift.explanation)")
        }
      }
    }
  }

  private func shares(
    of shift: Shift, _ book: RateBook
  ) -> [(part: WorkSpan, rates: PayRates, week: (from: Instant, until: Instant))] {
    var found: [(part: WorkSpan, rates: PayRates, week: (from: Instant, until: Instant))] = []
    var at = max(shift.fromAt, book.all.first?.from ?? .distantFuture)
    while at < shift.untilAt, let rates = book.rates(at: at) {
      let week = book.week(at: at, rates)
      let change = book.changes.first { $0 > at } ?? .distantFuture
      let end = min(shift.untilAt, week.until, change)
      found.append((WorkSpan(fromAt: at, untilAt: end), rates, week))
      at = end
    }
    return found
  }

  // MARK: Work

  private func workLines(
    of person: String, team: String, from: Instant, until: Instant, _ book: RateBook
  ) -> [PayLine] {
    let approved = (pay.works[person] ?? [:]).values.filter { $0.approval != nil }.map { ($0.work, $0.spans) }
    return PieceOfWork.pieces(approved).flatMap { piece -> [PayLine] in
      guard piece.spans.from < until, piece.spans.until > from,
        payTeam(of: person, incidentTeam: piece.items[0].work.team, at: piece.spans.from) == team
      else { return [] }
      let classes = hourClasses(of: person, team: team, at: piece.spans.from)
      let parts = Billing.parts(of: piece.spans, classes: classes, cuts: book.changes + [from, until])
      return parts.filter { from <= $0.from && $0.from < until && $0.quarters > 0 }.compactMap { part in
        book.rates(at: part.from).map { line(part, of: piece, person: person, team: team, $0, classes.zone) }
      }
    }
  }

  private func line(
    _ part: Billing.Part, of piece: PieceOfWork, person: String, team: String, _ rates: PayRates, _ zone: TimeZoneRules
  ) -> PayLine {
    let incidents = piece.incidents(from: part.from, until: part.until)
    let rate = rates.hourly(part.kind)
    let hours = Exact(tenThousandths: part.quarters * 2_500)
    let amount = rate.share(part.quarters, of: 4, places: rates.places)
    let worked = part.raisedFrom.map { $0 == part.time ? "" : "\(PayWords.time($0)) in all, " } ?? ""
    let raised = part.raisedFrom == nil ? "" : " (\(worked)raised to the minimum of 30 min)"
    let several = incidents.count > 1 ? ", which overlap and count once" : ""
    let span = WorkSpan(fromAt: part.from, untilAt: part.until)
    let noun = incidents.count > 1 ? "incidents" : "incident"
    return PayLine(
      team: team, person: person, kind: part.kind == .weekend ? .weekend : .afterHours, fromAt: part.from,
      untilAt: part.until, time: part.time, hours: hours.text(places: 2), rate: rate.text(places: rates.places),
      amount: amount.text(places: rates.places), currency: rates.currency, incidents: incidents,
      words:
        "\(noun) \(incidents.joined(separator: ", "))\(several): \(part.kind == .weekend ? "weekend or holiday" : "after hours") "
        + "\(span.words(in: zone)), \(PayWords.time(part.time)) worked\(raised), \(hours.text(places: 2)) h at "
        + "\(rate.text(places: rates.places)) \(rates.currency)")
  }
}

/// Spans as people read them in a pay slip.
enum PayWords {
  /// "168 h", "1 h 30 min", "7 min 30 s"
  static func time(_ span: Span) -> String {
    let seconds = span.milliseconds / 1_000
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")].filter { $0.0 != 0 }
    return parts.isEmpty ? "0 min" : parts.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }
}

extension WorkSpan {
  /// "from Mon 30 Nov 00:00 UTC until Mon 7 Dec 00:00 UTC"
  func words(in zone: TimeZoneRules) -> String {
    "from \(fromAt.short(in: zone)) until \(untilAt.short(in: zone))"
  }
}

extension PayLine {
  /// Persons in order, each with stipends first, then in time.
  fileprivate var order: (String, Int, Int64, UInt32, String) {
    (person, kind == .stipend ? 0 : 1, fromAt.milliseconds, tier, incidents.first ?? "")
  }
}
