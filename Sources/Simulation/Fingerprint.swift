import Machinery
import Messages
import Tiers

/// All that can be read off an engine's state: what a replay must bring back, not one debt or deadline less.
struct Fingerprint {
  private var bodies: [[UInt8]]
  private var owed: [Peer: Set<DebtKey>] = [:]
  private var counts: [Peer: Int] = [:]
  private var nextDeadline: Instant?
  private var openCount: Int

  init<Rules: Machine, Ticket>(_ engine: Engine<Rules, Ticket>, of tier: Tier<Rules>, at now: Instant) {
    bodies = engine.condensed(at: now).map(tier.codec.encode)
    for peer in tier.peers.keys {
      owed[peer] = Set(engine.rules.owed(to: peer, limit: .max).map(\.key))
      counts[peer] = engine.rules.debtSummary(to: peer).count
    }
    nextDeadline = engine.rules.nextDeadline
    openCount = engine.rules.openCount
  }

  func difference(from other: Fingerprint) -> String? {
    if bodies.count != other.bodies.count { return "\(bodies.count) entries, not \(other.bodies.count)" }
    if let index = bodies.indices.first(where: { bodies[$0] != other.bodies[$0] }) { return "entry \(index) differs" }
    if owed != other.owed || counts != other.counts { return "other debts" }
    if nextDeadline != other.nextDeadline { return "another next deadline" }
    return openCount == other.openCount ? nil : "\(openCount) open, not \(other.openCount)"
  }
}
