import Messages
import Notifying

/// Pages that are answered by their own channels (requirement N4), in scenarios that say `# pages are answered by their channels`.
///
///     > answer KEY PERSON sms "ack"          a text message with the code of PERSON's last SMS about the incident: CODE stands for it
///                                            anywhere, otherwise it goes in front of what begins with no digit
///     > answer KEY PERSON voice 4            a key in the call
///     > answer KEY PERSON slack resolve      a button; also: push, email, whose links it opens
///     > answer KEY PERSON sms "ack" by OTHER from somebody else's number or account
extension ScenarioPlayer {
  static let answering = AnsweringTerms(
    secret: (1...32).map { $0 }, url: "https://tocsin.aion.example")

  func answer(_ words: [String]) throws(Refusal) {
    func word(_ index: Int) -> String { index < words.count ? words[index] : "" }
    let (incident, person, channel, said) = (id(word(1)), word(2), word(3), word(4))
    let sender = word(5) == "by" ? word(6) : person
    let page = world.providers.delivered.last {
      $0.attempt.incidentId == incident && $0.attempt.person == person && $0.attempt.channel == channel
    }
    guard let ways = page?.attempt.ways else {
      throw .notFound("\(person) got nothing by \(channel) about \(incident) that can be answered")
    }
    var given = AnswerGiven(channel: channel, sender: address(of: sender, channel))
    switch channel {
    case "sms":
      let isWhole = said.contains("CODE") || said.first?.isNumber == true
      given.text = isWhole ? said.replacing("CODE", with: ways.code) : "\(ways.code) \(said)"
    case "voice": (given.token, given.text) = (ways.token(.unspecified), said)
    case "slack": given.token = ways.token(Self.deed(said))
    default: (given.token, given.sender) = (ways.token(Self.deed(said)), "")
    }
    var told: AnswerWords?
    var isTold = false
    world.notifier.hear(.answer(given)) {
      told = $0
      isTold = true
    }
    settle()
    // Whoever waits for a tier that is down waits two seconds.
    if !isTold { world.agenda.run(until: world.agenda.now + .milliseconds(2_050)) }
    guard let told else { throw Refusal(.unavailable, "no answer from the notifier") }
    output(told.words.isEmpty ? "nothing is said" : "\(told.taken ? "" : "not taken: ")\(told.words)")
  }

  private func address(of person: String, _ channel: String) -> String {
    guard let shipped = try? NotificationConfiguration(decoding: shipped.notification) else { return person }
    let contact = shipped.contacts.first { $0.person == person }
    return contact?.methods.first { $0.channel == channel }?.address ?? person
  }

  private static func deed(_ word: String) -> AnswerDeed {
    AnswerDeed.allCases.first { "\($0)" == word } ?? .unspecified
  }
}
