import Machinery
import Messages
import Notifying
import Testing

/// A checkpoint that was taken while providers were being asked is no crash: only what was under way when the process
/// really ended is unknown.
@Suite struct CheckpointTests {
  /// Entries as their place in a list: rules' tests need no bytes.
  private final class Shelf: @unchecked Sendable {
    // Sendable because each test uses its own on one thread.
    var entries: [Entry<NotificationFact>] = []

    var codec: EntryCodec<NotificationFact> {
      EntryCodec(
        encode: { [self] in
          entries.append($0)
          return withUnsafeBytes(of: UInt64(entries.count - 1).littleEndian) { Array($0) }
        },
        decode: { [self] in entries[Int($0.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })] })
    }
  }

  private static func engine(_ shelf: Shelf) -> Engine<Notifications, Int> {
    Engine(rules: Notifications(), codec: shelf.codec, peers: [.provider: 512, .escalator: 256])
  }

  @Test func whatEndedAfterTheCheckpointIsNoRepeat() throws {
    let shelf = Shelf()
    let running = Self.engine(shelf)
    running.start(Started(), at: Notifier.start)
    let later = Notifier.start + .seconds(5)
    func put(_ input: NotificationInput) {
      running.receive(input, as: nil, ticket: 0, at: later) { _ in [] }
    }
    put(.configure(.team, by: "ops"))
    put(.putPage(.wanted("ana", .sev3, channels: ["push"])))
    put(.putPage(.wanted("ana", id: "2f-2", .sev3, channels: ["push"])))
    running.lapse(at: later)
    let checkpoint = running.condensed(at: later).map(shelf.codec.encode)
    let before = shelf.entries.count
    let debts = running.rules.owed(to: .provider, limit: 10)
    #expect(debts.count == 2)
    running.settle([Settlement(peer: .provider, key: debts[0].key, status: .unavailable, words: "503")], at: later)

    let next = Self.engine(shelf)
    for body in checkpoint { try next.replay(body, sequence: nil) }
    #expect(next.rules.owed(to: .provider, limit: 10).count == 2)
    for number in before..<shelf.entries.count {
      try next.replay(withUnsafeBytes(of: UInt64(number).littleEndian) { Array($0) }, sequence: nil)
    }
    #expect(next.rules == running.rules)
    next.start(Started(), at: later + .seconds(1))
    next.lapse(at: later + .minutes(1))
    let begun = next.rules.owed(to: .provider, limit: 10).compactMap { debt -> Bool? in
      if case .attempt(let attempt) = debt { attempt.isRepeat } else { nil }
    }
    #expect(begun.count == 2 && begun.count { $0 } == 1)
  }
}
