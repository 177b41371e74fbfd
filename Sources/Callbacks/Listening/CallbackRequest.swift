/// One HTTP request, as far as callbacks need it: read from bytes within fixed bounds, or refused.
public struct CallbackRequest: Hashable, Sendable {
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
  public var query: FormFields {
    FormFields(urlEncoded: Array(target.drop { $0 != "?" }.dropFirst().utf8))
  }
  /// By its name in lower case.
  public func header(_ name: String) -> String { headers[name] ?? "" }
  /// "application/x-www-form-urlencoded", without what may follow it.
  public var mediaType: String {
    String(header("content-type").prefix { $0 != ";" }).lowercased().filter { $0 != " " }
  }

  // MARK: Reading

  static let headBytesAtMost = 16 * 1_024
  static let bodyBytesAtMost = 64 * 1_024
  static let headersAtMost = 100

  enum Reading: Equatable {
    case more
    case request(CallbackRequest)
    case refused(Int)
  }

  /// What the bytes that have come so far are.
  static func read(_ bytes: [UInt8]) -> Reading {
    guard let end = headEnd(of: bytes) else {
      return bytes.count > headBytesAtMost ? .refused(431) : .more
    }
    guard end <= headBytesAtMost else { return .refused(431) }
    guard let head = String(validating: bytes[..<end], as: UTF8.self), head.utf8.allSatisfy(isText) else {
      return .refused(400)
    }
    var lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
    let first = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard first.count == 3, !first[0].isEmpty, first[0].utf8.allSatisfy({ 0x41...0x5a ~= $0 }),
      first[1].hasPrefix("/"), first[2] == "HTTP/1.1" || first[2] == "HTTP/1.0", lines.count <= headersAtMost
    else { return .refused(400) }
    var request = CallbackRequest(method: first[0], target: first[1])
    for line in lines where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), let name = fieldName(line[..<colon]) else { return .refused(400) }
      // Two of one kind could be read differently by whoever stands before us.
      guard request.headers[name] == nil || !single.contains(name) else { return .refused(400) }
      request.headers[name] = trimmed(line[line.index(after: colon)...])
    }
    guard request.headers["transfer-encoding"] == nil else { return .refused(411) }
    let length = request.header("content-length")
    guard length.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), length.utf8.count < 10 else { return .refused(400) }
    let wanted = Int(length) ?? 0
    guard wanted <= bodyBytesAtMost else { return .refused(413) }
    let body = bytes[(end + 4)...]
    guard body.count >= wanted else { return .more }
    request.body = Array(body.prefix(wanted))
    return .request(request)
  }

  private static let single: Set<String> = [
    "content-length", "content-type", "transfer-encoding", "host", "x-twilio-signature", "x-slack-signature",
    "x-slack-request-timestamp",
  ]

  private static func headEnd(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    let last = min(bytes.count - 4, headBytesAtMost)
    return (0...last).first {
      bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10
    }
  }

  /// Nothing that a log or another server could take for the end of a line.
  private static func isText(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7f || byte == 13 || byte == 10 || byte == 9
  }

  private static func fieldName(_ text: Substring) -> String? {
    let isName =
      !text.isEmpty
      && text.utf8.allSatisfy {
        0x30...0x39 ~= $0 || 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0 || $0 == 0x2d || $0 == 0x5f
      }
    return isName ? text.lowercased() : nil
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return String(text)
  }
}
