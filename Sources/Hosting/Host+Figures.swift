import Bus
import Machinery
import Messages
import Metrics
import Notifying
import Processes

/// What monitoring sees of this tier.
extension Host {
  /// How long a report waits for the disk to prove itself.
  private static var proofWithin: UInt64 { 1_000_000_000 }

  func openMetrics(at place: MetricsPlace?, data: String) {
    guard let place else { return }
    let box = Unowned(self)
    let log = log
    metrics = MetricsDoor(
      place, ask: { box.thread.post { box.value.reportIsWanted() } }, besides: { DiskFigures.read(data) },
      log: { log.error("\($0)") })
  }

  func ticket(_ call: IncomingCall) -> Ticket { .call(call.handle, path: call.path, since: PollThread.now()) }

  /// Answers at once, before the call has reached the rules.
  func refuse(_ call: IncomingCall, _ refusal: Refusal) {
    tallies.refused(refusal)
    server.answer(call.handle, .failure(refusal))
  }

  /// A provider's word for an attempt.
  func handedOver(_ attempt: Attempt, _ settlement: Settlement) {
    if attempt.question == nil { tallies.handedOver(attempt, settlement.status, age: attempt.age(at: clock.now())) }
    settle(settlement)
  }

  /// As with health, a write is committed before this tier says that it is well.
  private func reportIsWanted() {
    if reportWantedAt == 0 { reportWantedAt = PollThread.now() }
    proveWriting(at: clock.now())
    showReport()
  }

  /// Called when something was committed, and once a second.
  func showReport() {
    guard reportWantedAt != 0, isFresh(within: 1) || PollThread.now() > reportWantedAt + Self.proofWithin else {
      return
    }
    reportWantedAt = 0
    let health = health(at: clock.now())
    metrics?.show(
      TierReport(
        figures(health), trouble: health.status == .serving ? nil : health.reason, at: PollThread.now()))
  }

  private func figures(_ health: HealthReply) -> [Figure] {
    [
      Figure(
        "tocsin_build_info", .gauge, "Always 1; says what runs here.",
        [.init(1, [.init("tier", tier.name), .init("version", tocsinVersion)])]),
      Figure("tocsin_started_at_seconds", .gauge, "When the process began, Unix time.", Self.unix(health.startedAt)),
      Figure("tocsin_open", .gauge, "Open alerts, incidents or deliveries: what the tier keeps.", Double(health.open)),
      Figure(
        "tocsin_debts", .gauge, "What this tier owes another and the other has not on disk yet.",
        health.owed.map { .init(Double($0.count), [.init("peer", $0.peer)]) }),
      Figure(
        "tocsin_oldest_debt_seconds", .gauge, "How long the oldest of them has been owed; 0 when nothing is.",
        health.owed.map {
          .init($0.oldestAt.isSet ? max(.zero, health.nowAt - $0.oldestAt).seconds : 0, [.init("peer", $0.peer)])
        }),
      Figure(
        "tocsin_peer_reachable", .gauge, "1 when another tier that this one owes something can be reached.",
        health.owed.filter { $0.peer != "provider" }.map { .init($0.reachable ? 1 : 0, [.init("peer", $0.peer)]) }),
      Figure(
        "tocsin_calls_in_flight", .gauge, "Calls that have arrived and are not answered.", Double(server.callsInFlight)),
      Figure(
        "tocsin_calls_to_peer_in_flight", .gauge, "Calls that this tier makes and that are not answered.",
        clients.sorted { $0.key.rawValue < $1.key.rawValue }.map {
          .init(Double($0.value.callsOpen), [.init("peer", $0.key.rawValue)])
        }),
      Figure("tocsin_answers_waiting", .gauge, "Answers that wait for the disk.", Double(engine.repliesWaiting)),
      Figure(
        "tocsin_journal_rows_total", .counter, "The number of the last row that is on disk.",
        Double(health.journalSequence)),
      Figure(
        "tocsin_last_commit_age_seconds", .gauge, "How long ago something was last committed.",
        max(.zero, health.nowAt - health.lastCommitAt).seconds),
      Figure(
        "tocsin_set_aside", .gauge, "Messages that are set aside because each ended a process twice.",
        Double(messageInHand.lookAside())),
      Figure(
        "tocsin_log_lines_dropped_total", .counter, "Lines of the log that nobody took in time.",
        Double(OutgoingLines.standardError.droppedInAll)),
      Figure(
        "tocsin_handshakes_failed_total", .counter, "Connections that could not begin, by socket.",
        health.sockets.map { .init(Double($0.handshakesFailed + $0.acceptsFailed), [.init("socket", $0.socket)]) }),
      Figure(
        "tocsin_connections_beyond_limits_total", .counter,
        "Connections that were shut because their socket had as many as it may, by socket.",
        health.sockets.map { .init(Double($0.beyondLimits), [.init("socket", $0.socket)]) }),
      Figure(
        "tocsin_key_ends_seconds", .gauge,
        "How long each principal's last key that ends is valid still; less than nothing: it isn't, since less than a week ago.",
        keyEnds.map {
          .init($0.left.seconds, [.init("principal", $0.end.principal), .init("roles", $0.end.roles.words)])
        }),
      Figure(
        "tocsin_connections_unwelcome_total", .counter,
        "Connections that were shut because their key was good no more, by socket.",
        server.connections.map { .init(Double($0.counts.unwelcome), [.init("socket", $0.door)]) }),
      Figure(
        "tocsin_calls_refused_total", .counter,
        "What the sockets refused before the tier has heard of it, by reason; not among its answers by status.",
        CallServer.Ground.allCases.map {
          .init(Double(server.counters.refused[$0] ?? 0), [.init("reason", $0.rawValue)])
        }),
      Figure(
        "tocsin_answers_unread_total", .counter, "Answers that could not leave at once: their client doesn't read.",
        Double(health.answers?.waited ?? 0)),
      Figure(
        "tocsin_answers_given_up_total", .counter,
        "How often a connection had too much unread, and its calls were ended with RESOURCE_EXHAUSTED.",
        Double(health.answers?.givenUp ?? 0)),
    ] + Self.watched(health) + tallies.figures
  }

  /// What the notifier's watch sees; nothing elsewhere.
  private static func watched(_ health: HealthReply) -> [Figure] {
    guard let seen = health.endToEnd else { return [] }
    return [
      Figure(
        "tocsin_synthetic_took_seconds", .gauge, "How long the last synthetic alert took from intake to a receiver.",
        seen.took.seconds),
      Figure(
        "tocsin_synthetic_age_seconds", .gauge,
        "How long ago a synthetic alert last came through, or the process began.",
        max(.zero, health.nowAt - max(seen.passedAt, health.startedAt)).seconds),
      Figure("tocsin_alerts_without_page", .gauge, "Accepted alerts for which there is no page.", Double(seen.missing)),
    ]
  }

  private static func unix(_ instant: Instant) -> Double { (instant - .unset).seconds }
}
