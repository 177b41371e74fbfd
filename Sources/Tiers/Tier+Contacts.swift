import Machinery
import Messages
import Notifying
import Wire

/// The notifier's methods of contacts.
extension Tier where Rules == Notifications {
  static func contactCommands() -> [String: Command<Rules>] {
    table(
      command(ContactsMethods.putMethod, needsKey: true) { request, _ in
        .putMethod(request)
      } answer: {
        if case .contact(let contact) = $0 { contact } else { nil }
      },
      command(ContactsMethods.removeMethod, needsKey: true) { request, _ in
        .removeMethod(request)
      } answer: {
        if case .contact(let contact) = $0 { contact } else { nil }
      },
      command(ContactsMethods.putRules, needsKey: true) { request, _ in
        .putRules(request)
      } answer: {
        if case .contact(let contact) = $0 { contact } else { nil }
      },
      command(ContactsMethods.putQuietHours, needsKey: true) { request, _ in
        .putQuietHours(request)
      } answer: {
        if case .contact(let contact) = $0 { contact } else { nil }
      },
      command(ContactsMethods.erase, needsKey: true) {
        .eraseContact($0, by: $1.principal.name)
      } answer: {
        if case .erased(let erased) = $0 { erased } else { nil }
      })
  }
}
