import AlertSources
import ArgumentParser
import Configuration
import Messages

/// A span on the command line: `5s`, `1h 30m`, `2d`.
struct SpanArgument: ExpressibleByArgument, Sendable {
  var span: Span

  init(span: Span) { self.span = span }

  init?(argument: String) {
    guard let span = SpanText.span(argument) else { return nil }
    self.span = span
  }

  var defaultValueDescription: String { SpanText.text(span) }
}

/// A severity on the command line: `SEV-1`, `sev1` or `1`.
struct SeverityArgument: ExpressibleByArgument, Sendable {
  var severity: Severity

  init?(argument: String) {
    guard let severity = SeverityWords.severity(named: argument) else { return nil }
    self.severity = severity
  }
}

/// A name and a value with a sign between them: `namespace=aion-production`.
struct PairArgument: ExpressibleByArgument, Sendable {
  var name: String
  var value: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
  }
}

/// A tier of on-call duty: by name or number.
struct TierArgument: ExpressibleByArgument, Sendable {
  var number: UInt32

  init?(argument: String) {
    switch argument.lowercased() {
    case "1", "primary": number = 1
    case "2", "secondary": number = 2
    case "3", "tertiary": number = 3
    case "4", "executives": number = 4
    default: return nil
    }
  }
}

/// An instant on the command line; which one it is depends on the clock and the reader's zone, so that comes later.
struct TimeArgument: ExpressibleByArgument, Sendable {
  var text: String

  init?(argument: String) { text = argument }

  static let help = "now, +2h, -30m, 2026-12-01, \"2026-12-01 09:00\" or RFC 3339"

  func instant(_ times: Times) throws -> Instant {
    guard let instant = times.instant(text) else {
      throw ValidationError("\"\(SafeText.line(text))\" is no time: \(TimeArgument.help)")
    }
    return instant
  }
}

extension Optional where Wrapped == TimeArgument {
  func instant(_ times: Times) throws -> Instant { try self?.instant(times) ?? .unset }
}
