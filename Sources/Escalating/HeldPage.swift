import Machinery
import Messages

/// A page of an incident, from its cause until nothing more can become of it.
struct HeldPage: Hashable, Sendable {
  /// Counts the incident's pages; with the person it makes the page's id.
  var number: UInt32
  var person: String
  var tier: UInt32
  var purpose: PagePurpose
  var wanted = true
  /// 1 wanted, 2 wanted no more.
  var generation: UInt8 = 1
  /// The generation that the notifier has.
  var settled: UInt8 = 0
  /// The notifier says that it can't reach the person.
  var failed = false
  /// The notifier says that it has nothing more to do for it.
  var isDone = false
  var pagedAt: Instant
  /// The notifier's last word.
  var state = ""
  /// Both are forgotten once the notifier has the page, or needn't get it.
  var channels: [String] = []
  var because = ""

  var isOwed: Bool { settled < generation }
  /// Somebody is asked to acknowledge and may still do so.
  var isCalling: Bool { wanted && purpose == .duty && !failed }

  func id(in incident: String) -> String { "\(incident)/\(person)/\(number)" }

  func key(in incident: String) -> DebtKey { DebtKey(id: id(in: incident), generation: UInt64(generation)) }

  /// The number at the end of a page's id; nil for ids of other debts.
  static func number(in id: String) -> UInt32? {
    id.lastIndex(of: "/").flatMap { UInt32(id[id.index(after: $0)...]) }
  }

  static let withdrawn: UInt8 = 2
  /// An answer came, and the notifier was or will be told.
  var isWithdrawn: Bool { generation == Self.withdrawn }

  mutating func withdraw() {
    wanted = false
    generation = Self.withdrawn
    channels = []
    because = ""
  }

  /// The notifier has it on disk. What asks for no answer need not be kept any longer, but is as long as there is room: an
  /// answer takes back what has not left yet.
  mutating func settle(_ generation: UInt64) {
    settled = max(settled, UInt8(clamping: generation))
    guard !isOwed else { return }
    channels = []
    because = ""
  }

  /// The notifier has lost what it knew of it.
  ///
  /// - Parameter channels: what such pages go by. What it went by when it was made is forgotten once the notifier has had it,
  ///   and may have been others: an age rule's own, say.
  mutating func oweAgain(by channels: [String]) {
    if settled > 0, wanted {
      self.channels = channels
      because = "handed over again after a loss"
    }
    settled = 0
    isDone = false
  }

  /// The notifier goes on with it although it was told not to.
  mutating func oweWithdrawal() { settled = min(settled, Self.withdrawn - 1) }

  /// Nothing more is owed on its behalf, and nobody is asked for an answer.
  var isFinished: Bool { !isOwed && (!wanted || isDone && (purpose == .tell || purpose == .headsUp)) }
}

/// Words that the notifier must still get.
struct HeldPost: Hashable, Sendable {
  var id: String
  var channel: String
  var text: String
  var postedAt: Instant
}

/// What the team lead was told of.
struct ToldLead: Hashable, Sendable {
  var cause: String
  var times: UInt32
  /// Before this the same is not said again.
  var again: Instant
}
