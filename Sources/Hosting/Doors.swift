import Bus
import Messages
import Processes
import Tiers
import Wire

/// The sockets that a tier binds: one for tiers and operators and, where strangers connect, one more for them, with an I/O
/// thread of its own. Called before any socket is opened.
struct Doors {
  let all: [CallServer.Door]
  let methods: [String: Bool]
  let keys: TierKeys

  init<Rules>(_ tier: Tier<Rules>, _ options: HostOptions) throws {
    guard !options.listen.isEmpty else { throw HostFailure("--listen names no endpoint to bind") }
    methods = Dictionary(uniqueKeysWithValues: tier.methodPaths.map { ($0, $0 == tier.watch?.path) })
      .merging(Host<Rules>.ownMethods) { own, _ in own }
    keys = try TierKeys(tier.name, options)
    var tiers = CallServer.Door("tiers", endpoints: options.listen, keys: keys.server)
    tiers.connections = ConnectionLimits(atMost: max(64, OpenFiles.most / 4))
    guard !options.listenSources.isEmpty else {
      all = [tiers]
      return
    }
    guard !tier.methodsForSources.isEmpty else { throw HostFailure("sources call nothing of \(tier.name)") }
    Context.ioThreads = 2
    let allowed = tier.methodsForSources.union([HealthMethods.check.path])
    var sources = CallServer.Door.strangers(
      "sources", endpoints: options.listenSources, methods: allowed, keys: keys.server)
    sources.connections = ConnectionLimits(atMost: max(64, OpenFiles.most / 2))
    all = [tiers, sources]
  }

  /// Open, and tested: a door that lets a stranger in is not served. One that nobody answers at in time is told of by health.
  func open(on thread: PollThread) throws -> (server: CallServer, test: SelfTest) {
    let server = try CallServer(on: thread, doors: all, methods: methods)
    let test = server.selfTest
    if let breach = test.run().breach { throw HostFailure(breach) }
    test.goOn(everySeconds: 5)
    return (server, test)
  }
}
