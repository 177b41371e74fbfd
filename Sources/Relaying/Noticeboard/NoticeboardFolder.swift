import Bus
import Messages
import Subscribing

/// What the gateway's folder has for what it may show: its own key, by which keys tiers are known, and which calendar addresses were
/// given out.
struct NoticeboardFolder: Sendable {
  let path: String
  let hasKeys: Bool

  var keys: LineKeys { .noticeboard(path, hasKeys: hasKeys) }

  func subscriptions() throws(RelayFailure) -> Subscriptions {
    do throws(KeyFileError) {
      return try SubscriptionFile(in: path).read()
    } catch {
      throw RelayFailure("\(error)")
    }
  }
}
