import CivilTime
import Machinery
import Messages
import Notifying
import Testing
import Tiers
import Wire

/// A tier that is told things by somebody, and the records that its rows carry.
final class Recorded<Rules: Machine> {
  let tier: Tier<Rules>
  let engine: Engine<Rules, Int>
  var now = Instant(milliseconds: 1_795_000_000_000)

  init(_ tier: Tier<Rules>) {
    self.tier = tier
    engine = tier.makeEngine(ticket: Int.self)
  }

  /// As the host does it. Returns what the rows that it made carry.
  @discardableResult
  func tell<Request: WireMessage, Reply>(
    _ method: Method<Request, Reply>, _ request: Request, as principal: Principal, from: String = "10.0.0.7"
  ) throws -> [AuditRecord] {
    let command = try #require(tier.commands[method.path])
    let caller = Caller(principal: principal, key: "a1b2c", from: from)
    let payload = request.encoded()
    let input = try command.input(payload, caller)
    let refusal = engine.receive(
      input, as: nil, ticket: 0, at: now, encode: command.answer,
      witness: command.isAudited(principal) ? tier.witness(method.path, payload, by: caller, input, at: now) : nil)
    if let refusal { throw refusal }
    let rows = engine.takeBatch()
    engine.durable(through: engine.decidedThrough)
    return try rows.compactMap { try AuditRecord(inRow: $0.body) }
  }
}

extension Principal {
  static let ana = Principal("ana", roles: .responder)
  static let tara = Principal("tara", roles: .lead)
  static let admin = Principal("admin", roles: .admin)
  static let service = Principal("notifier", roles: .service)
}

extension Tier where Rules == Notifications {
  /// The notifier with keys for contacts that live in memory.
  static var notifier: Tier {
    notifier(
      zones: TimeZones(),
      contactKeys: ContactKeys(
        ContactKeyRing(), place: "memory", draw: { Array(repeating: 7, count: 32) }, write: { _ in }))
  }
}
