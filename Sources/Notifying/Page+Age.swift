import Messages

extension Page {
  /// How old the page was when it came, by its sender's own clock: ours may differ.
  func age(at now: Instant) -> Span {
    max(.zero, (handedOverAt.isSet ? handedOverAt : now) - pagedAt)
  }
}

extension Post {
  func age(at now: Instant) -> Span { postedAt.isSet ? max(.zero, now - postedAt) : .zero }
}
