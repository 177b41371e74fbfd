import Machinery
import Messages

/// What each other intake behind the address list must still be told, by the ids of silences and of heartbeats ("beat/backup").
struct ToldIntakes: Sendable {
  /// The other intakes; none where this is the only one.
  private(set) var debts: [Peer: DebtQueue] = [:]

  /// - Parameters:
  ///   - intake: which of several this is, from 1 on; 0: the only one.
  ///   - intakes: how many there are.
  init(intake: UInt32, of intakes: UInt32) {
    guard intake > 0, intakes > 1 else { return }
    for number in 1...intakes where number != intake { debts[.intake(number: number)] = DebtQueue(urgencies: 1) }
  }

  static let added: UInt64 = 1
  static let ended: UInt64 = 2

  static func id(ofBeat name: String) -> String { "beat/\(name)" }
  static func beat(ofDebt id: String) -> String? { id.hasPrefix("beat/") ? String(id.dropFirst(5)) : nil }

  mutating func owe(_ id: String, _ generation: UInt64, since instant: Instant) {
    for peer in debts.keys { owe(id, generation, to: peer, since: instant) }
  }

  mutating func owe(_ id: String, _ generation: UInt64, to peer: Peer, since instant: Instant) {
    debts[peer]?.owe(DebtKey(id: id, generation: generation), urgency: 0, since: instant)
  }

  mutating func settle(_ id: String, to peer: Peer) { debts[peer]?.settle(id) }

  /// Nobody need be told any more.
  mutating func forget(_ id: String) {
    for peer in debts.keys { settle(id, to: peer) }
  }

  func owes(_ id: String, to peer: Peer) -> Bool { debts[peer]?.contains(id) ?? false }
}

extension ToldIntakes: Equatable {
  static func == (left: ToldIntakes, right: ToldIntakes) -> Bool {
    left.debts.mapValues { Set($0.first(.max)) } == right.debts.mapValues { Set($0.first(.max)) }
  }
}
