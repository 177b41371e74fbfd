import Messages
import Mustache

/// What a template is given. Text is made safe here, whoever wrote it: nothing hidden gets into a page, and Mustache escapes the rest.
indirect enum Shown {
  /// One line.
  case text(String)
  /// Several lines, each safe.
  case lines(String)
  case flag(Bool)
  /// Another one in each place where it is shown.
  case nonce(at: Instant)
  case fields(Fields)
  case list([Fields])

  typealias Fields = [String: Shown]

  fileprivate var rendered: Any {
    switch self {
    case .text(let text): text.isEmpty ? Nothing() : SafeText.line(text)
    case .lines(let text): text.isEmpty ? Nothing() : SafeText.lines(text).joined(separator: "\n")
    case .flag(let flag): flag
    case .nonce(let now): Drawn(now: now)
    case .fields(let fields): fields.rendered
    case .list(let list): list.map(\.rendered)
    }
  }

  private struct Drawn: MustacheCustomRenderable {
    let now: Instant
    var renderText: String { FormNonce(at: now).text }
    var isNull: Bool { false }
  }

  /// An empty text: a section of it isn't shown.
  private struct Nothing: MustacheCustomRenderable {
    var renderText: String { "" }
    var isNull: Bool { true }
  }
}

extension Shown.Fields {
  var rendered: [String: Any] { mapValues(\.rendered) }
}

extension Shown: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral {
  init(stringLiteral text: String) { self = .text(text) }
  init(booleanLiteral flag: Bool) { self = .flag(flag) }
}
