import ArgumentParser
import Messages

/// The four programs of a cluster; where there are several intakes, each further one is a tier of its own to ask.
enum Tier: Hashable, Sendable {
  case intake, scheduler, escalator, notifier
  /// By its number, 2 or more.
  case furtherIntake(UInt32)

  /// The four, in the order in which an alert passes them.
  static let allCases: [Tier] = [.intake, .scheduler, .escalator, .notifier]

  var name: String {
    switch self {
    case .intake: "alert-intake"
    case .scheduler: "scheduler"
    case .escalator: "escalator"
    case .notifier: "notifier"
    case .furtherIntake(let number): "alert-intake-\(number)"
    }
  }

  static func intake(number: UInt32) -> Tier { number < 2 ? .intake : .furtherIntake(number) }

  /// As the tiers call each other.
  var peer: Peer {
    switch self {
    case .intake: .intake
    case .scheduler: .scheduler
    case .escalator: .escalator
    case .notifier: .notifier
    case .furtherIntake(let number): .furtherIntake(number)
    }
  }

  /// By whose key it is known: several intakes have one.
  var keyName: String { peer.intakeNumber == nil ? name : Tier.intake.name }

  /// The place behind the base port of the socket that it has for operators. (Sources find intake ten ports lower.) A further
  /// intake's address is always given.
  var port: UInt16 {
    switch self {
    case .scheduler: 2
    case .escalator: 3
    case .notifier: 4
    case .intake, .furtherIntake: 11
    }
  }

  /// Its address in the environment, after "TOCSIN_".
  var variable: String { self == .intake ? "INTAKE" : name.uppercased() }

  /// - Throws: what tiers there are.
  static func named(_ name: String) throws(ValidationError) -> Tier {
    let all = allCases + (2...Peer.intakesAtMost).map { .furtherIntake($0) }
    if let tier = all.first(where: { $0.name == name }) { return tier }
    let names = allCases.map(\.name).joined(separator: ", ")
    throw ValidationError("there is no tier \"\(SafeText.line(name))\"; it is one of \(names)")
  }

  /// Who answers the methods of a package: `/tocsin.schedule.v1.Schedule/OnCall` is the scheduler's.
  init?(answering method: String) {
    switch method.split(separator: ".").dropFirst().first {
    case "intake": self = .intake
    case "schedule": self = .scheduler
    case "escalation": self = .escalator
    case "notification": self = .notifier
    default: return nil
    }
  }
}
