import ArgumentParser
import Messages

/// The four programs of a cluster, with the place behind the base port of the socket that each has for operators. (Sources
/// find intake ten ports lower.)
enum Tier: UInt16, CaseIterable, Sendable {
  case scheduler = 2
  case escalator = 3
  case notifier = 4
  case intake = 11

  /// In the order in which an alert passes them.
  static let allCases: [Tier] = [.intake, .scheduler, .escalator, .notifier]

  var name: String {
    switch self {
    case .intake: "alert-intake"
    case .scheduler: "scheduler"
    case .escalator: "escalator"
    case .notifier: "notifier"
    }
  }

  /// Its address in the environment, after "TOCSIN_".
  var variable: String { self == .intake ? "INTAKE" : name.uppercased() }

  /// - Throws: what tiers there are.
  static func named(_ name: String) throws(ValidationError) -> Tier {
    if let tier = allCases.first(where: { $0.name == name }) { return tier }
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
