import NIOCore
import NIOHTTP1
import NIOPosix

/// Takes HTTP/1.1 on a port, within fixed bounds of size, time and number, and has each request answered.
///
/// swift-nio by itself, and no framework on top: those at hand bound neither the bytes of all bodies together nor the time that a head
/// may take, and would be compiled anew in each build.
public final class Server: Sendable {
  /// As it was bound: with the port that the system chose, if none was given.
  public let port: UInt16
  private let parts: ServerParts
  private let channel: any Channel
  private let group: MultiThreadedEventLoopGroup

  /// - Parameters:
  ///   - address: "127.0.0.1:7106" or "[::1]:7106"; a port of 0 lets the system choose.
  ///   - threads: how many share the connections.
  ///   - identity: with it nothing but TLS is spoken.
  /// - Throws: `ServingFailure`, with words that say why it can't be bound.
  public init(
    _ address: String, limits: ServingLimits = ServingLimits(), threads: Int = min(4, System.coreCount),
    identity: TLSIdentity? = nil, answering: Answering
  ) throws(ServingFailure) {
    let place = try SocketPlace(address)
    let parts = ServerParts(limits, answering)
    self.parts = parts
    group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = limits.headBytes
    decoding.maxHeaderListSize = limits.headBytes
    decoding.maxHeaderFieldCount = limits.headerFields
    let bounds = decoding
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      // At the level of TCP: at that of sockets the same number is another option, which needs privileges that a container lacks.
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let conversation = Conversation(parts)
          let pipeline = channel.pipeline.syncOperations
          let front = HeadGuard(conversation, bytesAtMost: limits.headBytes)
          conversation.front = front
          if let identity { try pipeline.addHandler(identity.handler()) }
          try pipeline.addHandler(front)
          try pipeline.configureHTTPServerPipeline(
            withErrorHandling: false, withEncoderConfiguration: .init(), withDecoderLimitConfiguration: bounds)
          try pipeline.addHandler(conversation)
        }
      }
    do {
      channel = try bootstrap.bind(host: place.host, port: Int(place.port)).wait()
    } catch {
      try? group.syncShutdownGracefully()
      throw ServingFailure("can't listen on \(address): \(error)")
    }
    port = UInt16(channel.localAddress?.port ?? 0)
  }

  /// Takes no new connections, and ends each that is there when its request is answered. Until then there are `connections`.
  public func stop() {
    channel.close(promise: nil)
    parts.stop()
  }

  // MARK: Figures

  public var connections: Int { parts.crowd.count }
  public var connectionsSentAway: UInt64 { parts.crowd.sentAway }
  public var connectionsTurnedAway: UInt64 { parts.crowd.turnedAway }
  /// Of bodies that aren't answered.
  public var bodyBytes: Int { parts.room.bytesTaken }
  /// How often each kind of fault was complained about, since the start.
  public var faults: [String: UInt64] { parts.faults.withLock { $0 } }
}
