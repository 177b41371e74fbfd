import DequeModule
import Machinery
import Messages

/// Which alert was the last that came under a source's dedup key, for as long as its incident is held here, and when what is
/// open under a key ended: what another intake took in is known by it.
struct KnownKeys: Sendable {
  private struct Latest: Sendable {
    var alert: String
    /// When its intake took it in: the newest is the last, in whatever order they came, so that a checkpoint says the same.
    var openedAt: Instant
  }
  /// Where there is one intake it knows its own keys, and none is held here: a million open alerts would cost their memory twice.
  let hasSeveralIntakes: Bool
  private var latest: [AlertKey: Latest] = [:]
  /// When what was open under a key ended last, by where that was said: the number of an intake, or 0, by a person.
  private var ends: [AlertKey: [UInt32: Instant]] = [:]
  private var endsInOrder: Deque<AlertKey> = []

  /// How long an intake may be away that has not handed over what has ended since.
  static let remembersEnds = Span.hours(24)
  /// Beyond so many keys the oldest go.
  static let endsAtMost = 100_000

  init(hasSeveralIntakes: Bool) {
    self.hasSeveralIntakes = hasSeveralIntakes
  }

  /// The last alert under a key.
  func alert(_ key: AlertKey) -> String? { key.isNone ? nil : latest[key]?.alert }

  /// When what an intake may have open under a key ended, by the escalator's clock: its own words about that it sends itself.
  func end(_ key: AlertKey, elsewhereThan intake: UInt32) -> Instant {
    guard !key.isNone, let all = ends[key] else { return .unset }
    return all.lazy.filter { $0.key != intake }.map(\.value).max() ?? .unset
  }

  func end(_ key: AlertKey, at intake: UInt32) -> Instant { ends[key]?[intake] ?? .unset }

  /// The last, whoever said it.
  func end(_ key: AlertKey) -> Instant { key.isNone ? .unset : ends[key]?.values.max() ?? .unset }

  /// In the order in which they came.
  var allEnds: [KeyEnded] {
    endsInOrder.flatMap { key in
      (ends[key] ?? [:]).sorted { $0.key < $1.key }.map {
        KeyEnded(keyHigh: key.high, keyLow: key.low, endedAt: $0.value, intake: $0.key)
      }
    }
  }

  mutating func note(_ alert: String, under key: AlertKey, openedAt: Instant) {
    guard hasSeveralIntakes, !key.isNone, openedAt >= latest[key]?.openedAt ?? .unset else { return }
    latest[key] = Latest(alert: alert, openedAt: openedAt)
  }

  mutating func forget(_ alert: String, under key: AlertKey) {
    if latest[key]?.alert == alert { latest[key] = nil }
  }

  mutating func remember(_ ended: KeyEnded, at instant: Instant) {
    let key = AlertKey(high: ended.keyHigh, low: ended.keyLow)
    if ends[key] == nil { endsInOrder.append(key) }
    let known = ends[key]?[ended.intake] ?? .unset
    ends[key, default: [:]][ended.intake] = max(known, ended.endedAt)
    while let oldest = endsInOrder.first, let end = ends[oldest]?.values.max(),
      end + Self.remembersEnds < instant || endsInOrder.count > Self.endsAtMost
    {
      ends[oldest] = nil
      endsInOrder.removeFirst()
    }
  }

  /// The wall clock jumped.
  mutating func shift(by span: Span) {
    ends = ends.mapValues { $0.mapValues { $0 + span } }
    latest = latest.mapValues { Latest(alert: $0.alert, openedAt: $0.openedAt + span) }
  }
}

extension AlertKey {
  init(_ alert: Alert) { self.init(source: alert.source, dedupKey: alert.dedupKey) }
}

extension IncidentOpened {
  var key: AlertKey { AlertKey(high: keyHigh, low: keyLow) }
}

extension AlertJoined {
  var key: AlertKey { AlertKey(high: keyHigh, low: keyLow) }
}

extension FiredAgain {
  var key: AlertKey { AlertKey(high: keyHigh, low: keyLow) }
}

extension MemberSnapshot {
  var key: AlertKey { AlertKey(high: keyHigh, low: keyLow) }
}
