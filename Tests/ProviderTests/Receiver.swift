import Foundation
import Messages
import Providers

/// A real HTTP endpoint in a process of its own (`Tests/fixtures/webhook_receiver.py`), and what it wrote down.
final class Receiver: @unchecked Sendable {
  // Sendable because nothing changes after the initialiser.

  struct Taken {
    var path: String
    var headers: [String: String]
    var body: [String: Any]
    var signature: String?
    var busy: Int
    var connection: Int
  }

  static let secret = "a secret of thirty-two characters"
  let port: Int
  let secretFile: String
  private let folder: URL
  private let process = Process()
  private let input = Pipe()

  init(verifying secret: String = Receiver.secret) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("receiver-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    secretFile = try Self.write(Receiver.secret, mode: 0o400, into: folder, as: "secret")
    let verified = try Self.write(secret, mode: 0o400, into: folder, as: "verified")
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/webhook_receiver.py")
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", script.path, "--out", folder.appendingPathComponent("taken").path, "--secret-file", verified,
      "--stop-with-stdin",
    ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != 0x0a, let next = try output.fileHandleForReading.read(upToCount: 1), !next.isEmpty {
      line += next
    }
    guard let port = Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines)) else {
      throw CocoaError(.executableLoad)
    }
    self.port = port
  }

  deinit {
    process.terminate()
    try? FileManager.default.removeItem(at: folder)
  }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// The requests that have arrived so far.
  var taken: [Taken] {
    get throws {
      let text = try String(contentsOf: folder.appendingPathComponent("taken"), encoding: .utf8)
      return try text.split(separator: "\n").map { line in
        let fields = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
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
  func file(_ text: String, mode: Int) throws -> String {
    try Self.write(text, mode: mode, into: folder, as: UUID().uuidString)
  }

  private static func write(_ text: String, mode: Int, into folder: URL, as name: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data((text + "\n").utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    return file.path
  }
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
}
