import Messages

/// What can be asked of the notifier.
public enum NotificationInput: Sendable {
  case putPage(Page)
  case putPost(Post)
  case configure(NotificationConfiguration, by: String)
  case eraseContact(EraseContactRequest, by: String)
  case putMethod(PutContactMethodRequest)
  case removeMethod(RemoveContactMethodRequest)
  case putRules(PutPersonalRulesRequest)
  case putQuietHours(PutQuietHoursRequest)
  /// What one intake has accepted, for the watch.
  case accepted(AcceptedList, from: Peer)
  /// An answer to a page, by the page's own channel.
  case answer(AnswerGiven)
  /// The same by a link that somebody else took in.
  case link(PageLink)
  case signIn(SignInInput)
  /// A provider has said by itself how far a delivery came.
  case reported(DeliveryReported)
}

/// What the notifier answers.
public enum NotificationAnswer: Hashable, Sendable {
  case done(Done)
  case configured(ConfigureReply)
  case answered(AnswerWords)
  case erased(ContactErased)
  case contact(ContactView)
  case signedIn(SignInReply)
}
