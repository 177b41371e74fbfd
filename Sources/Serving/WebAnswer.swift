/// What a caller gets back.
public struct WebAnswer: Hashable, Sendable {
  public var status: Int
  public var mediaType: String
  public var body: [UInt8]
  /// Besides those that every answer has.
  public var headers: [String: String]
  /// Instead of a body, to a GET: what happens from now on.
  public var feed: EventFeed?

  public init(_ status: Int, _ mediaType: String = "", _ body: String = "", headers: [String: String] = [:]) {
    self.status = status
    self.mediaType = mediaType
    self.body = Array(body.utf8)
    self.headers = headers
  }

  public static func json(_ status: Int, _ body: String, headers: [String: String] = [:]) -> WebAnswer {
    WebAnswer(status, "application/json", body, headers: headers)
  }

  public static func text(_ status: Int, _ words: String, headers: [String: String] = [:]) -> WebAnswer {
    WebAnswer(status, "text/plain; charset=utf-8", words, headers: headers)
  }
}
