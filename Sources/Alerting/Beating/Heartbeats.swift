import Machinery
import Messages

/// When each source that must report last did, and when its silence becomes an alert (requirement I6).
struct Heartbeats: Sendable {
  struct Beat: Hashable, Sendable {
    var heartbeat: Heartbeat
    /// When it last reported; `.unset`: never.
    var lastAt = Instant.unset
    /// The silence is counted from here: its last report, the last alarm, or when it became known.
    var since: Instant
    var due: Instant
    var isMissing = false
  }
  /// Sources that report more often than this have done so by the time that a restart or a change is this old.
  static let patience = Span.minutes(5)

  private(set) var byName: [String: Beat] = [:]
  private var times = DueTimes()

  var next: (due: Instant, key: String)? { times.next }
  var inOrder: [Beat] { byName.values.sorted { $0.heartbeat.name < $1.heartbeat.name } }

  subscript(name: String) -> Beat? { byName[name] }

  /// What configuration says now. A source whose times change is given the time to report.
  mutating func follow(_ all: [Heartbeat], at instant: Instant) {
    let wanted = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    for name in byName.keys where wanted[name] == nil {
      byName[name] = nil
      times.set(name, to: nil)
    }
    for (name, heartbeat) in wanted where byName[name]?.heartbeat != heartbeat {
      var beat = byName[name] ?? Beat(heartbeat: heartbeat, since: instant, due: .unset)
      beat.heartbeat = heartbeat
      beat.due = max(beat.since + heartbeat.every + heartbeat.grace, Self.soonest(heartbeat, after: instant))
      set(beat)
    }
  }

  mutating func seen(_ name: String, at instant: Instant) {
    guard var beat = byName[name] else { return }
    beat.lastAt = instant
    beat.isMissing = false
    set(beat, since: instant)
  }

  /// It has become an alert, and does again after as long as this.
  mutating func missed(_ name: String, at instant: Instant) {
    guard var beat = byName[name] else { return }
    beat.isMissing = true
    set(beat, since: instant)
  }

  /// As a checkpoint says. Configuration came before it.
  mutating func restore(_ snapshot: HeartbeatSnapshot) {
    guard var beat = byName[snapshot.name] else { return }
    beat.lastAt = snapshot.lastAt
    beat.since = snapshot.sinceAt
    beat.due = snapshot.dueAt
    beat.isMissing = snapshot.missing
    set(beat)
  }

  /// Nobody could report while there was nobody to listen.
  mutating func restarted(at instant: Instant) {
    for beat in byName.values {
      var later = beat
      later.due = max(beat.due, Self.soonest(beat.heartbeat, after: instant))
      set(later)
    }
  }

  /// Silence is elapsed time.
  mutating func clockStepped(by span: Span) {
    for beat in byName.values {
      var moved = beat
      if moved.lastAt.isSet { moved.lastAt = moved.lastAt + span }
      moved.since = moved.since + span
      moved.due = moved.due + span
      set(moved)
    }
  }

  private mutating func set(_ beat: Beat, since instant: Instant) {
    var beat = beat
    beat.since = instant
    beat.due = instant + beat.heartbeat.every + beat.heartbeat.grace
    set(beat)
  }

  private mutating func set(_ beat: Beat) {
    byName[beat.heartbeat.name] = beat
    times.set(beat.heartbeat.name, to: beat.due)
  }

  private static func soonest(_ heartbeat: Heartbeat, after instant: Instant) -> Instant {
    instant + min(heartbeat.every, patience) + heartbeat.grace
  }
}

extension Heartbeats: Equatable {
  static func == (left: Heartbeats, right: Heartbeats) -> Bool { left.byName == right.byName }
}
