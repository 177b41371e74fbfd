import Cryptography
import Foundation
import Messages
import Synchronization

@testable import Callbacks
@testable import Listening

/// What comes over HTTP: requests as bytes, and what they hold once somebody has signed them.
extension FuzzEntry {
  /// A request is the same however it arrives in pieces, and never larger than is allowed.
  static let request = FuzzEntry(
    "request", bytesAtMost: 1_024,
    seeds: {
      [
        "\u{3}POST /twilio/sms?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Type: a/b; c=d\r\n\r\nabc",
        "\u{7}GET /answer/1.ntfy.x.2f-1~1.y HTTP/1.0\r\nX-Slack-Signature: v0=00\r\n\r\n",
        "\u{1}POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ].map { Array($0.utf8) }
    },
    .atOnce { input in
      guard let length = input.first.map({ Int($0) + 1 }) else { return }
      let bytes = Array(input.dropFirst())
      var whole = RequestReader()
      let expected = whole.take(bytes)
      var cut = RequestReader()
      var reading = RequestReader.Reading.more
      for place in stride(from: 0, to: bytes.count, by: length) where reading == .more {
        reading = cut.take(bytes[place..<min(place + length, bytes.count)])
      }
      promise(reading == expected, "a request is the same however it is cut: \(input)")
      guard case .request(let request) = expected else { return }
      promise(request.body.count <= RequestReader.bodyBytesAtMost, "a body has its bound: \(input)")
      let texts = [request.target, request.mediaType] + request.headers.flatMap { [$0.key, $0.value] }
      promise(
        texts.allSatisfy { text in !text.utf8.contains { $0 < 0x20 && $0 != 9 || $0 == 0x7f } },
        "no text of a request ends a line: \(input)")
      _ = (request.query, request.path)
    })

  /// A form that Twilio has signed, behind its query: what is answered is well-formed, and without the signature nothing is told.
  static let twilio = FuzzEntry(
    "twilio", bytesAtMost: 1_024,
    seeds: {
      [
        "\u{0}\nAccountSid=AC1&From=%2B4930123&To=%2B49301&Body=4711+ack&MessageSid=SM1",
        "\u{1}page=1.voice.x.2f-1%7E1.y\nAccountSid=AC1&To=%2B4930123&Digits=1&CallSid=CA1",
        "\u{2}delivery=2f-1%2Fana%2F1%231&attempt=1\nAccountSid=AC1&MessageSid=SM1&MessageStatus=delivered",
        "\u{2}delivery=2f-1%231\nAccountSid=AC1&CallSid=CA1&CallStatus=completed&AnsweredBy=machine_start&ErrorCode=30003",
      ].map { Array($0.utf8) }
    },
    .answering { input in
      guard let first = input.first else { return }
      let parts = input.dropFirst().split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
      let path = ["/twilio/sms", "/twilio/voice", "/twilio/status"][Int(first & 127) % 3]
      let query = String(decoding: parts[0], as: UTF8.self)
      let desk = AnsweringDesk()
      var request = HTTPRequest(
        method: "POST", target: query.isEmpty ? path : "\(path)?\(query)",
        headers: ["content-type": "application/x-www-form-urlencoded"], body: parts.count > 1 ? Array(parts[1]) : [])
      let isSigned = first < 128
      let code = HMAC(.sha1, key: Array((isSigned ? "secret" : "another").utf8)).code(
        TwilioSignature.signed(AnsweringDesk.url + request.target, FormFields(urlEncoded: request.body)))
      request.headers["x-twilio-signature"] = Data(code).base64EncodedString()
      let response = await CallbackRoutes(desk.desk).answer(request)
      promise((response.status == 403) == !isSigned, "only what is signed is taken (\(response.status)): \(input)")
      promise(isSigned || desk.told.isEmpty, "what nobody has signed is told to nobody: \(input)")
      // TwiML has these and no others, whatever was said.
      let body = response.body
      promise(
        elements(of: body).isSubset(of: ["?xml", "Response", "Message", "Say", "Gather"]),
        "TwiML has no element of somebody else's: \(body)")
    })

  /// What Slack posts, signed: nothing is told to an address that isn't Slack's.
  static let slack = FuzzEntry(
    "slack", bytesAtMost: 2_048,
    seeds: {
      [
        #"""
        {"type":"block_actions","user":{"id":"U1"},"response_url":"https://hooks.slack.com/actions/T/1","actions":[{"value":
        "1.slack.x.2f-1~1.y"}],"message":{"text":"2f-1 <b>","blocks":[{"elements":[{"value":"1.slack.x.2f-2~1.y"}]}]}}
        """#,
        #"{"type":"block_actions","user":{"id":"U1"},"response_url":"http://127.0.0.1:80/a","actions":[{"value":"1"}]}"#,
      ].map { Array($0.utf8) }
    },
    .answering { input in
      let desk = AnsweringDesk()
      let body =
        "payload="
        + input.map { byte in byte < 16 ? "%0\(String(byte, radix: 16))" : "%\(String(byte, radix: 16))" }.joined()
      let seconds = String(AnsweringDesk.seconds)
      let code = HMAC(key: Array("secret".utf8)).code(Array("v0:\(seconds):\(body)".utf8))
      let hex = code.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      let request = HTTPRequest(
        method: "POST", target: "/slack",
        headers: [
          "content-type": "application/x-www-form-urlencoded", "x-slack-signature": "v0=\(hex)",
          "x-slack-request-timestamp": seconds,
        ], body: Array(body.utf8))
      let response = await CallbackRoutes(desk.desk).answer(request)
      promise(
        response.status == 200 || response.status == 400, "what is signed is taken or refused: \(response.status)")
      for url in desk.followed {
        let place = URLComponents(string: url)
        promise(
          place?.user == nil && place?.password == nil
            && (place?.scheme == "https" && place?.host == "hooks.slack.com"
              || place?.scheme == "http" && ["127.0.0.1", "localhost"].contains(place?.host ?? "")),
          "only Slack is told: \(url.debugDescription)")
      }
    })

  /// A link: to open one changes nothing, and its page holds nothing but what a plain link may hold.
  static let links = FuzzEntry(
    "links", bytesAtMost: 512,
    seeds: {
      ["\u{0}1.ntfy.abc.2f-1~1.y", "\u{1}2.email.abc.2f-1~1.y", "\u{2}3.slack.abc.2f-1.y"].map { Array($0.utf8) }
    },
    .answering { input in
      guard let first = input.first else { return }
      let desk = AnsweringDesk()
      let method = ["GET", "HEAD", "POST"][Int(first) % 3]
      let token = String(decoding: input.dropFirst(), as: UTF8.self)
      let response = await CallbackRoutes(desk.desk).answer(HTTPRequest(method: method, target: "/answer/\(token)"))
      promise(method == "POST" || desk.told.isEmpty, "to open a link changes nothing: \(token)")
      let body = response.body
      promise(
        elements(of: body).isSubset(of: [
          "!doctype", "html", "head", "meta", "title", "body", "h1", "div", "form", "button",
        ]), "a page has its own elements only: \(body)")
    })

  /// The names after each "<" of a document.
  private static func elements(of document: String) -> Set<Substring> {
    Set(
      document.split(separator: "<", omittingEmptySubsequences: false).dropFirst().map { element in
        element.drop { $0 == "/" }.prefix { !" />".contains($0) }
      })
  }
}

/// Stands for a tier: it takes everything, and says back what it was told.
private final class AnsweringDesk: Sendable {
  static let url = "https://t.example"
  static let seconds = Int64(1_000_000)
  private let heard = Mutex<[CallbackNews]>([])
  private let followUps = Mutex<[String]>([])

  var told: [CallbackNews] { heard.withLock { $0 } }
  var followed: [String] { followUps.withLock { $0 } }

  var desk: CallbackDesk {
    CallbackDesk(
      url: Self.url, secrets: { _, _ in ["secret"] }, isSealed: { _ in true },
      tell: { [self] news in
        heard.withLock { $0.append(news) }
        guard case .answer(let given) = news else { return AnswerWords(taken: true) }
        return AnswerWords(taken: given.text != "1", words: "<\(given.text)> \(given.sender) & \"\(given.token)\"")
      },
      followUp: { [self] url, _, _ in followUps.withLock { $0.append(url) } }, seconds: { Self.seconds }, log: { _ in })
  }
}
