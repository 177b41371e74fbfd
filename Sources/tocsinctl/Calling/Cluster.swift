import Bus
import Foundation
import Messages
import Wire

/// The four tiers as something to call: opens a connection to a tier when it is first needed.
actor Cluster {
  private let endpoints: [Tier: String]
  let timeout: Span
  /// In the order of their numbers; one, where nothing else is said.
  nonisolated let intakes: [Tier]
  /// Which of them the next report goes to first, counted on and on.
  var reporting = 0
  /// A file with one's own key; nil where a cluster runs without.
  private let key: String?
  private var clients: [Tier: Connection] = [:]

  init(endpoints: [Tier: String], timeout: Span, key: String?) {
    self.key = key
    self.endpoints = endpoints
    self.timeout = timeout
    intakes = endpoints.keys.filter { $0.peer.intakeNumber != nil }
      .sorted { ($0.peer.intakeNumber ?? 0) < ($1.peer.intakeNumber ?? 0) }
    // Of several intakes each has a thread of its own: the one whose name can't be found must not keep the next waiting.
    if intakes.count > 1 { Context.ioThreads = 1 + intakes.count }
  }

  /// All that can be asked, in the order in which an alert passes them.
  nonisolated var tiers: [Tier] { intakes + Tier.allCases.filter { $0 != .intake } }

  func call<Request, Reply>(
    _ tier: Tier, _ method: Method<Request, Reply>, _ request: Request, timeout: Span? = nil
  ) async throws -> Reply {
    let client = try self.client(tier)
    return try await call(client, tier, method, request, timeout: timeout ?? self.timeout, key: IdempotencyKey.make())
  }

  /// With a key of the caller's: the same call, whichever of several intakes gets it.
  func call<Request, Reply>(
    _ tier: Tier, _ method: Method<Request, Reply>, _ request: Request, timeout: Span, key: [UInt8]
  ) async throws(Refusal) -> Reply {
    let client: Connection
    do {
      client = try self.client(tier)
    } catch {
      throw Refusal(.failedPrecondition, "\(error)")
    }
    return try await call(client, tier, method, request, timeout: timeout, key: key)
  }

  private func call<Request, Reply>(
    _ client: Connection, _ tier: Tier, _ method: Method<Request, Reply>, _ request: Request, timeout: Span,
    key: [UInt8]
  ) async throws(Refusal) -> Reply {
    do throws(Refusal) {
      return try await client.call(method, request, timeout: timeout, identity: .key(key))
    } catch {
      throw naming(tier, error)
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
    guard endpoints[tier] != nil else {
      throw WrongInput(
        "the address of \(tier.name) is not known: name each of several intakes with --intake, or in TOCSIN_INTAKE")
    }
    var limits = CallClient.Limits()
    limits.endsWhenRefused = true
    if intakes.count > 1 { limits.ioThread = intakes.firstIndex(of: tier).map { $0 + 1 } ?? 0 }
    let client = try Connection(
      on: PollThread(name: tier.name), endpoint: endpoints[tier] ?? "", limits: limits, keys: try keys(for: tier))
    clients[tier] = client
    return client
  }

  private func keys(for tier: Tier) throws(KeyFileError) -> ClientKeys? {
    guard let key else { return nil }
    let directory = KeyDirectory(URL(fileURLWithPath: key).deletingLastPathComponent().path)
    let own = try SecretKeyFile.read(key)
    guard let server = try directory.tiers()[tier.keyName] else {
      throw KeyFileError(directory.tiersPath, "has no key of \(tier.keyName)")
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
