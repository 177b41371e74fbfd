import DequeModule
import Messages

/// How one provider of one channel has fared in the last hour: messages by the minute, and its last words when something went
/// wrong. For operators; nothing is decided by it.
struct CarrierTally: Sendable {
  static let remembers = Span.hours(1)
  private static let minute = Span.minutes(1)

  private var minutes: Deque<FaredMinute> = []
  private(set) var words = ""
  private(set) var failedAt = Instant.unset
  private(set) var askedAt = Instant.unset
  /// What it is being asked now: read off the attempts, and no part of a checkpoint.
  private(set) var underWay = 0

  mutating func began(at instant: Instant) {
    underWay += 1
    askedAt = instant
  }

  /// A checkpoint says that it is being asked.
  mutating func isAsked() { underWay += 1 }

  mutating func ended(_ state: DeliveryState, _ words: String, at instant: Instant) {
    underWay = max(0, underWay - 1)
    while let oldest = minutes.first, oldest.beganAt + Self.remembers <= instant { minutes.removeFirst() }
    if minutes.last.map({ $0.beganAt + Self.minute <= instant }) ?? true {
      minutes.append(FaredMinute(beganAt: instant))
    }
    let last = minutes.endIndex - 1
    switch state {
    case .handedOver, .accepted, .delivered, .seen, .acknowledged: minutes[last].handedOver += 1
    case .unknown: minutes[last].unknown += 1
    case .failed, .retrying, .cancelled, .planned, .due, .unspecified: minutes[last].failed += 1
    }
    guard !state.wasTaken else { return }
    self.words = words
    failedAt = instant
  }

  /// All of the last hour.
  func sum(at now: Instant) -> FaredMinute {
    minutes.filter { $0.beganAt + Self.remembers > now }.reduce(into: FaredMinute()) { sum, minute in
      sum.handedOver += minute.handedOver
      sum.failed += minute.failed
      sum.unknown += minute.unknown
    }
  }

  mutating func shift(by span: Span) {
    for index in minutes.indices { minutes[index].beganAt = minutes[index].beganAt + span }
    if failedAt.isSet { failedAt = failedAt + span }
    if askedAt.isSet { askedAt = askedAt + span }
  }

  func record(of carrier: String) -> CarrierRecord {
    CarrierRecord(carrier: carrier, minutes: Array(minutes), words: words, failedAt: failedAt, askedAt: askedAt)
  }

  mutating func restore(_ record: CarrierRecord) {
    minutes = Deque(record.minutes)
    words = record.words
    failedAt = record.failedAt
    askedAt = record.askedAt
  }
}
