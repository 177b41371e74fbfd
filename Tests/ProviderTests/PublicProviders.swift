import Foundation
import FoundationNetworking
import Messages
import Providers
import Testing

/// The public providers as `Tests/fixtures/providers` speaks for them, on the loopback.
final class PublicProviders: Sendable {
  struct Taken {
    var path: String
    var status: Int
    var headers: [String: String]
    var fields: [String: Any]

    /// A field of a form, or a text of JSON.
    subscript(_ field: String) -> String? { fields[field] as? String }
  }

  static let pushoverToken = "azGDORePK8gMaC0QOYAMyEEuzJnyUi"
  static let ntfyToken = "tk_agqdqlcdeabcdefghijklmnopqrstu"
  static let twilioToken = "0123456789abcdef0123456789abcdef"
  static let slackToken = "xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx"
  static let account = "AC" + String(repeating: "0f", count: 16)
  static let pushoverKey = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"
  private let fixture: Fixture
  /// Who vouches for the server; empty: it speaks without TLS.
  let caFile: String
  var url: String { caFile.isEmpty ? "http://127.0.0.1:\(fixture.port)" : "https://localhost:\(fixture.port)" }

  init(tls: Bool = false) throws {
    var certificate = ""
    fixture = try Fixture("providers/server.py") { folder in
      guard tls else { return [] }
      let (made, key) = try Fixture.certificate(for: "localhost", in: folder)
      certificate = made
      return ["--certificate", made, "--key", key]
    }
    caFile = certificate
  }

  var taken: [Taken] {
    get throws {
      try fixture.taken.map {
        Taken(
          path: $0["path"] as? String ?? "", status: $0["status"] as? Int ?? 0,
          headers: $0["headers"] as? [String: String] ?? [:], fields: $0["fields"] as? [String: Any] ?? [:])
      }
    }
  }

  /// A machine's authorities, this server's among them.
  func authorities() throws -> String { try Fixture.authorities(caFile, in: fixture.folder) }

  func file(_ text: String, mode: Int = 0o400) throws -> String { try fixture.file(text, mode: mode) }

  /// Switches trouble on for the provider's next requests.
  func trouble(
    _ provider: ProviderKind, _ kind: String, retryAfter: Int? = nil, seconds: Double = 0, answers: Bool = true
  ) async throws {
    var fields: [String: Any] = ["provider": provider.rawValue, "kind": kind, "seconds": seconds, "answers": answers]
    if let retryAfter { fields["retry_after"] = retryAfter }
    try await tell("/trouble", fields)
  }

  /// What was taken, once so many requests have come: what a provider sends after it has answered has no other end.
  func taken(of count: Int) async throws -> [Taken] {
    try await tell("/await", ["requests": count])
    return try taken
  }

  private func tell(_ path: String, _ fields: [String: Any]) async throws {
    var request = URLRequest(url: URL(string: url + path)!)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.httpBody = try JSONSerialization.data(withJSONObject: fields)
    _ = try await URLSession.shared.data(for: request)
  }

  /// What every provider must make of the troubles that every provider has.
  func expectTheUsualTroubles(
    of kind: ProviderKind, by provider: any Provider, hasty: any Provider, _ page: HandOver
  ) async throws {
    for error in ["500", "502", "503", "504"] {
      try await trouble(kind, error)
      // Nobody knows whether the provider acted: behind a gateway, and where its own word says so (Slack's internal_error).
      let isLeftOpen = ["502", "504"].contains(error) || (kind == .slack && error == "500")
      #expect(await provider.deliver(page).status == (isLeftOpen ? .unknown : .unavailable), "\(error)")
    }
    try await trouble(kind, "429", retryAfter: 7)
    let limited = await provider.deliver(page)
    #expect(limited.status == .resourceExhausted && limited.retryAfter == .seconds(7), "\(limited)")
    try await trouble(kind, "cut")
    #expect(await provider.deliver(page).status == .unknown)
    try await trouble(kind, "hang")
    #expect(await hasty.deliver(page).status == .unknown)
    try await trouble(kind, "none")
    #expect(await provider.deliver(page).status == .ok)
    var nowhere = page
    nowhere.route.url = "http://127.0.0.1:1"
    #expect(await provider.deliver(nowhere).status == .unavailable)
    nowhere.route.secretFile = try file("x", mode: 0o444)
    let exposed = await provider.deliver(nowhere)
    #expect(exposed.status == .failedPrecondition && exposed.words.contains("can be read by others"))
  }
}

extension HandOver {
  /// A page of a SEV-1 to somebody who must answer.
  static func duty(_ channel: String, to address: String, _ route: ChannelRoute) -> HandOver {
    HandOver(
      id: "2f-1k/ana/1#0", attempt: 1, isRepeat: false, channel: channel, person: "ana", name: "Ana Alvarez",
      address: address, incidentId: "2f-1k", severity: .sev1, title: "[SEV-1] aion-ai-inference: no ready pods",
      text: "[SEV-1] aion-ai-inference: no ready pods (2f-1k); ack 2f-1k",
      at: Instant(milliseconds: 1_795_489_330_000), route: route, isDuty: true)
  }
}

extension Conversations {
  static func hasty() throws -> Conversations { try Conversations(totalTimeout: .milliseconds(300), reach: .here) }
}

extension HandOver.Answers {
  static let three = HandOver.Answers(
    keys: "https://t.example/twilio/voice?page=0.v.9.p&q",
    choices: ["Acknowledge", "Escalate", "Resolve"].map {
      .init(label: $0, link: "https://t.example/answer/\($0)", token: "token-\($0)")
    })
}
