import Bus
import Foundation
import Messages
import Wire

/// The real notifier in a directory of its own, with nginx as the provider of two channels, and an escalator that does no more than
/// hear how pages fare.
final class BenchNotifier {
  static let words = "5xx of aion-web-api above 2 % for five minutes; roll back the deployment of 09:12"
  private static let people = 100
  let route: ChannelRoute
  private let process: ChildProcess
  private let connection: Connection
  private let listener: ReceiptListener

  init(_ tiers: TierOptions, in place: Place, pagesTo server: AnsweringServer) async throws {
    let secret = "\(place.directory)/secret"
    guard
      FileManager.default.createFile(
        atPath: secret, contents: Data("a secret for the time of a bench\n".utf8),
        attributes: [.posixPermissions: 0o400])
    else { throw BenchFailure("\(secret) can't be written") }
    route = ChannelRoute(channel: "push", provider: "webhook", url: server.url, secretFile: secret)
    let hanging = ChannelRoute(channel: "sms", provider: "webhook", url: server.hangingURL, secretFile: secret)
    listener = ReceiptListener()
    let endpoint = "tcp://127.0.0.1:\(try Place.freePort())"
    process = try ChildProcess(
      tiers.executable("notifier"),
      [
        "--insecure-loopback", "--listen", endpoint, "--data", "\(place.directory)/notifier", "--pages",
        "\(place.directory)/pages.log", "--allow-inward", "127.0.0.1", "--escalator", try await listener.endpoint(),
      ],
      log: "\(place.directory)/notifier.log")
    connection = try Connection(on: PollThread(name: "paging"), endpoint: endpoint)
    _ = try await connection.serving(since: PollThread.now())
    let contacts = (0..<Self.people).map {
      Contact(
        person: "p\($0)", name: "Person \($0)",
        methods: [
          ContactMethod(channel: "push", address: "p\($0)-phone"),
          ContactMethod(channel: "sms", address: "+12025550100"),
        ])
    }
    let configuration = NotificationConfiguration(contacts: contacts, channels: [route, hanging])
    _ = try await connection.call(NotificationMethods.configure, configuration, timeout: .seconds(10))
  }

  func end() { process.kill() }

  /// Pages a second, from the first that is given to it until the server has answered the last.
  func rate(of count: Int, called name: String, at server: AnsweringServer) async throws -> Double {
    let began = Self.now()
    // As many as it may have under way with all its providers, so that it always has one to begin.
    let inFlight = 512
    let connection = connection
    try await withThrowingTaskGroup(of: Void.self) { group in
      for first in 0..<inFlight {
        group.addTask(executorPreference: connection.executor) {
          for number in stride(from: first, to: count, by: inFlight) {
            try await Self.page(name, number, by: "push", to: connection)
          }
        }
      }
      try await group.waitForAll()
    }
    let answers = try await server.answers("\(name)-", count: count, patience: 60)
    guard answers.count == count, let last = answers.values.max() else {
      throw BenchFailure("only \(answers.count) of \(count) pages were handed over")
    }
    return Double(count) * 1_000 / Double(last - began)
  }

  /// How old each page was when it was answered, in nanoseconds, where so many come a second; and so many more for a provider that
  /// hangs.
  func ages(
    _ rate: Int, seconds: Int, hanging: Int, called name: String, at server: AnsweringServer
  ) async throws -> [UInt64] {
    let count = rate * seconds
    let start = PollThread.now()
    let wall = Self.now()
    let connection = connection
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<count {
        let due = start + UInt64(number) * 1_000_000_000 / UInt64(rate)
        let now = PollThread.now()
        if due > now { try await Task.sleep(nanoseconds: due - now) }
        group.addTask(executorPreference: connection.executor) {
          try await Self.page(name, number, by: "push", to: connection)
        }
        guard hanging > 0, number * hanging / rate != (number + 1) * hanging / rate else { continue }
        group.addTask(executorPreference: connection.executor) {
          try await Self.page("hanging-\(name)", number, by: "sms", to: connection)
        }
      }
      try await group.waitForAll()
    }
    let answers = try await server.answers("\(name)-", count: count, patience: 30)
    guard answers.count <= count else {
      throw BenchFailure("\(answers.count - count) pages of another's are called so")
    }
    return answers.compactMap { id, at in
      guard let number = Int(id.dropFirst(name.count + 1).prefix { $0 != "/" }) else { return nil }
      let due = wall + Int64(number * 1_000 / rate)
      return UInt64(max(0, at - due)) * 1_000_000
    }
  }

  /// A service of its own makes it a first page, which is never held.
  private static func page(
    _ name: String, _ number: Int, by channel: String, to connection: Connection
  ) async throws {
    let incident = "\(name)-\(number)"
    let person = "p\(number % people)"
    let now = Instant(milliseconds: now())
    let page = Page(
      id: "\(incident)/\(person)/1", generation: 1, wanted: true, incidentId: incident, person: person, tier: 1,
      purpose: .duty, severity: .sev2, summary: words, service: incident, channels: [channel],
      because: "primary on call until Mon 00:00 UTC", pagedAt: now, openedAt: now, handedOverAt: now,
      alertClass: "high_error_rate", team: "platform")
    _ = try await connection.call(NotificationMethods.putPage, page, timeout: .seconds(60))
  }

  /// Milliseconds of the wall clock, which is nginx's.
  private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
