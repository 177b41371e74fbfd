import CivilTime
import Messages

/// What the status page shows, ready for any of its forms: the public's words, and nothing of where they come from.
struct StatusView {
  struct Update {
    var at: Instant
    /// "Investigating"
    var status: String
    var impact: String
    var actions: String
    var next: String
    var eta: String

    /// What was written, a line for each field that has something.
    var lines: [(name: String, text: String)] {
      [("", impact), ("Done so far", actions), ("Next", next), ("Expected", eta)].filter { !$0.1.isEmpty }
    }
  }
  struct Notice {
    var id: UInt64
    var isOpen: Bool
    var status: String
    /// What the latest update says of the impact.
    var headline: String
    var beganAt: Instant
    var endedAt: Instant
    /// The latest first.
    var updates: [Update]

    var changedAt: Instant { max(updates.first?.at ?? beganAt, endedAt) }
  }

  let title: String
  /// Nil: nothing has ever been known here.
  let notices: [Notice]?
  /// When what is shown was so.
  let at: Instant
  let isCurrent: Bool
  let now: Instant

  init(_ reply: StatusPageReply?, at: Instant?, isCurrent: Bool, title: String, now: Instant) {
    self.title = title
    self.at = at ?? .unset
    self.isCurrent = isCurrent
    self.now = now
    notices = reply?.notices.filter { !$0.updates.isEmpty }.map { Notice($0) }
  }

  var open: [Notice] { (notices ?? []).filter(\.isOpen) }
  var past: [Notice] { (notices ?? []).filter { !$0.isOpen } }

  /// What is said first.
  var summary: String {
    guard notices != nil else { return "Whether there are incidents isn't known at the moment." }
    switch open.count {
    case 0: return "No incident is known."
    case 1: return "1 incident is being worked on."
    case let count: return "\(count) incidents are being worked on."
    }
  }

  /// Where it isn't current; nil where it is.
  var warning: String? {
    guard !isCurrent, notices != nil else { return nil }
    return
      "This page can't be brought up to date at the moment. It shows what was known \(age) ago, at \(Self.time(at))."
  }

  private var age: String {
    let seconds = max(0, (now - at).milliseconds / 1_000)
    switch seconds {
    case ..<120: return "\(seconds) seconds"
    case ..<7_200: return "\(seconds / 60) minutes"
    default: return "\(seconds / 3_600) hours"
    }
  }

  // MARK: Times

  /// "30 November, 09:48 UTC"
  static func time(_ instant: Instant) -> String { "\(day(instant)), \(clock(instant)) UTC" }

  static func clock(_ instant: Instant) -> String { String(instant.rfc3339.dropFirst(11).prefix(5)) }

  /// "30 November"
  static func day(_ instant: Instant) -> String {
    let text = Array(instant.rfc3339.prefix(10).split(separator: "-"))
    guard text.count == 3, let month = Int(text[1]), let day = Int(text[2]), 1...12 ~= month else { return "" }
    return "\(day) \(MonthNames.full[month - 1])"
  }
}

extension StatusView.Notice {
  init(_ notice: PublicNotice) {
    id = notice.id
    isOpen = !notice.endedAt.isSet
    updates = notice.updates.reversed().map { StatusView.Update($0) }
    beganAt = notice.updates.first?.at ?? .unset
    endedAt = notice.endedAt
    let latest = notice.updates.last?.status ?? .unspecified
    // One that has begun again says so by being open, whatever was written last.
    status = !isOpen ? "Resolved" : latest == .resolved ? "Investigating" : latest.publicWord
    headline = updates.first { !$0.impact.isEmpty }?.impact ?? "Incident"
  }
}

extension StatusView.Update {
  /// What is hidden, or turns the direction of writing, gets into no form of the page.
  init(_ update: PublicUpdate) {
    func safe(_ words: String) -> String { SafeText.lines(words).joined(separator: "\n") }
    self.init(
      at: update.at, status: update.status.publicWord, impact: safe(update.impact), actions: safe(update.actions),
      next: safe(update.next), eta: safe(update.eta))
  }
}

extension UpdateStatus {
  fileprivate var publicWord: String {
    switch self {
    case .investigating, .unspecified: "Investigating"
    case .identified: "Identified"
    case .monitoring: "Monitoring"
    case .resolved: "Resolved"
    }
  }
}
