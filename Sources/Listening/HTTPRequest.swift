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

  public var path: String { String(target.prefix { $0 != "?" }) }
  /// By its name in lower case.
  public func header(_ name: String) -> String { headers[name] ?? "" }
  /// "application/x-www-form-urlencoded", without what may follow it.
  public var mediaType: String {
    String(header("content-type").prefix { $0 != ";" }).lowercased().filter { $0 != " " }
  }
}
