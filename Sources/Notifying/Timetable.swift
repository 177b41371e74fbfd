import Machinery
import Messages

/// When each entry of the ledger next does something by itself, the most severe first.
///
/// No more attempts are begun than can be under way at once: what waits here can still be cancelled when an answer
/// comes, what has begun can't. Some places are kept for SEV-1/2, so that a slow provider full of lesser things never
/// makes them wait.
struct Timetable: Sendable {
  /// As many as the engine has under way to providers.
  static let underWayAtMost = 512
  static let keptForTheWorst = 64

  private var lanes = [DueTimes](repeating: DueTimes(), count: LedgerEntry.lanes)
  private var forgetting = DueTimes()

  /// Everything moves: rebuilt, because almost every time in it changes.
  mutating func clear() {
    lanes = [DueTimes](repeating: DueTimes(), count: LedgerEntry.lanes)
    forgetting = DueTimes()
  }

  mutating func set(_ id: String, lane: Int, to due: Instant?) { lanes[lane].set(id, to: due) }
  mutating func setForgetting(_ id: String, to due: Instant?) { forgetting.set(id, to: due) }

  /// How many more attempts of a lane may begin.
  static func room(in lane: Int, underWay: Int) -> Int {
    max(0, underWayAtMost - (lane < 2 ? 0 : keptForTheWorst) - underWay)
  }

  /// When there is next something to begin or to forget.
  func next(underWay: Int) -> Instant? {
    var earliest = forgetting.next?.due
    for lane in lanes.indices where Self.room(in: lane, underWay: underWay) > 0 {
      guard let due = lanes[lane].next?.due else { continue }
      earliest = min(earliest ?? due, due)
    }
    return earliest
  }

  /// The entry of the most severe lane that has something due now.
  func toBegin(at now: Instant, underWay: Int) -> (id: String, room: Int)? {
    for lane in lanes.indices {
      let room = Self.room(in: lane, underWay: underWay)
      if room > 0, let next = lanes[lane].next, next.due <= now { return (next.key, room) }
    }
    return nil
  }

  func toForget(at now: Instant) -> String? {
    forgetting.next.flatMap { $0.due <= now ? $0.key : nil }
  }
}
