import Bus
import Logging
import Messages
import Synchronization
import Wire

/// The gateway's connection to a tier in one of its own names: to show what anybody may see, or to act for who has signed in. It follows
/// the keys of that name.
final class TierLine: Sendable {
  private struct State {
    var connection: Connection?
    var own: PublicKey?
    /// Which connection's word counts.
    var number = 0
    var isUp = false
    var refusedWith = ""
  }
  private let tier: String
  private let endpoint: String
  private let keys: LineKeys
  private let log: Logger
  private let state = Mutex(State())

  init(_ tier: String, _ endpoint: String, keys: LineKeys, log: Logger) {
    self.tier = tier
    self.endpoint = endpoint
    self.keys = keys
    self.log = log
  }

  /// Whether the tier can be reached, as far as is known here.
  var isUp: Bool { state.withLock { $0.isUp } }

  /// - Throws: UNAVAILABLE while there is no key.
  var connection: Connection {
    get throws(Refusal) {
      guard let connection = state.withLock({ $0.connection }) else {
        throw Refusal(.unavailable, "the gateway has no key with the role \(keys.role) yet")
      }
      return connection
    }
  }

  /// Another connection where its own key is another; the one before goes on for what it has under way. The tier's holds from when it
  /// can't be reached by the one before.
  ///
  /// - Throws: what is wrong with the keys, or the endpoint.
  func look() throws(RelayFailure) {
    let keys = try keys.keys(for: tier)
    let next: Int? = state.withLock { state in
      if let connection = state.connection, state.own == keys?.own.publicKey {
        if let server = keys?.server { connection.expect(server) }
        return nil
      }
      state.own = keys?.own.publicKey
      state.isUp = false
      state.refusedWith = ""
      state.number += 1
      return state.number
    }
    guard let number = next else { return }
    let connection = try open(number, keys)
    state.withLock { if $0.number == number { $0.connection = connection } }
  }

  private func open(_ number: Int, _ keys: ClientKeys?) throws(RelayFailure) -> Connection {
    var limits = CallClient.Limits()
    limits.endsWhenRefused = true
    limits.waiting = 10_000
    do throws(ZeroMQError) {
      return try Connection(
        on: PollThread(name: "to-\(tier.prefix(9))"), endpoint: endpoint, limits: limits, keys: keys,
        onConnection: { [self] isUp in
          let isNewest = change(number) {
            $0.isUp = isUp
            if isUp { $0.refusedWith = "" }
            return true
          }
          if isNewest { log.notice("\(self.keys.purpose): \(tier) \(isUp ? "is there" : "can't be reached")") }
        },
        onRefusal: { [self] words in
          // It knocks again each second.
          let isNews = change(number) { state in
            defer { state.refusedWith = words }
            return state.refusedWith != words
          }
          if isNews { log.error("\(self.keys.purpose): \(tier) refuses: \(words)") }
        })
    } catch {
      throw RelayFailure("\(endpoint): \(error)")
    }
  }

  /// False where a newer connection is there.
  private func change(_ number: Int, _ change: (inout State) -> Bool) -> Bool {
    state.withLock { $0.number == number && change(&$0) }
  }

  /// One question, for whoever doesn't wait in a task.
  ///
  /// - Parameter patience: so long at most is waited for a tier that hangs.
  func ask<Request, Response>(
    _ method: Method<Request, Response>, _ request: Request, patience: Span,
    then: @escaping @Sendable (Result<Response, Refusal>) -> Void
  ) {
    let connection: Connection
    do throws(Refusal) { connection = try self.connection } catch { return then(.failure(error)) }
    connection.callAll(method.path, [request.encoded()], timeout: patience) { results in
      switch results.first {
      case .success(let bytes)?:
        do throws(WireError) {
          then(.success(try Response(decoding: bytes)))
        } catch {
          then(.failure(Refusal(.internal, "the answer can't be read: \(error.refusal.message)")))
        }
      case .failure(let refusal)?: then(.failure(refusal))
      case nil: then(.failure(Refusal(.internal, "there was no answer")))
      }
    }
  }
}
