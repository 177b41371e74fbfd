import NIOCore

/// Counts the bytes of a request's head before anything reads them, so that a head without end is cut off wherever its bytes go:
/// the decoder bounds header fields, not a request line.
final class HeadGuard: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  typealias OutboundOut = ByteBuffer

  private let conversation: Conversation
  private let bytesAtMost: Int
  private var context: ChannelHandlerContext?

  init(_ conversation: Conversation, bytesAtMost: Int) {
    self.conversation = conversation
    self.bytesAtMost = bytesAtMost
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Says something past the HTTP handlers, which take an answer only to a request that they have understood.
  func say(_ text: String) -> EventLoopFuture<Void>? {
    guard let context else { return nil }
    return context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data).readableBytes
    // The decoder goes first: what arrives together with the end of a head may be its body.
    conversation.bytesArrived(bytes)
    context.fireChannelRead(data)
    if conversation.headBytes > bytesAtMost { conversation.headIsTooLarge() }
  }
}
