import ArgumentParser
import Bus
import Foundation
import Logging
import Machinery
import Messages
import Processes
import Tiers

/// Starts a tier and runs it until it is told to stop.
enum TierProgram {
  static func run<Rules>(
    _ tier: Tier<Rules>, _ options: HostOptions, deliver: Host<Rules>.Deliver? = nil,
    begun: @escaping @Sendable (Host<Rules>) throws -> Void = { _ in }
  ) throws {
    let log = logger(tier.name, options)
    try ProcessMemory.hide()
    ProcessEnd.flushesAtExit()
    OpenFiles.raise()
    let doors = try Doors(tier, options)
    // Somebody who accepts a loss has looked at why it ended.
    if !options.acceptLoss, let rest = EndRecord(directory: options.data).rest(at: TierClock.read(CLOCK_REALTIME)) {
      RestingTier.run(tier.name, options, doors, rest: rest, log: log)
    }
    let parts = try open(tier, options, log: log, deliver: deliver)
    let thread = PollThread(name: tier.name)
    let handed = parts
    thread.post {
      do {
        let (server, test) = try doors.open(on: thread)
        var clients: [Peer: CallClient] = [:]
        let peers = tier.neighbours
        // With several intakes there are more sockets than a thread may wait for, unless connections are looked at.
        var limits = CallClient.Limits()
        limits.hearsOfConnectionAtOnce = !peers.contains(.furtherIntake(2))
        for peer in peers {
          guard let endpoint = options.endpoint(of: peer) else { continue }
          do {
            let keys = try doors.keys.shown(to: peer)
            clients[peer] = try CallClient(on: thread, endpoint: endpoint, limits: limits, keys: keys)
          } catch  where tier.watches.contains(peer) {
            // What is only looked at from here keeps nobody from working.
            log.warning("\(peer) can't be looked after from here: \(error)")
          }
        }
        let host = Host(handed, server: server, clients: clients, keys: doors.keys, test: test)
        log.notice(
          "serving on \(server.endpoints.joined(separator: " and ")), version \(tocsinVersion), libzmq \(Context.version)"
        )
        if !doors.keys.areDemanded {
          log.warning("runs without keys: anybody on this machine may page and silence people")
        }
        host.tellOfOwnKey()
        stopOnSignals(host)
        try begun(host)
      } catch {
        log.critical("\(error)")
        ProcessEnd.now(78)
      }
    }
    while true { pause() }
  }

  /// A journal that can't be opened is an end too: three of them in ten minutes, and the tier rests.
  private static func open<Rules>(
    _ tier: Tier<Rules>, _ options: HostOptions, log: Logger, deliver: Host<Rules>.Deliver?
  ) throws -> HostParts<Rules> {
    do {
      return try HostParts(tier, options, log: log, deliver: deliver)
    } catch let failure as JournalFailure {
      if case .locked = failure { throw failure }
      EndRecord(directory: options.data).note(at: TierClock.read(CLOCK_REALTIME), because: failure.words)
      throw HostFailure(failure.words)
    }
  }

  static func logger(_ name: String, _ options: HostOptions) -> Logger {
    var log = Logger(label: name) { LogLines(label: $0, format: options.logFormat) }
    log.logLevel = Logger.Level(rawValue: options.logLevel) ?? .info
    return log
  }

  /// SIGTERM and SIGINT end a tier gently; nothing depends on it. Host and sources live as long as the process.
  private static func stopOnSignals<Rules>(_ host: Host<Rules>) {
    let box = Unowned(host)
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { box.thread.post { box.value.stop() } }
      source.resume()
      _ = Unmanaged.passRetained(source as AnyObject)
    }
    _ = Unmanaged.passRetained(host)
  }
}
