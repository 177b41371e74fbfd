import Machinery
import Messages

/// What a silence must be to be taken in: each refusal names the field and the rule (requirement I7).
enum SilenceRules {
  static let matchers = 16
  static let longest = Span.days(31)
  static let furthest = Span.days(366)
  static let reasonBytes = 1_024

  /// The silence that a request makes; it begins now where the request says nothing or a time that has passed.
  static func silence(_ request: SilenceRequest, id: String, at now: Instant) throws(Refusal) -> Silence {
    try check(request.matchers)
    for (index, severity) in request.severities.enumerated() where severity == .unspecified {
      throw .invalid("severities[\(index)]", "must be SEV1, SEV2, SEV3 or SEV4")
    }
    try TextRules.check(id, "id", 1...64)
    guard id.hasPrefix("silence-") else { throw .invalid("id", "an intake gives it, as in \"silence-3\"") }
    try TextRules.check(request.by, "by", 1...255, missing: "say who wants it")
    try TextRules.check(request.reason, "reason", 1...reasonBytes, missing: "say why nobody needs to know")
    let from = max(request.fromAt, now)
    guard from <= now + furthest else { throw .invalid("from_at_ms", "must be within a year") }
    guard request.untilAt.isSet else { throw .invalid("until_at_ms", "a silence needs an end") }
    guard request.untilAt > from, request.untilAt <= from + longest else {
      throw .invalid("until_at_ms", "must be after it begins, and within 31 days of that")
    }
    return Silence(
      id: id, matchers: request.matchers, severities: Severity.allCases.filter(request.severities.contains),
      by: request.by,
      reason: request.reason, fromAt: from, untilAt: request.untilAt, addedAt: now)
  }

  private static func check(_ all: [Matcher]) throws(Refusal) {
    guard !all.isEmpty else { throw .invalid("matchers", "say what it is about: a silence of everything is an outage") }
    guard all.count <= matchers else { throw .invalid("matchers", "at most \(matchers)") }
    for (index, matcher) in all.enumerated() {
      try TextRules.check(
        matcher.name, "matchers[\(index)].name", 1...255, missing: "name a label, \"service\", \"class\" or \"source\"")
      try TextRules.check(matcher.value, "matchers[\(index)].value", 0...4_096)
    }
    // A source that never occurs, an empty label: whatever only says what it is not, or "*", would be nearly everything.
    guard all.contains(where: { !$0.negated && !$0.value.allSatisfy { $0 == "*" } }) else {
      throw .invalid("matchers", "one of them must say what an alert is: a silence of everything else is an outage")
    }
  }
}
