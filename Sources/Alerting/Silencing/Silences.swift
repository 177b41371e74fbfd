import DequeModule
import Machinery
import Messages
import OrderedCollections

/// Silences and maintenance windows: which there are, and which one keeps an alert quiet (requirement I7).
struct Silences: Equatable, Sendable {
  /// Each new alert is compared with all of them.
  static let runningAtMost = 1_000
  /// How long one that is over is still listed.
  static let listedFor = Span.days(7)

  /// Not over yet, those that have not begun among them, in the order in which they were added.
  private(set) var running: OrderedDictionary<String, Silence> = [:]
  /// In the order in which they ended.
  private(set) var over: Deque<Silence> = []
  private(set) var numbered: UInt64 = 0
  /// When the next of them is over by itself.
  private(set) var next: Silence?
  /// As in `Alerts`.
  let intake: UInt32

  init(intake: UInt32 = 0) { self.intake = intake }

  subscript(id: String) -> Silence? { running[id] ?? over.first { $0.id == id } }

  /// The first that was added of those that keep an alert quiet now.
  func match(_ alert: Alert, at now: Instant) -> Silence? {
    running.values.first { $0.fromAt <= now && now < $0.untilAt && $0.matches(alert) }
  }

  mutating func add(_ silence: Silence) {
    numbered = max(numbered, number(ofId: silence.id))
    if silence.endedAt.isSet {
      over.append(silence)
    } else {
      running[silence.id] = silence
      findNext()
    }
  }

  mutating func end(_ ending: SilenceEnded, at instant: Instant) {
    guard let silence = running.removeValue(forKey: ending.id) else { return }
    over.append(silence.ended(ending, at: instant))
    while let oldest = over.first, oldest.endedAt + Self.listedFor < instant { over.removeFirst() }
    findNext()
  }

  /// Numbers of silences that a lost row may have used are not given again.
  mutating func number(from last: UInt64) { numbered = max(numbered, last) }

  private mutating func findNext() {
    next = running.values.min { ($0.untilAt, $0.id) < ($1.untilAt, $1.id) }
  }

  var nextID: String { "\(prefix)\(numbered + 1)" }

  /// The first intake's, or the only one's, are "silence-3"; the second's "silence-2-3". What another one has given is none of these.
  private var prefix: String { intake < 2 ? "silence-" : "silence-\(intake)-" }

  private func number(ofId id: String) -> UInt64 {
    id.hasPrefix(prefix) ? UInt64(id.dropFirst(prefix.count)) ?? 0 : 0
  }
}

extension Silence {
  func ended(_ ending: SilenceEnded, at instant: Instant) -> Silence {
    var silence = self
    silence.endedAt = instant
    silence.endedBy = ending.by
    silence.endedBecause = ending.reason
    return silence
  }
}
