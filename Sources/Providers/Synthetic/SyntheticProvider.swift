import Foundation
import Messages
import Synchronization

/// Where synthetic pages go: by a real HTTP request through libcurl, as those of other channels do, to a receiver in this very
/// process on the loopback interface. When one has arrived in time, an outside dead-man's switch hears of it.
public final class SyntheticProvider: Provider {
  /// A synthetic alert that took longer has come out of an outage: the switch must not think that all was well.
  public static let inTime = Span.seconds(90)

  private let conversations: Conversations
  private let receiver: LoopbackReceiver
  private let beatURL: String?
  private let log: @Sendable (String) -> Void

  /// - Parameter beatURL: asked with GET after each synthetic page that arrived in time; nil: nobody outside listens.
  /// - Parameter log: hears why the switch could not be told.
  public init(
    _ conversations: Conversations, beatURL: String?, log: @escaping @Sendable (String) -> Void
  ) throws {
    if let beatURL {
      guard let scheme = URL(string: beatURL)?.scheme, ["http", "https"].contains(scheme) else {
        throw ProviderFailure("--beat-url-file must hold an http or https URL")
      }
    }
    self.beatURL = beatURL
    self.log = log
    self.conversations = conversations
    receiver = try LoopbackReceiver()
  }

  public func deliver(_ handOver: HandOver, then: @escaping @Sendable (HandOverOutcome) -> Void) {
    let headers = ["Content-Type: text/plain", "Tocsin-Page-Id: \(handOver.id)", "User-Agent: tocsin", "Expect:"]
    var request = Conversation(url: receiver.url, headers: headers, body: Array(handOver.title.utf8))
    // A proxy's loopback interface is another.
    request.isDirect = true
    request.reach = .everywhere
    conversations.post(request) { [self] end in
      let outcome = HandOverOutcome(end)
      if outcome.status == .ok, handOver.age <= Self.inTime { beat() }
      then(outcome)
    }
  }

  private func beat() {
    guard let beatURL else { return }
    var request = Conversation(url: beatURL, headers: ["User-Agent: tocsin"], body: [])
    request.method = .get
    conversations.post(request) { [log] end in
      let outcome = HandOverOutcome(end)
      if outcome.status != .ok { log("the dead-man's switch did not take the beat: \(outcome.shortened.words)") }
    }
  }
}
