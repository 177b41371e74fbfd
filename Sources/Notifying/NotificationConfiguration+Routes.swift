import Messages

/// What a route must be to be taken: a provider that carries the channel, all that it needs and nothing that it doesn't know, and
/// addresses that mean something to it. Otherwise a page would be the first to find out.
extension NotificationConfiguration {
  static func check(_ route: ChannelRoute, _ field: String) throws(Refusal) {
    try check(route.first, on: route.channel, field)
    guard let second = route.second else { return }
    try check(second, on: route.channel, "\(field).second")
    guard second.isOther(than: route.first) else {
      throw .invalid("\(field).second", "is the same as the first: it would fail with it")
    }
  }

  private static func check(_ carrier: SecondProvider, on channel: String, _ field: String) throws(Refusal) {
    guard let kind = ProviderKind(rawValue: carrier.provider) else {
      throw .invalid("\(field).provider", "\"\(carrier.provider)\" is none of \(ProviderKind.names)")
    }
    guard kind.carries(channel) else {
      throw .invalid("\(field).provider", "\(kind.rawValue) carries \(kind.carried), and not \"\(channel)\"")
    }
    let route = ChannelRoute(channel, by: carrier)
    for part in RoutePart.allCases {
      let said = carrier[part]
      switch kind.need(part, in: route) {
      case .must where said.isEmpty: throw .invalid("\(field).\(part.rawValue)", "\(kind.rawValue) needs it")
      case .mustNot where !said.isEmpty: throw .invalid("\(field).\(part.rawValue)", "\(kind.rawValue) takes none here")
      case .must, .may, .mustNot: break
      }
      guard said.utf8.count <= 2_048 else {
        throw .invalid("\(field).\(part.rawValue)", "must have at most 2048 bytes")
      }
      guard !said.isEmpty, let form = kind.form(of: part, on: channel), !form.fits(said) else { continue }
      throw .invalid("\(field).\(part.rawValue)", "must be \(form.words)")
    }
  }

  /// Each person's addresses, by the forms of the providers that would have to use them.
  func checkAddresses() throws(Refusal) {
    let book = AddressBook(self)
    for (index, contact) in contacts.enumerated() {
      for (place, method) in contact.methods.enumerated() {
        var one = contact
        one.methods = [method]
        try book.checkAddresses(of: one, "contacts[\(index)].methods[\(place)].address")
      }
    }
  }
}
