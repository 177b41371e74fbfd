import Messages

/// Takes out of a provider's words what may be in no error and no log (requirement N7): a person's address, in the forms in
/// which providers repeat it, and secrets.
extension HandOverOutcome {
  func without(addressOf handOver: HandOver) -> HandOverOutcome {
    let places = handOver.person.isEmpty ? [handOver.route.to] : [handOver.address, handOver.route.to]
    return without(places.flatMap(Self.forms), called: "[address]")
  }

  /// The beginning of its words, for people: cut after all that must not be in them has been taken out, because a part of it would
  /// not be found.
  var shortened: HandOverOutcome {
    var outcome = self
    outcome.words = String(words.prefix(200))
    return outcome
  }

  func without(secrets: [String]) -> HandOverOutcome { without(secrets, called: "[secret]") }

  private func without(_ hidden: [String], called name: String) -> HandOverOutcome {
    var outcome = self
    for text in hidden.filter({ !$0.isEmpty }).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      outcome.words = outcome.words.replacingWhateverItsCase(text, with: name)
    }
    return outcome
  }

  /// A phone number is repeated with and without its sign, its country's code and its spaces.
  private static func forms(of address: String) -> [String] {
    guard let number = AddressForm.phoneNumber(address) else { return [address, Conversation.percentEncoded(address)] }
    let digits = String(number.dropFirst())
    return [
      address, Conversation.percentEncoded(address), "%2B\(digits)", number, digits, String(digits.suffix(10)),
      String(digits.suffix(7)),
    ]
  }
}

extension String {
  /// By code units of ASCII, because addresses and tokens are ASCII; other texts are compared as they are.
  fileprivate func replacingWhateverItsCase(_ text: String, with other: String) -> String {
    func lowered(_ byte: UInt8) -> UInt8 { 0x41...0x5a ~= byte ? byte + 0x20 : byte }
    let wanted = text.utf8.map(lowered)
    let bytes = Array(utf8)
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      if place + wanted.count <= bytes.count,
        zip(bytes[place..<(place + wanted.count)], wanted).allSatisfy({ lowered($0) == $1 })
      {
        result += Array(other.utf8)
        place += wanted.count
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
