import Bus
import Foundation
import Messages
import Wire

/// The four tiers as something to call: opens a connection to a tier when it is first needed.
actor Cluster {
  private let endpoints: [Tier: String]
  private let timeout: Span
  /// A file with one's own key; nil where a cluster runs without.
  private let key: String?
  private var clients: [Tier: Connection] = [:]

  init(endpoints: [Tier: String], timeout: Span, key: String?) {
    self.key = key
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
    var limits = CallClient.Limits()
    limits.endsWhenRefused = true
    let client = try Connection(
      on: PollThread(name: tier.name), endpoint: endpoints[tier] ?? "", limits: limits, keys: try keys(for: tier))
    clients[tier] = client
    return client
  }

  private func keys(for tier: Tier) throws(KeyFileError) -> ClientKeys? {
    guard let key else { return nil }
    let directory = KeyDirectory(URL(fileURLWithPath: key).deletingLastPathComponent().path)
    let own = try SecretKeyFile.read(key)
    guard let server = try directory.tiers()[tier.name] else {
      throw KeyFileError(directory.tiersPath, "has no key of \(tier.name)")
    }
    return ClientKeys(own: own, server: server)
  }

  /// "no answer" means more when it says whose.
  private func naming(_ tier: Tier, _ refusal: Refusal) -> Refusal {
    guard Failure(refusal.status) == .unavailable else { return refusal }
    var refusal = refusal
    refusal.message = "\(tier.name) at \(endpoints[tier] ?? ""): \(refusal.message)"
    return refusal
  }
}
