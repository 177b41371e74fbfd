import Cryptography
import Foundation
import Messages

/// Posts each page as signed JSON to a URL.
///
/// Headers: `Tocsin-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`, `Tocsin-Page-Id`,
/// `Idempotency-Key` (the same on every attempt) and `traceparent`. 2xx means taken. A digest lists its `pages`.
public final class WebhookProvider: Provider {
  private let conversations: Conversations

  public init(_ conversations: Conversations) {
    self.conversations = conversations
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    let secret: [UInt8]
    do {
      secret = try SecretFile.read(handOver.route.secretFile, atLeast: 16)
    } catch {
      return then(HandOverOutcome(.failedPrecondition, "\(error)"))
    }
    let body = Self.body(handOver)
    let headers = Self.headers(handOver, body, secret, at: Int64(Date().timeIntervalSince1970))
    let request = Conversation(
      url: handOver.route.url, headers: headers, body: body, caFile: handOver.route.caFile)
    conversations.post(request) { then(Self.outcome($0)) }
  }

  /// A gateway that got no answer doesn't know whether the page was taken; the key tells the receiver, so that it may be tried as
  /// often as after other troubles.
  static func outcome(_ end: Conversation.End) -> HandOverOutcome {
    var outcome = HandOverOutcome(end)
    if case .answered = end, outcome.status == .unknown { outcome.status = .unavailable }
    return outcome
  }

  /// Its fields by name, so that a repeat is the same to the byte but for what has changed.
  static func body(_ handOver: HandOver) -> [UInt8] {
    var body = JSONObject()
    body.add("address", handOver.address)
    body.add("at_ms", handOver.at.milliseconds)
    body.add("attempt", Int64(handOver.attempt))
    body.add("channel", handOver.channel)
    body.add("id", handOver.id)
    body.add("incident", handOver.incidentId)
    body.add("page", page(handOver.id))
    if !handOver.pages.isEmpty { body.add("pages", handOver.pages.map(told)) }
    body.add("person", handOver.person)
    body.add("repeat", handOver.isRepeat)
    body.add("severity", Int64(handOver.severity.rawValue))
    body.add("text", handOver.text)
    body.add("title", handOver.title)
    return body.text
  }

  private static func told(_ told: HandOver.Told) -> JSONObject {
    var page = JSONObject()
    page.add("attempt", Int64(told.attempt))
    page.add("id", told.id)
    page.add("incident", told.incidentId)
    page.add("page", Self.page(told.id))
    page.add("repeat", told.isRepeat)
    page.add("text", told.text)
    return page
  }

  /// "2f-1k/ana/1" of "2f-1k/ana/1#0".
  private static func page(_ id: String) -> String {
    id.split(separator: "#").dropLast().joined(separator: "#")
  }

  static func headers(_ handOver: HandOver, _ body: [UInt8], _ secret: [UInt8], at seconds: Int64) -> [String] {
    let signature = HexText.of(HMAC(key: secret).code(Array("\(seconds).".utf8) + body))
    var headers = [
      "Content-Type: application/json", "Tocsin-Signature: t=\(seconds),v1=\(signature)",
      "Tocsin-Page-Id: \(handOver.id)", "Idempotency-Key: \(handOver.id)", "User-Agent: tocsin", "Expect:",
    ]
    if handOver.traceparent.count == 24 { headers.append("traceparent: \(trace(handOver.traceparent))") }
    return headers
  }

  private static func trace(_ bytes: [UInt8]) -> String {
    "00-\(HexText.of(bytes[..<16]))-\(HexText.of(bytes[16...]))-01"
  }
}
