import Bus
import Logging
import Messages
import Subscribing
import Synchronization
import Wire

/// What the gateway shows to others: calendars by secret address (requirement S12) and the public status page. It keeps nothing but the
/// latest answers, and with its key one can ask for these two and nothing else.
final class Noticeboard: Sendable {
  /// A crowd that looks at the status page costs the escalator one call in this time, a calendar the scheduler.
  static let pageGoodFor = Span.seconds(5)
  static let calendarGoodFor = Span.seconds(60)
  static let calendarsAtMost = 64
  /// So long a page waits for a tier that hangs.
  private static let patience = Span.seconds(2)

  struct Whose: Hashable, Sendable {
    var person: String
    var team: String
  }
  private struct Calendars {
    var all: [Whose: (kept: Kept<CalendarFile>, number: UInt64)] = [:]
    var asked: UInt64 = 0
  }

  let title: String
  /// Nil where none is shown.
  let statusPage: Kept<StatusPageReply>?
  let hasCalendars: Bool
  private let folder: NoticeboardFolder
  private let lines: [TierLine]
  private let scheduler: TierLine?
  private let calendars = Mutex(Calendars())
  private let subscriptions = Mutex(Subscriptions())
  private let log: Logger

  /// - Parameters:
  ///   - scheduler: its endpoint; nil: no calendars.
  ///   - escalator: its endpoint; nil: no status page.
  init(_ folder: NoticeboardFolder, scheduler: String?, escalator: String?, title: String, log: Logger) {
    self.folder = folder
    self.title = title
    self.log = log
    let scheduler = scheduler.map { TierLine("scheduler", $0, keys: folder.keys, log: log) }
    let escalator = escalator.map { TierLine("escalator", $0, keys: folder.keys, log: log) }
    self.scheduler = scheduler
    hasCalendars = scheduler != nil
    lines = [scheduler, escalator].compactMap { $0 }
    statusPage = escalator.map { line in
      Kept(goodFor: Self.pageGoodFor) {
        line.ask(StatusPageMethods.show, StatusPageRequest(), patience: Self.patience, then: $0)
      }
    }
  }

  /// Whose calendar an address shows.
  func subscription(by secret: String) -> Subscription? { subscriptions.withLock { $0.subscription(by: secret) } }

  func calendar(of subscription: Subscription) -> Kept<CalendarFile>? {
    guard let scheduler else { return nil }
    let whose = Whose(person: subscription.person, team: subscription.team)
    return calendars.withLock { calendars in
      calendars.asked += 1
      let kept =
        calendars.all[whose]?.kept
        ?? Kept<CalendarFile>(goodFor: Self.calendarGoodFor) { then in
          let request = FeedRequest(team: whose.team, person: whose.person)
          scheduler.ask(CalendarMethods.feed, request, patience: Self.patience) {
            then($0.map { CalendarFile($0.text) })
          }
        }
      calendars.all[whose] = (kept, calendars.asked)
      if calendars.all.count > Self.calendarsAtMost,
        let oldest = calendars.all.min(by: { $0.value.number < $1.value.number })?.key
      {
        calendars.all[oldest] = nil
      }
      return kept
    }
  }

  // MARK: Its folder

  /// Keys and addresses that are made or revoked are known within a second or two; what can't be read changes nothing.
  func follow() {
    guard !lines.isEmpty else { return }
    Follower.follow("noticeboard", "what the noticeboard needs", log: log) { [self] () throws(RelayFailure) in
      var trouble: RelayFailure?
      do throws(RelayFailure) {
        let all = try folder.subscriptions()
        subscriptions.withLock { $0 = all }
      } catch {
        trouble = error
      }
      for line in lines {
        do throws(RelayFailure) { try line.look() } catch { trouble = error }
      }
      if let trouble { throw trouble }
    }
  }
}
