import Foundation
import Messages
import Providers

/// A real HTTP endpoint in a process of its own (`Tests/fixtures/webhook_receiver.py`), and what it wrote down.
final class Receiver: Sendable {
  struct Taken {
    var path: String
    var headers: [String: String]
    var body: [String: Any]
    var signature: String?
    var busy: Int
    var connection: Int
  }

  static let secret = "a secret of thirty-two characters"
  let secretFile: String
  private let fixture: Fixture

  init(verifying secret: String = Receiver.secret) throws {
    fixture = try Fixture("webhook_receiver.py") { folder in
      ["--secret-file", try Fixture.write(secret, mode: 0o400, into: folder, as: "verified")]
    }
    secretFile = try fixture.file(Receiver.secret)
  }

  func url(_ path: String) -> String { "http://127.0.0.1:\(fixture.port)/\(path)" }

  /// The requests that have arrived so far.
  var taken: [Taken] {
    get throws {
      try fixture.taken.map { fields in
        let body = (fields["body"] as? String ?? "").data(using: .utf8) ?? Data()
        return Taken(
          path: fields["path"] as? String ?? "", headers: fields["headers"] as? [String: String] ?? [:],
          body: (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:],
          signature: fields["signature"] as? String, busy: fields["busy"] as? Int ?? 0,
          connection: fields["connection"] as? Int ?? 0)
      }
    }
  }

  /// A file beside the receiver's own, for secrets that are not in order.
  func file(_ text: String, mode: Int) throws -> String { try fixture.file(text, mode: mode) }
}

extension HandOver {
  static func page(_ id: String = "2f-1k/ana/1#0", url: String, secretFile: String) -> HandOver {
    HandOver(
      id: id, attempt: 2, isRepeat: true, channel: "push", person: "ana", name: "Ana Alvarez", address: "ana-phone",
      incidentId: "2f-1k", severity: .sev1, title: "[SEV-1] aion-ai-inference: no ready pods",
      text: "[SEV-1] \"no\" ready pods…\nline 2", at: Instant(milliseconds: 1_795_489_330_000),
      route: ChannelRoute(channel: "push", provider: "webhook", url: url, secretFile: secretFile),
      traceparent: Array(1...24))
  }
}

extension Provider {
  func deliver(_ handOver: HandOver) async -> HandOverOutcome {
    await withCheckedContinuation { waiting in deliver(handOver) { waiting.resume(returning: $0) } }
  }

  func find(_ handOver: HandOver, since: Instant, _ texts: [String]) async -> HandOverOutcome {
    await withCheckedContinuation { waiting in
      find(handOver, since: since, texts: texts) { waiting.resume(returning: $0) }
    }
  }

  func receipt(_ id: String, _ handOver: HandOver) async -> HandOverOutcome {
    await withCheckedContinuation { waiting in askReceipt(of: id, handOver) { waiting.resume(returning: $0) } }
  }
}
