import Messages

/// How many calls of one principal are in flight, over all its connections: a key that has many of them has no more than another.
final class PrincipalShare {
  let name: String
  var inFlight = 0

  init(_ name: String) {
    self.name = name
  }

  func refusal(_ most: Int) -> Refusal {
    Refusal(
      .resourceExhausted, "\(most) calls of \(name) are unanswered, over all its connections",
      field: "principal", retryAfter: .milliseconds(50))
  }
}

/// Those of all principals that have called: as many as the list of keys has had names.
struct PrincipalShares {
  private var byName: [String: PrincipalShare] = [:]

  /// - Parameter last: the one that the same connection had before, nearly always the right one.
  mutating func share(of name: String, last: PrincipalShare?) -> PrincipalShare {
    if let last, last.name == name { return last }
    if let share = byName[name] { return share }
    let share = PrincipalShare(name)
    byName[name] = share
    return share
  }
}
