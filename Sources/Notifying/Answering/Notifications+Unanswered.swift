import Messages

/// By which channels no answer comes back although pages could be answered by them: whoever configures one is told.
extension Notifications {
  /// A line for each such provider of a channel whose route is new or another; none where nothing is answered by its channel.
  func unansweredWords(under next: NotificationConfiguration) -> [String] {
    guard answering != nil else { return [] }
    let later = AddressBook(next)
    return PersonalChannel.allCases.map(\.rawValue).flatMap { channel -> [String] in
      let route = later.route(channel)
      guard route != book.route(channel) else { return [] }
      return [route, later.second(channel)].compactMap { $0 }.compactMap { route in
        guard let kind = ProviderKind(rawValue: route.provider), !kind.bringsAnswers(on: channel, by: route) else {
          return nil
        }
        let why =
          kind == .slack ? "it has no signing-file, and what is pressed would be refused" : "none comes back that way"
        return "channel \(channel) by \(route.provider): its pages offer no answer, because \(why)"
      }
    }
  }
}
