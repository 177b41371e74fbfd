/// Whom a tier can owe something: another tier, or the outside world behind the notifier.
public enum Peer: Hashable, Sendable {
  case intake, scheduler, escalator, notifier
  /// Push, SMS, webhook … services that the notifier hands pages to.
  case provider
  /// One of several intakes behind one address list, by its number: 2 or more. The first is `intake`.
  case furtherIntake(UInt32)

  /// - Parameter number: 1 for the first or only one.
  public static func intake(number: UInt32) -> Peer { number < 2 ? .intake : .furtherIntake(number) }

  /// How many intakes there may be: each is one more connection of the escalator, whose thread can wait for so many.
  public static let intakesAtMost: UInt32 = 4

  /// Which of several intakes it is; nil when it is none.
  public var intakeNumber: UInt32? {
    switch self {
    case .intake: 1
    case .furtherIntake(let number): number
    default: nil
    }
  }
}

extension Peer: RawRepresentable, CustomStringConvertible {
  /// "scheduler", "intake", and "intake2" for a further one: without a dash, as ids are made of it.
  public var rawValue: String {
    switch self {
    case .intake: "intake"
    case .scheduler: "scheduler"
    case .escalator: "escalator"
    case .notifier: "notifier"
    case .provider: "provider"
    case .furtherIntake(let number): "intake\(number)"
    }
  }

  public init?(rawValue: String) {
    if let named = [Peer.intake, .scheduler, .escalator, .notifier, .provider].first(where: { $0.rawValue == rawValue })
    {
      self = named
      return
    }
    guard rawValue.hasPrefix("intake"), let number = UInt32(rawValue.dropFirst("intake".count)),
      (2...Self.intakesAtMost).contains(number)
    else { return nil }
    self = .furtherIntake(number)
  }

  public var description: String { rawValue }

  /// As its program is called, and as its key is on the list; several intakes have one key, that of the first.
  public var tierName: String {
    intakeNumber.map { $0 == 1 ? "alert-intake" : "alert-intake-\($0)" } ?? rawValue
  }
}
