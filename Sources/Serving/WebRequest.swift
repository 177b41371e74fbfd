/// What a request says before its body: enough to decide whether the body is wanted.
public struct WebHead: Hashable, Sendable {
  public var method: String
  /// Still escaped, without what follows a "?".
  public var path: String
  /// What follows the "?", still escaped.
  public var query: String
  /// By name in lower case; of several of one name, all, with commas between.
  public var headers: [String: String]
  /// The address of the other end of the connection; empty where it isn't known.
  public var from = ""

  public init(_ method: String, _ path: String, query: String = "", headers: [String: String] = [:]) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
  }

  /// By its name in lower case; empty when there is none.
  public func header(_ name: String) -> String { headers[name] ?? "" }

  /// "application/json", without what may follow it.
  public var mediaType: String {
    String(header("content-type").prefix { $0 != ";" }).lowercased().filter { $0 != " " }
  }
}

/// One whole request.
public struct WebRequest: Hashable, Sendable {
  public var head: WebHead
  public var body: [UInt8]

  public init(_ head: WebHead, body: [UInt8] = []) {
    self.head = head
    self.body = body
  }
}
