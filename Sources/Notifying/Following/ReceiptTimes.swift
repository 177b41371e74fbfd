import Messages

/// When a provider is asked what became of a page, counted from when the attempt was begun.
///
/// Most receipts come by themselves within seconds. What an SMS to somebody who must be woken lacks after fifteen is asked for, and
/// again less and less often until the provider would not deliver it any more (Twilio's `ValidityPeriod`).
enum ReceiptTimes {
  static let asks: [Span] = [
    .seconds(15), .seconds(30), .minutes(1), .minutes(2), .minutes(4), .minutes(7), .minutes(10),
  ]

  /// Without one by then, it is missing: a provider that takes pages and delivers none has failed.
  static let missing = Span.minutes(2)

  /// The next of them; nil when there is none any more.
  static func next(after elapsed: Span) -> Span? { asks.first { $0 > elapsed } }
}

/// How a provider is asked whether it has a page of which nobody knows.
///
/// Its list may lag behind what it has taken, so that it is asked twice. Whoever waits for the page waits no longer than `within` for
/// all of that: then it is sent again, marked as a repeat.
enum Looking {
  static let times: UInt32 = 2
  static let again = Span.seconds(3)
  static let within = Span.seconds(5)
}
