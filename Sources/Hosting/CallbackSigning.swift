import Logging
import Messages
import Notifying
import Providers

/// What providers sign their callbacks with, as files hold it. Where there is nothing to verify them with they would all be refused, so
/// that pages don't offer to be answered that way, and whoever reads the log is told once.
final class CallbackSigning: Sendable {
  private let unreadable: ChangedWords

  init(_ log: Logger) {
    unreadable = ChangedWords { log.error("\($0)") }
  }

  init(_ unreadable: ChangedWords) {
    self.unreadable = unreadable
  }

  /// Of each route that names a provider and, unless empty, this account, what can be read.
  func secrets(_ routes: [ChannelRoute], of provider: String, _ account: String = "") -> [String] {
    let files = Set(
      routes.filter { $0.provider == provider && (account.isEmpty || $0.account == account) }.compactMap(Self.file))
    return files.sorted().compactMap { secret(in: $0, of: provider) }
  }

  /// Whether what comes back by a route can be verified. Of channels whose answers need no provider's word, such as links: always.
  ///
  /// Asked on the notifier's loop for each page: a file that is as it was is not read again (`SecretFile`).
  func verifies(_ route: ChannelRoute) -> Bool {
    guard let file = Self.file(route) else { return true }
    return secret(in: file, of: route.provider) != nil
  }

  /// nil: its callbacks aren't signed, or there is no file for that.
  private static func file(_ route: ChannelRoute) -> String? {
    switch ProviderKind(rawValue: route.provider) {
    case .twilio: route.signingFile.isEmpty ? route.secretFile : route.signingFile
    case .slack: route.signingFile.isEmpty ? nil : route.signingFile
    default: nil
    }
  }

  private func secret(in file: String, of provider: String) -> String? {
    do {
      let secret = try SecretFile.text(file)
      guard provider != ProviderKind.twilio.rawValue || !TwilioProvider.isAPIKey(secret) else {
        unreadable.note(
          "callbacks of \(provider) can't be verified: \(file) holds an API key, and Twilio signs with the account's token: write "
            + "that into a file of its own and name it as signing-file; until then no page offers an answer by SMS or call",
          of: file)
        return nil
      }
      unreadable.note("", of: file)
      return secret
    } catch {
      unreadable.note("callbacks of \(provider) can't be verified: \(error)", of: file)
      return nil
    }
  }
}

extension Attempt {
  /// As it is sent: it offers no answer where none could be verified, and asks for no reports.
  func asSent(_ signing: CallbackSigning) -> Attempt {
    callbackURL.isEmpty || signing.verifies(route) ? self : withoutCallbacks
  }
}
