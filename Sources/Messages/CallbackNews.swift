/// What providers tell by calling back: known to come from them, and not yet believed in what it says.
public enum CallbackNews: Hashable, Sendable {
  /// Somebody answered a page by its own channel.
  case answer(AnswerGiven)
  /// The provider says how far a delivery came.
  case reported(DeliveryReported)
}
