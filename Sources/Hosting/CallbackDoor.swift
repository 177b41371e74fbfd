import Callbacks
import Foundation
import Glibc
import Logging
import Messages
import Notifying
import Providers
import Synchronization
import Tiers

/// The notifier's door for providers' callbacks: the listener, and what stands between it and the rules.
enum CallbackDoor {
  /// - Parameters:
  ///   - terms: by which links were made; nil: none were.
  ///   - conversations: by which Slack hears what came of a button.
  ///   - signing: what callbacks are verified with.
  static func open<Rules>(
    _ host: Host<Rules>, _ options: HostOptions, _ terms: AnsweringTerms?, _ conversations: Conversations,
    _ signing: CallbackSigning
  ) throws {
    guard let address = options.callbacks else { return }
    let log = host.log
    let box = Unowned(host)
    let refusals = RefusalLog(log)
    let slack = SlackFollowUp(conversations)
    let desk = CallbackDesk(
      url: options.callbackUrl.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? "",
      secrets: { provider, account in
        let routes = await withCheckedContinuation { then in box.value.routes { then.resume(returning: $0) } }
        return signing.secrets(routes, of: provider, account)
      },
      isSealed: { terms?.isSealed($0) ?? false },
      tell: { news in await withCheckedContinuation { then in box.value.hear(news) { then.resume(returning: $0) } } },
      followUp: { url, words, instead in
        slack.post(instead ? .instead(words) : .onlyForThem(words), to: url) {
          log.notice("Slack did not take what came of a button: \($0)")
        }
      },
      seconds: { Int64(time(nil)) },
      log: {
        refusals.note($0)
        box.value.unproven()
      })
    host.tallies.takesCallbacks()
    let listener = try CallbackRoutes(desk).listen(on: address)
    log.notice(
      "taking callbacks on port \(listener.port), for \(options.callbackUrl ?? "no --callback-url: nobody can answer")")
  }
}

/// Refused requests in the log: the first few, then one in a thousand, so that who floods the door doesn't flood the log.
final class RefusalLog: Sendable {
  private let log: Logger
  private let count = Mutex<UInt64>(0)

  init(_ log: Logger) {
    self.log = log
  }

  func note(_ words: String) {
    let number = count.withLock {
      $0 += 1
      return $0
    }
    guard number <= 20 || number % 1_000 == 0 else { return }
    log.warning("refused callback \(number): \(words)")
  }
}
