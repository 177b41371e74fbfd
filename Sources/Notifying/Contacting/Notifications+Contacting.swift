import Machinery
import Messages

/// What people change about how they themselves are reached (requirement N1), without a whole configuration.
///
/// It stays until a configuration says something else of the same person than the one before. So the file and the person don't undo
/// each other's work by turns: an apply for somebody else's sake leaves it alone, and whoever edits the person's entry in the file sees
/// in a dry run that it takes the place of what they set.
extension Notifications {
  func put(
    _ request: PutContactMethodRequest, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard request.salt.count == 16 else { throw .invalid("salt", "must have 16 random bytes") }
    return try change(request.person, by: request.by, at: now) { contact throws(Refusal) in
      let method = ContactMethod(channel: request.channel, address: request.address)
      guard !contact.methods.contains(method) else {
        throw Refusal(.alreadyExists, "\(contact.person) has this address for \(request.channel)", field: "address")
      }
      guard contact.methods.count < 20 else { throw .invalid("channel", "at most 20 addresses") }
      contact.methods.append(method)
    }
  }

  func remove(
    _ request: RemoveContactMethodRequest, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    try change(request.person, by: request.by, at: now) { contact throws(Refusal) in
      let found = contact.methods.indices.filter { contact.methods[$0].channel == request.channel }
      guard !found.isEmpty else {
        throw Refusal(.notFound, "\(contact.person) has no address for \"\(request.channel)\"", field: "channel")
      }
      guard request.number > 0 || found.count == 1 else {
        throw .invalid("number", "\(contact.person) has \(found.count) addresses for \(request.channel): say which one")
      }
      let place = max(1, Int(request.number)) - 1
      guard found.indices.contains(place) else {
        throw .invalid("number", "\(contact.person) has \(found.count) addresses for \(request.channel)")
      }
      contact.methods.remove(at: found[place])
      // What named the channel alone goes with it; a rule that would lead nowhere is the person's to change first.
      if found.count == 1 { contact.onlyFor.removeAll { $0.channel == request.channel } }
    }
  }

  func put(
    _ request: PutPersonalRulesRequest, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard request.rules.count <= 20 else { throw .invalid("rules", "at most 20") }
    return try change(request.person, by: request.by, at: now) { contact throws(Refusal) in
      contact.rules = request.rules.sorted { $0.after < $1.after }
    }
  }

  func put(
    _ request: PutQuietHoursRequest, at now: Instant
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    try change(request.person, by: request.by, at: now) { contact throws(Refusal) in
      contact.quietHours = request.hours
    }
  }

  /// Forgets somebody's addresses for good (requirement N7). What was promised to them fails from then on, and says so.
  func erase(
    _ request: EraseContactRequest, by caller: String
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    _ = try known(request.person)
    guard !(book.configuration.watch?.people.contains(request.person) ?? false) else {
      throw Refusal(
        .failedPrecondition,
        "\(request.person) is paged when pages don't get through: apply a watch that names others first",
        field: "person")
    }
    let erased = ContactErased(person: request.person, by: request.by.isEmpty ? caller : request.by)
    return Decision([.init(kind: .contactErased(erased))], answer: .erased(erased))
  }

  // MARK: -

  private func known(_ person: String) throws(Refusal) -> Contact {
    guard !person.isEmpty else { throw .invalid("person", "must not be empty") }
    guard let contact = book.contact(person) else {
      throw Refusal(.notFound, "\(person) is not known to the notifier", field: "person")
    }
    return contact
  }

  /// Nobody changes it for somebody else: whoever may edit contacts.yaml does it there, where others see it.
  private func change(
    _ person: String, by: String, at now: Instant, _ edit: (inout Contact) throws(Refusal) -> Void
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    var contact = try known(person)
    guard by == person else {
      throw Refusal(.permissionDenied, "\(person) changes this, or contacts.yaml does", field: "by")
    }
    let before = contact
    try edit(&contact)
    try contact.check("", zones: zones)
    try checkIsHeard(contact, before: before)
    try book.checkAddresses(of: contact, "address")
    var changed = ContactChanged(contact: contact, by: by, changedAt: now)
    guard contact != before else { return Decision([], answer: .contact(book.view(of: contact))) }
    changed.contact?.name = before.name
    var after = book
    after.put(changed)
    return Decision([.init(kind: .contactChanged(changed))], answer: .contact(after.view(of: contact)))
  }

  /// Whoever could be heard is heard at every SEV-1/2 after it too (requirement N1).
  private func checkIsHeard(_ contact: Contact, before: Contact) throws(Refusal) {
    func isAudible(_ channel: String) -> Bool { PersonalChannel.isAudible(channel) }
    guard before.methods.contains(where: { isAudible($0.channel) }) else { return }
    guard contact.methods.contains(where: { isAudible($0.channel) }) else {
      throw Refusal(
        .failedPrecondition,
        "\(contact.person) would have no audible channel (push, sms, voice): add another one first",
        field: "channel")
    }
    guard
      contact.rules.isEmpty || contact.rules == before.rules
        || contact.rules.contains(where: { isAudible($0.channel) })
    else {
      throw .invalid("rules", "must use push, sms or voice: a SEV-1 or SEV-2 must be heard")
    }
  }

  // MARK: Configurations

  /// What people set themselves must mean something to the providers of the next configuration too.
  func checkOwn(under next: NotificationConfiguration) throws(Refusal) {
    let after = book.following(next)
    for person in after.own.keys.sorted() {
      guard let contact = after.contact(person) else { continue }
      try after.checkAddresses(of: contact, "channels")
    }
  }

  /// What becomes of what people set themselves; what stays is said in a dry run alone, because nothing changes.
  func ownWords(under next: NotificationConfiguration, isDryRun: Bool) -> [String] {
    book.own.sorted { $0.key < $1.key }.compactMap { person, changed in
      if book.stays(person, under: next) {
        return isDryRun ? "contact \(person) stays as \(changed.by) set it by command" : nil
      }
      return "contact \(person): what \(changed.by) set by command is given up"
    }
  }
}
