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
  /// What intake has accepted, for the watch.
  case accepted(AcceptedList)
}

/// What the notifier answers.
public enum NotificationAnswer: Hashable, Sendable {
  case done(Done)
  case configured(ConfigureReply)
  case erased(ContactErased)
  case contact(ContactView)
}
