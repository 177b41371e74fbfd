import Messages

/// What holds where nothing more special is said: who gets an alert that no route takes, and how people are paged.
struct Defaults {
  var team = ""
  var policy = ""
  var rules: [PersonalRule] = []
  /// How much each source may send; nil: as much as it likes.
  var rateLimit: RateLimit?
}
