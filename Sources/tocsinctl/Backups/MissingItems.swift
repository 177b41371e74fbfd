import Messages
import Wire

/// What the other tiers know of the time behind a backup, and a tier that was restored from it doesn't.
///
/// An incident has the id of its alert in every tier, so what is missing can be named: whoever handed something over or took it
/// still has it. What only the lost rows had (an alert that was accepted and not yet handed over, a swap, an override) nobody
/// here can name; its source or person can.
struct MissingItems {
  struct Item: Encodable {
    var id: String
    var openedAt: String
    var state: String
    var what: String
    var opened: Instant

    enum CodingKeys: String, CodingKey {
      case id, state, what
      case openedAt = "opened_at"
    }

    init(_ id: String, _ opened: Instant, _ state: String, _ what: String) {
      self.id = id
      self.opened = opened
      openedAt = Times.utc(opened)
      self.state = state
      self.what = what
    }
  }
  let cluster: Cluster
  /// The last row that the restored tier has.
  let end: Instant
  /// When the restored tier was last started: what came later it has taken itself, also where it has forgotten it since.
  let start: Instant

  private func isBetween(_ instant: Instant) -> Bool { instant > end && instant < start }

  func of(_ tier: Tier) async throws -> [Item] {
    switch tier {
    case .intake, .furtherIntake: try await ofIntake(tier.peer)
    case .escalator: try await ofEscalator()
    case .notifier: try await ofNotifier()
    case .scheduler: []
    }
  }

  /// Alerts that the escalator was handed and intake no longer knows: they page, and their source's resolve reaches nothing. What is
  /// over needs neither.
  private func ofIntake(_ intake: Peer) async throws -> [Item] {
    let known = Set(try await alerts().map(\.id))
    var items: [Item] = []
    for line in try await lines("opened")
    where isBetween(line.at) && Shard.intake(ofAlert: line.subject) == intake && !known.contains(line.subject) {
      guard let incident = try await incident(line.subject), incident.state != .resolved else { continue }
      items.append(Item(line.subject, line.at, incident.state.word, "alert: \(incident.summary)"))
    }
    return items
  }

  /// Incidents that intake opened or the notifier paged for, and the escalator no longer knows.
  private func ofEscalator() async throws -> [Item] {
    var items: [String: Item] = [:]
    for alert in try await alerts() where isBetween(alert.openedAt) && alert.silencedBy.isEmpty {
      guard try await incident(alert.id) == nil else { continue }
      items[alert.id] = Item(alert.id, alert.openedAt, alert.state.word, "incident: \(alert.summary)")
    }
    // Intake forgets an alert when it is over.
    for delivery in try await pages() where items[delivery.incidentId] == nil && !delivery.person.isEmpty {
      guard !delivery.incidentId.isEmpty, try await incident(delivery.incidentId) == nil else { continue }
      items[delivery.incidentId] = Item(
        delivery.incidentId, delivery.dueAt.isSet ? delivery.dueAt : delivery.changedAt, "over",
        "incident: \(delivery.person) was paged")
    }
    return items.values.sorted { ($0.opened, $0.id) < ($1.opened, $1.id) }
  }

  /// Pages that the escalator asked for and the notifier no longer knows.
  private func ofNotifier() async throws -> [Item] {
    let known = Set(try await pages().map { "\($0.incidentId) \($0.person)" })
    var items: [Item] = []
    var named: Set<String> = []
    for line in try await lines("paged") where isBetween(line.at) && !line.person.isEmpty {
      let page = "\(line.subject) \(line.person)"
      guard !known.contains(page), named.insert(page).inserted else { continue }
      let state = try await incident(line.subject).map { $0.state.word } ?? "gone"
      items.append(Item(line.subject, line.at, state, "page: \(line.person) \(line.text)"))
    }
    return items
  }

  // MARK: What a tier knows

  private func alerts() async throws -> [Alert] {
    var alerts: [Alert] = []
    for tier in cluster.intakes {
      var request = ListAlertsRequest(includeResolved: true, limit: 1_000)
      repeat {
        let reply = try await cluster.call(tier, IntakeMethods.listAlerts, request)
        alerts += reply.alerts
        request.after = reply.after
      } while !request.after.isEmpty
    }
    return alerts
  }

  private func incident(_ id: String) async throws -> Incident? {
    do {
      return try await cluster.call(
        .escalator, EscalationMethods.getIncident, GetIncidentRequest(incidentId: id)
      ).incident
    } catch let refusal as Refusal where refusal.status == .notFound {
      return nil
    }
  }

  /// The escalator's lines of a kind, up to now.
  private func lines(_ kind: String) async throws -> [ListedLine] {
    var request = ListLinesRequest(sinceAt: end)
    var found: [ListedLine] = []
    repeat {
      let reply = try await cluster.call(.escalator, HistoriesMethods.listLines, request)
      found += reply.lines.filter { $0.kind == kind }
      request.after = reply.next
    } while request.after > 0
    return found
  }

  /// Deliveries since the backup: the newest page comes first.
  private func pages() async throws -> [Delivery] {
    var request = ListPagesRequest(limit: 1_000)
    var deliveries: [Delivery] = []
    repeat {
      let reply = try await cluster.call(.notifier, NotificationMethods.listPages, request)
      deliveries += reply.deliveries
      let isOld = reply.deliveries.last.map { max($0.dueAt, $0.changedAt) <= end } ?? true
      request.after = isOld ? "" : reply.next
    } while !request.after.isEmpty
    return deliveries
  }
}
