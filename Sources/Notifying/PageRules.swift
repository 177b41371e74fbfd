import Messages

/// What a page or post must be to be taken: each refusal names the field and the rule. A cancellation needs no more than
/// what it cancels.
enum PageRules {
  static func check(_ page: Page) throws(Refusal) {
    guard !page.id.isEmpty else { throw .invalid("id", "must not be empty") }
    guard !page.person.isEmpty else { throw .invalid("person", "must not be empty") }
    guard page.generation > 0 else { throw .invalid("generation", "must be 1 or more") }
    guard page.wanted else { return }
    guard !page.incidentId.isEmpty else { throw .invalid("incident_id", "must say what the page is about") }
    guard page.purpose != .unspecified else {
      throw .invalid("purpose", "must be DUTY, HEADS_UP, REMINDER, TELL or TEST")
    }
    guard page.purpose != .watch else { throw .invalid("purpose", "WATCH is the notifier's own") }
    guard page.severity != .unspecified else { throw .invalid("severity", "must be SEV1, SEV2, SEV3 or SEV4") }
    guard page.pagedAt.isSet else {
      throw .invalid("paged_at_ms", "must say when it was decided: the person's rules count from there")
    }
  }

  static func check(_ post: Post) throws(Refusal) {
    guard !post.id.isEmpty else { throw .invalid("id", "must not be empty") }
    guard !post.channel.isEmpty || !post.person.isEmpty else {
      throw .invalid("channel", "a channel or a person is needed")
    }
    guard !post.text.isEmpty else { throw .invalid("text", "must not be empty") }
  }
}
