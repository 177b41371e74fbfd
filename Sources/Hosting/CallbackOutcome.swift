/// What became of something that came to the door for providers' callbacks as an answer to a page.
enum CallbackOutcome: String, CaseIterable {
  /// It answered its page, or was the same answer again at once.
  case taken
  /// It came from where it says, and changed nothing: expired, replayed, another person's, forged, a guess.
  case refused
  /// Nothing shows that a provider has sent it, or it is a copy of what one has sent.
  case unproven
}
