import ArgumentParser
import Foundation
import Messages
import Wire

/// `export --since --until`: what happened in a time, for whoever keeps records elsewhere.
struct ExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "What happened in a time, as JSON: an object a line, each with its type.",
    discussion: """
        tocsinctl export --since -30d > november.jsonl
        tocsinctl export --since 2026-11-01 --until 2026-12-01 --only incident

        {"type":"line","line":{...}}          a line of an incident's timeline
        {"type":"incident","incident":{...}}  opened in that time, as it is now
        {"type":"page","page":{...}}          a delivery that was due in that time,
                                              while the notifier's ledger has it
        {"type":"alert","alert":{...}}        opened in that time, while intake
                                              remembers it

      Inner fields are those of the .proto files. No address is among them.
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable, Sendable {
    case line, incident, page, alert
  }

  @Option(parsing: .unconditional, help: ArgumentHelp("The beginning: an instant, a date or -30d.", valueName: "time"))
  var since: String
  @Option(parsing: .unconditional, help: ArgumentHelp("The end, not included; now when not given.", valueName: "time"))
  var until: String?
  @Option(help: "Only objects of this type; may be given more than once.")
  var only: [Kind] = []
  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let times = global.times
    guard let since = times.instant(self.since) else {
      throw ValidationError("--since is no time: \(SafeText.line(self.since))")
    }
    let until = try self.until.map { text in
      guard let instant = times.instant(text) else {
        throw ValidationError("--until is no time: \(SafeText.line(text))")
      }
      return instant
    }
    guard since < (until ?? times.now) else { throw ValidationError("--since must be before --until") }
    let wanted = Set(only.isEmpty ? Kind.allCases : only)
    if wanted.contains(.line) || wanted.contains(.incident) { try await history(since, until, wanted) }
    let end = until ?? .distantFuture
    if wanted.contains(.page) { try await pages(since, end) }
    if wanted.contains(.alert) { try await alerts(since, end) }
  }

  private func history(_ since: Instant, _ until: Instant?, _ wanted: Set<Kind>) async throws {
    var request = ListLinesRequest(sinceAt: since, untilAt: until ?? .unset)
    repeat {
      let reply = try await global.cluster.call(.escalator, HistoriesMethods.listLines, request)
      for line in reply.lines {
        if wanted.contains(.line) { try put(.line, line) }
        guard wanted.contains(.incident), line.kind == "opened" else { continue }
        let known = try await global.cluster.call(
          .escalator, EscalationMethods.getIncident, GetIncidentRequest(incidentId: line.subject))
        if let incident = known.incident { try put(.incident, incident) }
      }
      request.after = reply.next
    } while request.after > 0
  }

  /// The newest page comes first; what is due later than it was paged for comes with it.
  private func pages(_ since: Instant, _ until: Instant) async throws {
    var request = ListPagesRequest(limit: 1_000)
    repeat {
      let reply = try await global.cluster.call(.notifier, NotificationMethods.listPages, request)
      for delivery in reply.deliveries {
        let at = delivery.dueAt.isSet ? delivery.dueAt : delivery.changedAt
        if at >= since, at < until { try put(.page, delivery) }
      }
      request.after = reply.next
    } while !request.after.isEmpty
  }

  private func alerts(_ since: Instant, _ until: Instant) async throws {
    let cluster = global.cluster
    for tier in cluster.intakes {
      var request = ListAlertsRequest(includeResolved: true, limit: 1_000)
      repeat {
        let reply = try await cluster.call(tier, IntakeMethods.listAlerts, request)
        for alert in reply.alerts where alert.openedAt >= since && alert.openedAt < until { try put(.alert, alert) }
        request.after = reply.after
      } while !request.after.isEmpty
    }
  }

  private func put<Value: WireMessage>(_ kind: Kind, _ value: Value) throws {
    let json = Answer.oneLine(try Answer.json(value))
    Answer.stream("{\"type\":\"\(kind.rawValue)\",\"\(kind.rawValue)\":\(json)}")
  }
}
