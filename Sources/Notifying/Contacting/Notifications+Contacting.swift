import Machinery
import Messages

/// What people change about how they themselves are reached.
extension Notifications {
  /// Forgets somebody's addresses for good (requirement N7). What was promised to them fails from then on, and says so.
  func erase(
    _ request: EraseContactRequest, by caller: String
  ) throws(Refusal) -> Decision<NotificationFact, NotificationAnswer> {
    guard !request.person.isEmpty else { throw .invalid("person", "must not be empty") }
    guard book.contact(request.person) != nil else {
      throw Refusal(.notFound, "\(request.person) is not known to the notifier", field: "person")
    }
    guard !(book.configuration.watch?.people.contains(request.person) ?? false) else {
      throw Refusal(
        .failedPrecondition,
        "\(request.person) is paged when pages don't get through: apply a watch that names others first",
        field: "person")
    }
    let erased = ContactErased(person: request.person, by: request.by.isEmpty ? caller : request.by)
    return Decision([.init(kind: .contactErased(erased))], answer: .erased(erased))
  }
}
