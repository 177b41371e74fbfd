import Messages

/// Whether a person may hold a shift, and everything that is missing (requirement P3).
struct Eligibility: Hashable, Sendable {
  var person: String
  /// Of what a solo week needs.
  var missing: [TrainingItem]
  /// Whether the solo week is done too: fully eligible.
  var hasDoneSolo: Bool

  /// For a solo week, and with it for everything after.
  var isEligible: Bool { missing.isEmpty }
  var isFirstTimer: Bool { isEligible && !hasDoneSolo }

  /// "is not eligible: needs shadow rotation 2 (1 week), production access"
  var words: String {
    guard !missing.isEmpty else {
      return hasDoneSolo ? "is eligible" : "is eligible for a solo week with a team lead behind"
    }
    return "is not eligible: needs \(missing.map(\.words).joined(separator: ", "))"
  }

  /// What is said to somebody who wants them on call.
  var refusal: String {
    "\(person) can't be on call (P3): \(words). It becomes possible when each is recorded "
      + "(training record \(person) ITEM), or with somebody who is eligible"
  }
}
