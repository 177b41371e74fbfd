import ArgumentParser
import Messages

/// What an alert must be or must not be: `service=redis`, `pod=web-*`, `env!=production`.
struct MatcherArgument: ExpressibleByArgument, Sendable {
  var matcher: Matcher

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    let isNegated = argument[..<sign].last == "!"
    let name = argument[..<sign].dropLast(isNegated ? 1 : 0)
    guard !name.isEmpty else { return nil }
    matcher = Matcher(name: String(name), value: String(argument[argument.index(after: sign)...]), negated: isNegated)
  }
}
