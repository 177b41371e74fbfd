import Bus
import Messages
import Wire

/// The four tiers as something to call: opens a connection to a tier when it is first needed.
actor Cluster {
  private let endpoints: [Tier: String]
  private let timeout: Span
  private var clients: [Tier: Connection] = [:]

  init(endpoints: [Tier: String], timeout: Span) {
    self.endpoints = endpoints
    self.timeout = timeout
  }

  func call<Request, Reply>(
    _ tier: Tier, _ method: Method<Request, Reply>, _ request: Request, timeout: Span? = nil
  ) async throws -> Reply {
    do {
      return try await client(tier).call(
        method, request, timeout: timeout ?? self.timeout, identity: .key(IdempotencyKey.make()))
    } catch let refusal as Refusal {
      throw naming(tier, refusal)
    }
  }

  /// A call in bytes, for a method that is known by name only.
  func raw(_ tier: Tier, _ path: String, _ request: [UInt8]) async throws -> [UInt8] {
    do {
      return try await client(tier).raw(path, request, timeout: timeout, identity: .key(IdempotencyKey.make()))
    } catch let refusal as Refusal {
      throw naming(tier, refusal)
    }
  }

  func rawStream(
    _ tier: Tier, _ path: String, _ request: [UInt8]
  ) throws -> AsyncThrowingStream<[UInt8], any Error> {
    try client(tier).rawStream(path, request)
  }

  func stream<Request, Reply>(
    _ tier: Tier, _ method: Method<Request, Reply>, _ request: Request
  ) async throws -> AsyncThrowingStream<Reply, any Error> {
    try client(tier).stream(method, request)
  }

  private func client(_ tier: Tier) throws -> Connection {
    if let client = clients[tier] { return client }
    let client = try Connection(on: PollThread(name: tier.name), endpoint: endpoints[tier] ?? "")
    clients[tier] = client
    return client
  }

  /// "no answer" means more when it says whose.
  private func naming(_ tier: Tier, _ refusal: Refusal) -> Refusal {
    guard Failure(refusal.status) == .unavailable else { return refusal }
    var refusal = refusal
    refusal.message = "\(tier.name) at \(endpoints[tier] ?? ""): \(refusal.message)"
    return refusal
  }
}
