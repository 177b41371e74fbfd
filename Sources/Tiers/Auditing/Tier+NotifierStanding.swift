import Machinery
import Messages
import Notifying

extension Tier where Rules == Notifications {
  /// How people are reached, without their addresses.
  static let notifierStanding: @Sendable (Rules, Rules.Input, Rules.Answer, Instant) -> Standing? = {
    rules, _, answer, _ in
    switch answer {
    case .contact(let view): Standing(rules.contact(view.person))
    case .erased(let erased): Standing(rules.contact(erased.person))
    case .configured(let reply): Standing(reply)
    case .signedIn(let reply):
      Standing(
        nil as SignInReply?,
        words: reply.person.isEmpty ? "nobody: a wrong code" : "\(reply.person), sessions of number \(reply.generation)"
      )
    case .done, .answered: nil
    }
  }
}
