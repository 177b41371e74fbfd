/// One thing that happened to an alert, as a line of a tier's log.
public struct LoggedEvent: Hashable, Sendable {
  /// The alert's id, which is its incident's in the escalator and begins each page's in the notifier: one word to look for from
  /// the source to the provider (requirement A3).
  public var trace: String
  /// What happened, in a word: "opened", "paged", "handed over".
  public var event: String
  /// Who is concerned; may be empty.
  public var person: String
  /// For people; never an address.
  public var words: String

  public init(_ trace: String, _ event: String, person: String = "", _ words: String = "") {
    self.trace = trace
    self.event = event
    self.person = person
    self.words = words
  }
}
