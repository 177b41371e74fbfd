import Messages
import Serving

/// A path of the pages, and what is shown or done there.
public struct PageRoute: Sendable {
  public var methods: [String]
  /// "/incidents/*"; "*" stands for any one part.
  public var path: String
  public var bodyAtMost: Int
  /// - Parameter wild: what stands where the path has "*", unescaped.
  public var answer: @Sendable (_ request: WebRequest, _ wild: [String]) async -> WebAnswer
}

/// How a path is answered, as the site writes it down.
struct PageEntry: Sendable {
  enum Door: Sendable {
    /// Whoever comes.
    case anybody
    /// Who has signed in; others are shown where.
    case visitor
    /// Whoever has what the path holds, from wherever they come: a page's link.
    case bearer
  }
  typealias Handler = @Sendable (_ visit: Visit) async throws(Refusal) -> WebAnswer
  typealias Again = @Sendable (_ visit: Visit, _ refusal: Refusal) -> WebAnswer

  var methods: [String]
  var path: String
  var door: Door
  var handler: Handler
  /// How a form that was refused is shown once more, with what was typed; nil where nothing is.
  var again: Again?

  static func shows(_ path: String, _ door: Door = .visitor, _ handler: @escaping Handler) -> PageEntry {
    PageEntry(methods: ["GET", "HEAD"], path: path, door: door, handler: handler)
  }

  static func does(
    _ path: String, _ door: Door = .visitor, again: Again? = nil, _ handler: @escaping Handler
  ) -> PageEntry {
    PageEntry(methods: ["POST"], path: path, door: door, handler: handler, again: again)
  }
}
