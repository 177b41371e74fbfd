import Messages

/// Contacts as others may see them, and whether their addresses mean something to the providers.
extension AddressBook {
  /// Whether somebody's pages of SEV-3 and SEV-4 wait.
  func isQuiet(_ person: String, at now: Instant) -> Bool {
    guard let hours = contact(person)?.quietHours, !hours.isEmpty else { return false }
    return QuietTime(hours, zones: zones).end(atOrAfter: now) > now
  }

  func view(of contact: Contact) -> ContactView {
    var numbers: [String: UInt32] = [:]
    let methods = contact.methods.map { method -> MaskedMethod in
      numbers[method.channel, default: 0] += 1
      return MaskedMethod(
        channel: method.channel, number: numbers[method.channel] ?? 0, masked: MaskedAddress.of(method.address))
    }
    let changed = own[contact.person]
    return ContactView(
      person: contact.person, name: name(contact.person), methods: methods, rules: rules(of: contact),
      rulesAreDefault: contact.rules.isEmpty, onlyFor: contact.onlyFor, quietHours: contact.quietHours,
      setBy: changed?.by ?? "", setAt: changed?.changedAt ?? .unset)
  }

  /// By the forms of the providers that would have to use them; no address is repeated in the words.
  func checkAddresses(of contact: Contact, _ field: String) throws(Refusal) {
    for method in contact.methods {
      for route in [route(method.channel), second(method.channel)].compactMap({ $0 }) {
        guard let kind = ProviderKind(rawValue: route.provider), let form = kind.addressForm,
          !form.fits(method.address)
        else { continue }
        throw .invalid(field, "must be \(form.words): \(kind.rawValue) carries \(method.channel) of \(contact.person)")
      }
    }
  }
}

extension Notifications {
  /// People in the order of their ids.
  public func listContacts(_ request: ListContactsRequest) throws(Refusal) -> ContactList {
    guard !request.person.isEmpty else { return ContactList(contacts: book.everybody.map(book.view)) }
    guard let contact = book.contact(request.person) else {
      throw Refusal(.notFound, "\(request.person) is not known to the notifier", field: "person")
    }
    return ContactList(contacts: [book.view(of: contact)])
  }

  /// One person as others may see them; nil when nothing is known of them.
  public func contact(_ person: String) -> ContactView? { book.contact(person).map { book.view(of: $0) } }
}
