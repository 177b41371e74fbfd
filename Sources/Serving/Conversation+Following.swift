import NIOCore
import NIOHTTP1

/// An answer without end: what a feed tells, until the reader goes, is too slow, has listened long enough, or the server stops.
extension Conversation {
  /// What is followed, and when it must be shown next that the connection is alive.
  struct Following {
    var feed: EventFeed
    var number: UInt64
    var beat: NIODeadline
    /// When news may be told next.
    var tells: NIODeadline
  }

  /// False: the feed has as many readers as it may have.
  func follow(_ feed: EventFeed, _ answer: WebAnswer, on context: ChannelHandlerContext) -> Bool {
    let loop = context.eventLoop
    let bound = NIOLoopBound(self, eventLoop: loop)
    guard let number = feed.join({ loop.execute { bound.value.tell() } }) else { return false }
    following = Following(feed: feed, number: number, beat: .now() + Self.beatsEvery, tells: .now())
    var head = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields(of: answer))
    head.headers.replaceOrAdd(name: "Content-Type", value: "text/event-stream")
    head.headers.add(name: "X-Accel-Buffering", value: "no")
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    pass(Array(": here\n\n".utf8))
    return true
  }

  private static let beatsEvery = TimeAmount.seconds(15)

  /// What has happened, now or when it may be told.
  private func tell() {
    guard let now = following, let context else { return }
    guard now.tells <= .now() else {
      let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(deadline: now.tells) { bound.value.tell() }
      return
    }
    let news = now.feed.take(now.number)
    guard !news.isEmpty else { return }
    following?.tells = .now() + .milliseconds(parts.limits.tellsEvery.milliseconds)
    pass(news)
  }

  /// Whoever takes too little is cut off: the bytes would pile up here.
  private func pass(_ bytes: [UInt8]) {
    guard following != nil, let context else { return }
    guard context.channel.isWritable else { return context.close(promise: nil) }
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
  }

  /// - Returns: whether it goes on.
  func keepFollowing(isOver: Bool) -> Bool {
    guard let now = following else { return false }
    guard !isOver else {
      stopFollowing()
      return false
    }
    guard now.beat <= .now() else { return true }
    following?.beat = .now() + Self.beatsEvery
    // Noted when the other end is gone without a word.
    pass(Array(": still here\n\n".utf8))
    return true
  }

  func stopFollowing() {
    guard let one = following else { return }
    one.feed.leave(one.number)
    following = nil
  }
}
