/// What a caller gets back. Each answer ends its connection, may be kept by nobody, and says nothing of what serves it.
public struct HTTPResponse: Hashable, Sendable {
  public var status: Int
  public var mediaType: String
  public var body: String
  public var headers: [String: String]

  public init(_ status: Int, _ mediaType: String = "", _ body: String = "", headers: [String: String] = [:]) {
    self.status = status
    self.mediaType = mediaType
    self.body = body
    self.headers = headers
  }

  /// For whoever is not what they should be: the same words for all of them.
  public static let notFound = HTTPResponse(404)
  public static let forbidden = HTTPResponse(403)
  /// The caller may try again: nothing has been made of it.
  public static let unavailable = HTTPResponse(503, headers: ["Retry-After": "2"])
  public static let empty = HTTPResponse(200)

  /// Whether the caller is at fault, and not we.
  var isRefusal: Bool { 400..<500 ~= status }

  /// - Parameter withBody: false to answer a HEAD.
  func bytes(withBody: Bool) -> [UInt8] {
    var head =
      "HTTP/1.1 \(status) \(Self.words[status] ?? "Refused")\r\nConnection: close\r\nCache-Control: no-store\r\n"
    if !mediaType.isEmpty { head += "Content-Type: \(mediaType)\r\n" }
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    head += "Content-Length: \(body.utf8.count)\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    return Array(head.utf8) + (withBody ? Array(body.utf8) : [])
  }

  private static let words = [
    200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout",
    410: "Gone", 411: "Length Required", 413: "Content Too Large", 415: "Unsupported Media Type",
    429: "Too Many Requests", 431: "Request Header Fields Too Large", 503: "Service Unavailable",
  ]
}
