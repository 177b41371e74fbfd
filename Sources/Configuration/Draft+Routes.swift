import Messages

/// Which providers carry which channels, and whether addresses mean something to them.
extension Draft {
  func readChannels(_ field: Field) {
    guard let fields = field.fields(["kind", "channels"]) else { return }
    for (key, value) in fields.required("channels")?.entries(of: "channels to providers") ?? [] {
      guard let channel = key.scalar("a channel"),
        channel == "*" || PersonalChannel(rawValue: channel) != nil || key.teamChannel() != nil
      else { continue }
      if channels.contains(where: { $0.channel == channel }) {
        key.complain(expected: "each channel once")
        continue
      }
      if let route = value.route(for: channel) { channels.append(route) }
    }
  }

  /// An address is judged when all is read: contacts and channels may stand in any order. None is repeated in a complaint.
  func checkAddresses() {
    for place in addressPlaces {
      let channel = place.value.channel
      guard let route = channels.first(where: { $0.channel == channel }) else { continue }
      for carrier in [route.first, route.second].compactMap({ $0 }) {
        guard let kind = ProviderKind(rawValue: carrier.provider), let form = kind.addressForm,
          !form.fits(place.value.address)
        else { continue }
        problems.append(
          Problem(
            place: place.place, field: place.field,
            expected: "\(form.words), because \(kind.rawValue) carries \(channel)", found: "another form"))
        break
      }
    }
  }
}

extension Field {
  /// `console`, or a provider with what it needs; and who carries on when that fails.
  fileprivate func route(for channel: String) -> ChannelRoute? {
    guard let (first, more) = carrier(of: channel, mayHaveSecond: true) else { return nil }
    var route = ChannelRoute(channel, by: first)
    guard let field = more else { return route }
    route.second = field.carrier(of: channel, mayHaveSecond: false)?.carrier
    if let second = route.second, !second.isOther(than: first) {
      field.complain(expected: "another provider than the first, which would fail with it")
    }
    return route
  }

  private func carrier(of channel: String, mayHaveSecond: Bool) -> (carrier: SecondProvider, second: Field?)? {
    if case .scalar = node {
      if node.scalar?.string == "console" { return (SecondProvider(provider: "console"), nil) }
      complain(
        expected: "console, or a mapping with provider and what that needs",
        suggestion: NearestName.to(node.scalar?.string ?? "", among: ["console"]))
      return nil
    }
    let keys = ["provider"] + RoutePart.allCases.map(\.key) + ["rate"] + (mayHaveSecond ? ["second"] : [])
    guard let fields = fields(keys), let provider = fields.required("provider"),
      let kind = provider.choice("a provider", ProviderKind.allCases.map { ($0.rawValue, $0) })
    else { return nil }
    guard kind.carries(channel) else {
      provider.complain(expected: "a provider that carries \(channel): \(kind.rawValue) carries \(kind.carried)")
      return nil
    }
    var carrier = fields.carrier(kind, of: channel)
    carrier.rate = fields.optional("rate")?.rate()
    return (carrier, mayHaveSecond ? fields.optional("second") : nil)
  }
}

extension Fields {
  /// All that the provider must or may be told; who logs in first, because a password goes with that.
  fileprivate func carrier(_ kind: ProviderKind, of channel: String) -> SecondProvider {
    var carrier = SecondProvider(provider: kind.rawValue)
    for part in RoutePart.allCases {
      switch kind.need(part, in: ChannelRoute(channel, by: carrier)) {
      case .must: carrier[part] = required(part.key)?.value(of: part, kind, channel) ?? ""
      case .may: carrier[part] = optional(part.key)?.value(of: part, kind, channel) ?? ""
      case .mustNot:
        optional(part.key)?.complain(expected: "no \(part.key) here: \(kind.rawValue) takes none for \(channel)")
      }
    }
    return carrier
  }
}

extension Field {
  fileprivate func value(of part: RoutePart, _ kind: ProviderKind, _ channel: String) -> String? {
    guard let text = text(limit: 2_048) else { return nil }
    guard let form = kind.form(of: part, on: channel), !form.fits(text) else { return text }
    complain(expected: form.words)
    return nil
  }
}
