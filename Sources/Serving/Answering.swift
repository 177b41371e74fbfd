/// What a server asks of whoever knows what requests mean. Called on the server's own threads, which must not be kept waiting.
public struct Answering: Sendable {
  public enum Admission: Sendable {
    /// The body may have so many bytes.
    ///
    /// - isKnown: whether it is known by the head whose request it is: strangers make room for those who are known, and take none of
    ///   theirs.
    case body(atMost: Int, isKnown: Bool)
    case refused(WebAnswer)
  }
  /// Why a request isn't answered as it asks; who knows its path says so in that path's own words.
  public enum Fault: Hashable, Sendable {
    /// No HTTP.
    case malformed
    case headTooLarge
    case bodyTooLarge(atMost: Int)
    /// It did not arrive in time.
    case tooSlow
    /// There is no room for its body now, or for one more connection.
    case crowded
    /// Whoever should have answered it did not in time; what became of it isn't known.
    case unanswered
  }
  public typealias Answer = @Sendable (WebAnswer) -> Void

  /// Whether a request's body is read, by its head alone.
  public var admits: @Sendable (WebHead) -> Admission
  /// Must call back exactly once, from any thread.
  public var answers: @Sendable (WebRequest, @escaping Answer) -> Void
  /// - Parameter head: nil where none was understood.
  public var complains: @Sendable (Fault, _ head: WebHead?) -> WebAnswer

  public init(
    admits: @escaping @Sendable (WebHead) -> Admission,
    answers: @escaping @Sendable (WebRequest, @escaping Answer) -> Void,
    complains: @escaping @Sendable (Fault, _ head: WebHead?) -> WebAnswer
  ) {
    self.admits = admits
    self.answers = answers
    self.complains = complains
  }
}
