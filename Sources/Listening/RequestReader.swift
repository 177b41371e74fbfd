/// Reads one request out of what arrives piece by piece: its head once, then only how much of its body is there.
struct RequestReader {
  enum Reading: Equatable {
    case more
    case request(HTTPRequest)
    case refused(Int)
  }

  static let headBytesAtMost = 16 * 1_024
  static let bodyBytesAtMost = 64 * 1_024
  static let headersAtMost = 100

  private(set) var bytes: [UInt8] = []
  /// Where the end of the head can't be, because it has been looked for there.
  private var searched = 0
  /// Nil until the head has arrived; then where its body begins and ends.
  private var head: (request: HTTPRequest, body: Range<Int>)?

  var isEmpty: Bool { bytes.isEmpty }
  var hasHead: Bool { head != nil }

  /// What all the bytes that have come so far are.
  mutating func take(_ more: some Sequence<UInt8>) -> Reading {
    bytes += more
    if head == nil {
      guard let end = headEnd() else { return bytes.count > Self.headBytesAtMost ? .refused(431) : .more }
      guard end <= Self.headBytesAtMost else { return .refused(431) }
      switch Self.parsed(bytes[..<end]) {
      case .refused(let status): return .refused(status)
      case .head(let request, let length): head = (request, end + 4..<end + 4 + length)
      }
    }
    guard let head, bytes.count >= head.body.upperBound else { return .more }
    var request = head.request
    request.body = Array(bytes[head.body])
    return .request(request)
  }

  private mutating func headEnd() -> Int? {
    let last = min(bytes.count - 4, Self.headBytesAtMost)
    while searched <= last {
      if bytes[searched] == 13, bytes[searched + 1] == 10, bytes[searched + 2] == 13, bytes[searched + 3] == 10 {
        return searched
      }
      searched += 1
    }
    return nil
  }

  // MARK: The head

  private enum Parsed {
    case head(HTTPRequest, bodyLength: Int)
    case refused(Int)
  }

  private static func parsed(_ bytes: ArraySlice<UInt8>) -> Parsed {
    guard let head = String(validating: bytes, as: UTF8.self), head.utf8.allSatisfy(isText) else {
      return .refused(400)
    }
    var lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
    // Half of a line's end within a line is the end of one to some, and to others not.
    guard lines.allSatisfy({ line in !line.utf8.contains { $0 == 13 || $0 == 10 } }),
      lines.first?.utf8.contains(9) == false
    else { return .refused(400) }
    let first = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard first.count == 3, !first[0].isEmpty, first[0].utf8.allSatisfy({ 0x41...0x5a ~= $0 }),
      first[1].hasPrefix("/"), first[2] == "HTTP/1.1" || first[2] == "HTTP/1.0", lines.count <= headersAtMost
    else { return .refused(400) }
    var request = HTTPRequest(method: first[0], target: first[1])
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
    return .head(request, bodyLength: wanted)
  }

  private static let single: Set<String> = [
    "content-length", "content-type", "transfer-encoding", "host", "x-twilio-signature", "x-slack-signature",
    "x-slack-request-timestamp",
  ]

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
