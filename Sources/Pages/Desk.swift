import Messages
import Wire

/// The tiers, as far as the pages ask them: each call with the key of the pages, in the name of whoever its request names.
public struct Desk: Sendable {
  /// A call, in bytes; repeats within its time are the same call, and so are all of one key.
  public typealias Call =
    @Sendable (_ peer: Peer, _ path: String, _ payload: [UInt8], _ key: DeedKey?) async -> Result<[UInt8], Refusal>

  private let call: Call

  public init(call: @escaping Call) {
    self.call = call
  }

  /// - Parameter key: what makes it the same call when it is asked again; nil: each is one of its own.
  func ask<Request, Reply>(
    _ peer: Peer, _ method: Method<Request, Reply>, _ request: Request, as key: DeedKey? = nil
  ) async throws(Refusal) -> Reply {
    let bytes = try await call(peer, method.path, request.encoded(), key).get()
    do throws(WireError) {
      return try Reply(decoding: bytes)
    } catch {
      throw Refusal(.internal, "the answer of \(peer) can't be read: \(error.refusal.message)")
    }
  }

  /// The same as a value: one part of a page that can't be told now leaves the others as they are.
  func part<Request, Reply>(
    _ peer: Peer, _ method: Method<Request, Reply>, _ request: Request
  ) async -> Result<Reply, Refusal> {
    do throws(Refusal) {
      return .success(try await ask(peer, method, request))
    } catch {
      return .failure(error)
    }
  }
}
