/// Twilio's words for how far a text or call is, as the ledger knows them: it says so when it is asked, and by callbacks.
///
/// A call that is `completed` was taken, by somebody or by a mailbox: only a human voice, where Twilio listens for one, or a key is
/// proof that it was heard.
public enum TwilioStatus {
  /// - Parameter answeredBy: what Twilio heard at the other end; empty: it has not listened.
  public static func reached(_ status: String, answeredBy: String = "") -> DeliveryState {
    switch status {
    case "sent", "ringing", "in-progress", "partially_delivered": answeredBy == "human" ? .seen : .accepted
    case "delivered": .delivered
    case "completed": answeredBy == "human" ? .seen : .delivered
    case "read": .seen
    case "undelivered", "failed", "canceled", "busy", "no-answer": .failed
    default: .unspecified
    }
  }
}
