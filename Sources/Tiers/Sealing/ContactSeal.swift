import Machinery
import Messages
import Wire

/// Where plain values end: between the notifier's rules, which know addresses, and its disk, which must not (requirement N7). Every
/// fact with a contact in it is sealed on its way into a row or a checkpoint, and opened on its way back.
struct ContactSeal: Sendable {
  let keys: ContactKeys

  func sealed(_ entry: Entry<NotificationFact>) -> [NotificationFact] {
    guard entry.facts.contains(where: \.isPersonal) else { return entry.facts }
    return entry.facts.map(sealed)
  }

  func opened(_ facts: [NotificationFact]) throws(ContactKeyFailure) -> [NotificationFact] {
    guard facts.contains(where: \.isPersonal) else { return facts }
    var opened: [NotificationFact] = []
    for fact in facts { opened.append(try self.opened(fact)) }
    return opened
  }

  private func sealed(_ fact: NotificationFact) -> NotificationFact {
    switch fact.kind {
    case .configured(var configuration):
      configuration.contacts = configuration.contacts.map(sealed)
      return .init(kind: .configured(configuration))
    case .contactChanged(var changed):
      changed.contact = changed.contact.map(sealed)
      return .init(kind: .contactChanged(changed))
    case .contactErased(let erased):
      keys.erase(erased.person)
      return fact
    default: return fact
    }
  }

  private func opened(_ fact: NotificationFact) throws(ContactKeyFailure) -> NotificationFact {
    switch fact.kind {
    case .configured(var configuration):
      for index in configuration.contacts.indices {
        configuration.contacts[index] = try opened(configuration.contacts[index])
      }
      return .init(kind: .configured(configuration))
    case .contactChanged(var changed):
      if let contact = changed.contact { changed.contact = try opened(contact) }
      return .init(kind: .contactChanged(changed))
    default: return fact
    }
  }

  private func sealed(_ contact: Contact) -> Contact {
    var sealed = contact
    let personal = Contact(name: contact.name, methods: contact.methods)
    sealed.sealed = keys.key(of: contact.person).seal(personal.encoded(), of: contact.person)
    sealed.name = ""
    sealed.methods = []
    return sealed
  }

  /// A contact of before there were keys comes as it is.
  private func opened(_ contact: Contact) throws(ContactKeyFailure) -> Contact {
    guard !contact.sealed.isEmpty else { return contact }
    var opened = contact
    opened.sealed = []
    guard let id = ContactKey.id(of: contact.sealed) else { throw damaged(contact) }
    guard let key = try keys.key(id, sealing: contact.person) else { return opened }
    guard let plain = key.open(contact.sealed, of: contact.person), let personal = try? Contact(decodingTrusted: plain)
    else { throw damaged(contact) }
    opened.name = personal.name
    opened.methods = personal.methods
    return opened
  }

  private func damaged(_ contact: Contact) -> ContactKeyFailure {
    ContactKeyFailure("the sealed contact of \(contact.person) is not what was written")
  }
}

extension NotificationFact {
  /// Whether its row has to do with somebody's key.
  fileprivate var isPersonal: Bool {
    switch kind {
    case .configured, .contactChanged, .contactErased: true
    default: false
    }
  }
}
