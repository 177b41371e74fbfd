import ArgumentParser
import Messages

/// What an alert must be or must not be: `service=redis`, `pod=web-*`, `env!=production`.
struct MatcherArgument: ExpressibleByArgument, Sendable {
  var matcher: Matcher

  init?(argument: String) {
    guard let matcher = Matcher(argument) else { return nil }
    self.matcher = matcher
  }
}
