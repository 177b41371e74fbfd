/// One HTTP request, as far as anybody here needs it.
public struct HTTPRequest: Hashable, Sendable {
  public var method: String
  /// As it was sent, still escaped, with what follows a "?".
  public var target: String
  public var headers: [String: String]
  public var body: [UInt8]

  public init(method: String, target: String, headers: [String: String] = [:], body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// By its bytes: a mark that combines with the "?" before it makes another character of both, and no other path.
  public var path: String { String(decoding: target.utf8.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self) }
  /// By its name in lower case.
  public func header(_ name: String) -> String { headers[name] ?? "" }
  /// "application/x-www-form-urlencoded", without what may follow it.
  public var mediaType: String {
    String(header("content-type").prefix { $0 != ";" }).lowercased().filter { $0 != " " }
  }
}
