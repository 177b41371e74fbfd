import Bus
import Messages
import Subscribing
import Synchronization

/// Who may report now, found by the key that they show, and the way to intake that each of them has.
final class Integrations: Sendable {
  private struct Known {
    var byKey: [SecretDigest: String] = [:]
    var all: [String: Integration] = [:]
    /// Kept for good, also when a source's key here is gone: what is under way goes on, and connections can't be ended.
    var publishers: [String: (publisher: Publisher, key: PublicKey?)] = [:]
  }
  private let known = Mutex(Known())
  private let connect: @Sendable (Integration) throws(RelayFailure) -> Publisher

  /// - Parameter connect: makes a source's connections to intake.
  init(connect: @escaping @Sendable (Integration) throws(RelayFailure) -> Publisher) {
    self.connect = connect
  }

  /// From now on these and no others.
  func set(_ integrations: [Integration]) throws(RelayFailure) {
    var next = known.withLock { $0 }
    next.byKey = [:]
    next.all = [:]
    for integration in integrations {
      next.all[integration.source] = integration
      for key in integration.keys { next.byKey[key] = integration.source }
      let now = next.publishers[integration.source]
      guard now == nil || now?.key != integration.pair?.publicKey else { continue }
      next.publishers[integration.source] = (try connect(integration), integration.pair?.publicKey)
    }
    let made = next
    known.withLock { $0 = made }
  }

  func named(by key: some StringProtocol) -> Integration? {
    let digest = SecretDigest(of: key)
    return known.withLock { known in known.byKey[digest].flatMap { known.all[$0] } }
  }

  func publisher(of integration: Integration) -> Publisher? {
    known.withLock { $0.publishers[integration.source]?.publisher }
  }

  var names: [String] { known.withLock { $0.all.keys.sorted() } }
}
