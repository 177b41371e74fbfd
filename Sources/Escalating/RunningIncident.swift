import Messages

/// An incident and all that the escalator must know to carry it on. A million of these may be open: under 1 KiB each.
struct RunningIncident: Hashable, Sendable {
  struct HeldPage: Hashable, Sendable {
    var id: String
    var person: String
    var tier: UInt32
    var purpose: PagePurpose
    var wanted = true
    /// 1 wanted, 2 wanted no more.
    var generation: UInt64 = 1
    /// The generation that the notifier has.
    var settled: UInt64 = 0
    var pagedAt: Instant
    /// The notifier's last word.
    var state = ""
    var failed = false
    var channels: [String] = []
    var because: String

    var isOwed: Bool { settled < generation }
  }
  struct HeldPost: Hashable, Sendable {
    var id: String
    var channel: String
    var text: String
    var postedAt: Instant
  }

  var opened: IncidentOpened
  var severity: Severity
  var state = IncidentState.triggered
  /// The highest tier that was paged in this round.
  var tier: UInt32 = 1
  var round: UInt32 = 1
  var acknowledgedAt = Instant.unset
  var resolvedAt = Instant.unset
  var changedAt: Instant
  var commander = ""
  var owner = ""
  var status = UpdateStatus.unspecified
  var clocks: [Clock] = []
  var pages: [HeldPage] = []
  var posts: [HeldPost] = []
  var alertGeneration: UInt64
  var pagesMade: UInt64 = 0
  var postsMade: UInt64 = 0
  /// Whether intake must still be told that a person closed this.
  var owesClosing = false

  var id: String { opened.id }
  var isOpen: Bool { state != .resolved }
  /// What happens next, by itself.
  var nextClock: Clock? { clocks.min { ($0.due, $0.kind.rawValue) < ($1.due, $1.kind.rawValue) } }
  /// Nothing is owed to anybody on its behalf.
  var isSettled: Bool { !owesClosing && posts.isEmpty && pages.allSatisfy { !$0.isOwed } }

  mutating func start(_ kind: Clock.Kind, _ argument: UInt32 = 0, due: Instant?) {
    stop(kind, argument)
    if let due { clocks.append(Clock(kind: kind, argument: argument, due: due)) }
  }

  mutating func stop(_ kind: Clock.Kind, _ argument: UInt32? = nil) {
    clocks.removeAll { $0.kind == kind && (argument == nil || $0.argument == argument) }
  }
}
