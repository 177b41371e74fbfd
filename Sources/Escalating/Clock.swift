import Messages

/// Something that an incident does by itself at an instant, unless something else happens first. The clocks are data: an
/// incident's list of them says all that will happen to it.
struct Clock: Hashable, Sendable {
  enum Kind: UInt32, Hashable, Sendable, CaseIterable {
    /// The acknowledgement target: breach recorded, primary reminded, secondary gets a heads-up (E2).
    case acknowledgeTarget = 1
    /// Page the tier in `argument`; past the top tier the chain ends.
    case nextTier = 2
    case restartChain = 3
    case acknowledgementLapse = 4
    /// A duty (`argument` is a `Duty`) should have been met by now (E3).
    case duty = 5
    /// … and is reminded of a while before.
    case dutyReminder = 6
    /// The age rule that `argument` names (E4): see `AgeRuleID`.
    case age = 7
    /// A closed incident is left to history.
    case forget = 8
    /// It is quiet until then.
    case snoozeEnd = 9
    /// The acknowledgement maximum: the second breach that reports count (E10). Who is paged then is a matter of the next tier.
    case acknowledgeMaximum = 10
  }
  var kind: Kind
  var argument: UInt32 = 0
  var due: Instant

  /// What comes first. Of what is due together, a duty that was missed goes to the next tier before the acknowledgement
  /// lapses: after that nobody would owe it.
  static func isSooner(_ one: Clock, _ other: Clock) -> Bool { (one.due, one.order) < (other.due, other.order) }

  /// Ages that an incident still runs towards.
  var isAge: Bool { kind == .age }

  private var order: UInt32 { kind == .acknowledgementLapse ? .max : kind.rawValue }
}
