import Machinery
import Messages

/// Open alerts whose source tells them again as long as they fire, and when the silence of each means that it is over.
///
/// Prometheus forgets an alert whose rule or whose series is gone, and never says that it has ended.
struct Lapses: Sendable {
  static let longest = Span.days(31)

  private var times = DueTimes()

  var next: (due: Instant, key: String)? { times.next }

  mutating func set(_ one: Alerts.Held) {
    times.set(one.alert.id, to: one.lapseAt.isSet ? one.lapseAt : nil)
  }

  mutating func forget(_ id: String) { times.set(id, to: nil) }

  /// Unset where only a resolve ends it.
  static func due(_ after: Span, from instant: Instant) -> Instant { after > .zero ? instant + after : .unset }
}
