import Messages
import Serving

/// A path, what may be sent to it, and what is made of it.
struct Route: Sendable {
  enum Proof: Sendable {
    /// In a header or the query: without it the body isn't read.
    case key
    /// Where the format has it, in the body or the path: the handler asks for it.
    case own
    /// Anybody may ask.
    case nobody
  }
  typealias Handler = @Sendable (_ asked: Asked, _ answer: @escaping Answering.Answer) -> Void

  var methods: [String]
  /// Split at the slashes; "*" stands for any one part.
  var path: [String]
  var proof: Proof
  var bodyAtMost: Int
  var words: any AnswerWords
  var handle: Handler
  /// Where it is known by the path alone that nothing is taken, and no body is read.
  var refusal: WebAnswer?

  init(
    _ methods: String..., at path: String, proof: Proof = .key, bodyAtMost: Int = 1 << 20, words: any AnswerWords,
    handle: @escaping Handler
  ) {
    self.methods = methods
    self.path = Self.parts(path[...])
    self.proof = proof
    self.bodyAtMost = bodyAtMost
    self.words = words
    self.handle = handle
  }

  /// A path where nothing is taken, and who asks is told why.
  init(_ methods: String..., at path: String, refusing refusal: WebAnswer, words: any AnswerWords) {
    self.methods = methods
    self.path = Self.parts(path[...])
    proof = .nobody
    bodyAtMost = 0
    self.words = words
    self.refusal = refusal
    handle = { $1(refusal) }
  }

  /// How many parts of a path lead here.
  func shared(with parts: [String]) -> Int {
    zip(parts, path).prefix { $0 == $1 }.count
  }

  static func parts(_ path: some StringProtocol) -> [String] {
    path.split { $0 == "/" }.map { String($0) }
  }

  /// What stands where the path has "*"; nil when it is another path.
  func match(_ parts: [String]) -> [String]? {
    guard parts.count == path.count else { return nil }
    var wild: [String] = []
    for (part, pattern) in zip(parts, path) {
      if pattern == "*" { wild.append(part) } else if part != pattern { return nil }
    }
    return wild
  }
}

/// A request to a route, and whose it is.
struct Asked: Sendable {
  var request: WebRequest
  /// What stands where the route's path has "*", unescaped.
  var wild: [String]
  /// Nil where the route finds out by itself, or anybody may ask.
  var integration: Integration?
}

/// How a format says what isn't as its sender would like it: its own statuses and its own shape.
protocol AnswerWords: Sendable {
  /// No key, or none that is known.
  func stranger() -> WebAnswer
  /// What was sent can't be understood; trying again doesn't help.
  func invalid(_ words: String) -> WebAnswer
  /// Trying again does.
  func later(_ words: String, after seconds: Int64, isThrottle: Bool) -> WebAnswer
  func tooLarge(atMost bytes: Int) -> WebAnswer
  /// Whatever else is wrong with a request as such, by its status.
  func refused(_ status: Int, _ words: String) -> WebAnswer
}
