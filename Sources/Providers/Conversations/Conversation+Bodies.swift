import Foundation
import Messages

/// The two kinds of body that providers want, and where they go.
extension Conversation {
  static let ourHeaders = ["User-Agent: tocsin", "Expect:"]

  init(url: String, json: [String: Any], headers: [String] = [], caFile: String) throws {
    // Its own refusal is a crash.
    guard JSONSerialization.isValidJSONObject(json) else { throw ProviderFailure("the page can't be written as JSON") }
    let body = try JSONSerialization.data(withJSONObject: json, options: [.sortedKeys, .withoutEscapingSlashes])
    self.init(
      url: url, headers: ["Content-Type: application/json; charset=utf-8"] + headers + Self.ourHeaders,
      body: [UInt8](body), caFile: caFile)
  }

  /// As browsers write it: `application/x-www-form-urlencoded`.
  init(url: String, form: [(String, String)], headers: [String] = [], caFile: String) {
    let pairs = form.map { "\(Self.percentEncoded($0))=\(Self.percentEncoded($1))" }
    self.init(
      url: url, headers: ["Content-Type: application/x-www-form-urlencoded"] + headers + Self.ourHeaders,
      body: Array(pairs.joined(separator: "&").utf8), caFile: caFile)
  }

  /// A question, which is answered soon or not at all: a page may wait for it.
  init(asking url: String, _ query: [(String, String)] = [], headers: [String], caFile: String) {
    let pairs = query.map { "\(Self.percentEncoded($0))=\(Self.percentEncoded($1))" }.joined(separator: "&")
    self.init(
      url: pairs.isEmpty ? url : "\(url)?\(pairs)", headers: headers + Self.ourHeaders, body: [], caFile: caFile)
    method = .get
    timeout = Self.questionTimeout
  }

  static let questionTimeout = Span.seconds(2)

  static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return encoded
  }

  /// HTTP's basic authentication (RFC 7617).
  static func basic(_ user: String, _ password: String) -> String {
    "Authorization: Basic \(Data("\(user):\(password)".utf8).base64EncodedString())"
  }

  static func bearer(_ token: String) -> String { "Authorization: Bearer \(token)" }
}

extension HandOver {
  /// The provider's own address of a method, at its public service or at the one that the route names.
  func url(_ kind: ProviderKind, _ path: String) -> String {
    var base = Substring(route.url.isEmpty ? kind.publicService : route.url)
    while base.hasSuffix("/") { base = base.dropLast() }
    return base + path
  }
}
