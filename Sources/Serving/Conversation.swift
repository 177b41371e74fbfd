import Messages
import NIOCore
import NIOHTTP1

/// One connection: takes a request, has it answered, rests until the next. Whatever takes too long or too much ends it here.
///
/// The pipeline lets the next request through only when the one before is answered.
final class Conversation: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// resting → reading → waiting → writing → resting …; following until its end; draining and then the end, where it can't go on.
  private enum Phase { case resting, reading, waiting, writing, following, draining }

  let parts: ServerParts
  /// What stands before the HTTP handlers.
  weak var front: HeadGuard?
  private var phase = Phase.resting
  /// Nil for one that found no room.
  private var number: UInt64?
  /// The address of the other end.
  private var from = ""
  private(set) var context: ChannelHandlerContext?
  /// The feed that is listened to.
  var following: Following?
  private var due = NIODeadline.distantFuture
  private var ticking: RepeatedTask?

  /// Bytes since the last request's end that have not become a head yet.
  private(set) var headBytes = 0
  private var head: WebHead?
  private var bodyAtMost = 0
  private var isKnown = false
  private var body: [UInt8] = []
  private var held = 0
  private var staysOpen = false
  /// Its side of the connection is closed.
  private var hasSaidAll = false
  private var exchange: UInt64 = 0
  private var bodyDue = NIODeadline.distantFuture

  init(_ parts: ServerParts) {
    self.parts = parts
  }

  // MARK: The connection

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    from = context.channel.remoteAddress?.ipAddress ?? ""
    number = parts.crowd.enter(context.channel)
    wait(parts.limits.headWithin)
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    ticking = context.eventLoop.scheduleRepeatedTask(
      initialDelay: .milliseconds(500), delay: .milliseconds(500)
    ) { _ in bound.value.tick() }
    context.fireChannelActive()
    if number == nil { refuse(.crowded) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    ticking?.cancel()
    giveBack()
    parts.crowd.leave(number)
    stopFollowing()
    exchange += 1
    self.context = nil
    context.fireChannelInactive()
  }

  /// The caller has said all that it will. What it asked is answered still; it may be waiting for just that.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    hasSaidAll = true
    switch phase {
    case .resting where headBytes == 0: context.close(promise: nil)
    case .resting, .reading: refuse(.malformed)
    case .waiting, .writing: staysOpen = false
    case .following, .draining: context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error as? HTTPParserError {
    case .headerOverflow?: refuse(.headTooLarge)
    case _?: refuse(.malformed)
    case nil: context.close(promise: nil)
    }
  }

  private func wait(_ span: Span) { due = .now() + .milliseconds(span.milliseconds) }

  private func tick() {
    if phase == .following, !keepFollowing(isOver: parts.isStopping || due <= .now()) { return endFollowing() }
    guard phase != .following, due <= .now() else { return }
    switch phase {
    case .resting where headBytes == 0, .writing, .draining, .following: context?.close(promise: nil)
    case .resting, .reading: refuse(.tooSlow)
    case .waiting: refuse(.unanswered)
    }
  }

  // MARK: A request arrives

  func bytesArrived(_ count: Int) {
    guard phase == .resting else { return }
    if headBytes == 0 { wait(parts.limits.headWithin) }
    headBytes += count
  }

  func headIsTooLarge() { refuse(.headTooLarge) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head)
    case .body(let bytes): take(bytes)
    case .end: end()
    }
  }

  private func begin(_ given: HTTPRequestHead) {
    guard phase == .resting else { return }
    isKnown = false
    // Who sends requests without taking the answers of those before would have them pile up here.
    guard context?.channel.isWritable ?? false else { return context?.close(promise: nil) ?? () }
    if let number { parts.crowd.works(number) }
    headBytes = 0
    staysOpen = given.isKeepAlive && !parts.isStopping
    var head = WebHead(given)
    head.from = from
    self.head = head
    phase = .reading
    wait(parts.limits.bodyWithin)
    bodyDue = due
    switch parts.answering.admits(head) {
    case .refused(let answer):
      staysOpen = false
      say(answer)
    case .body(let atMost, let isKnown):
      bodyAtMost = atMost
      self.isKnown = isKnown
      if !isKnown, let number, let channel = context?.channel { parts.crowd.isStranger(number, channel) }
      guard let declared = Self.length(given) else { return refuse(.malformed) }
      guard declared <= atMost else { return refuse(.bodyTooLarge(atMost: atMost)) }
      body.reserveCapacity(min(declared, 64 * 1_024))
      // Which of them arrives piece by piece says nothing of its length.
      let hasBody = declared > 0 || !head.header("transfer-encoding").isEmpty
      if head.header("expect").lowercased() == "100-continue", hasBody {
        context?.writeAndFlush(
          wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
      }
    }
  }

  /// Nil when it says something else than one number.
  private static func length(_ head: HTTPRequestHead) -> Int? {
    let given = head.headers["content-length"]
    guard !given.isEmpty else { return 0 }
    return given.count == 1 ? Int(given[0]) : nil
  }

  private func take(_ bytes: ByteBuffer) {
    guard phase == .reading else { return }
    guard body.count + bytes.readableBytes <= bodyAtMost else { return refuse(.bodyTooLarge(atMost: bodyAtMost)) }
    guard parts.room.take(bytes.readableBytes, whole: body.count + bytes.readableBytes, isKnown: isKnown) else {
      return refuse(.crowded)
    }
    held += bytes.readableBytes
    body.append(contentsOf: bytes.readableBytesView)
    // A large body may take longer, as long as it gets on.
    due = bodyDue + .seconds(Int64(body.count / parts.limits.bodyBytesPerSecond))
  }

  private func end() {
    guard phase == .reading, let head, let context else { return }
    phase = .waiting
    wait(parts.limits.answersWithin)
    // Whoever has said all of it is waited for, known or not: they would say it again.
    if let number { parts.crowd.works(number) }
    exchange += 1
    let request = WebRequest(head, body: body)
    body = []
    let (asked, loop) = (exchange, context.eventLoop)
    let bound = NIOLoopBound(self, eventLoop: loop)
    parts.answering.answers(request) { answer in
      // Never at once: an answer lets the next request in, and a thousand of those would be a thousand calls deep.
      loop.execute { bound.value.answered(asked, answer) }
    }
  }

  private func answered(_ asked: UInt64, _ answer: WebAnswer) {
    guard asked == exchange, phase == .waiting else { return }
    guard let feed = answer.feed, let context, head?.method == "GET", !parts.isStopping else {
      var answer = answer
      answer.feed = nil
      return say(answer)
    }
    staysOpen = false
    guard follow(feed, answer, on: context) else { return refuse(.crowded) }
    phase = .following
    exchange += 1
    giveBack()
    wait(parts.limits.followsFor)
  }

  // MARK: Its answer

  /// In the words of its path; the connection ends, because nobody knows where its next request would begin.
  private func refuse(_ fault: Answering.Fault) {
    guard phase == .resting || phase == .reading || phase == .waiting else { return }
    if let number { parts.crowd.works(number) }
    parts.faults.withLock { $0[fault.kind, default: 0] += 1 }
    staysOpen = false
    say(parts.answering.complains(fault, head))
  }

  private func say(_ answer: WebAnswer) {
    guard let context else { return }
    let isWhole = phase == .waiting
    let isUnasked = phase == .resting
    phase = .writing
    // Who takes an answer slowly, or doesn't go after it, holds a place.
    if !isKnown, let number { parts.crowd.isStranger(number, context.channel) }
    wait(parts.limits.takesWithin)
    exchange += 1
    if parts.isStopping { staysOpen = false }
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: fields(of: answer))
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    guard !isUnasked else {
      let answered = exchange
      front?.say(Self.text(head, answer.body))?.whenComplete { _ in bound.value.said(isWhole, answered) }
      return
    }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if self.head?.method != "HEAD", !answer.body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
    }
    giveBack()
    if staysOpen {
      // Before its last part is written: that lets a request in which has arrived meanwhile.
      phase = .resting
      headBytes = 0
      self.head = nil
    }
    let answered = exchange
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.said(isWhole, answered) }
  }

  /// Whoever follows is told to come again, as browsers do by themselves.
  private func endFollowing() {
    phase = .draining
    wait(.seconds(2))
    guard let context else { return }
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      bound.value.context?.close(mode: .output, promise: nil)
    }
  }

  func fields(of answer: WebAnswer) -> HTTPHeaders {
    var fields = HTTPHeaders()
    // What has no body by its status, or no end, says nothing of its length either.
    if answer.feed == nil, answer.status != 204, answer.status != 304 {
      fields.add(name: "Content-Length", value: "\(answer.body.count)")
    }
    if !answer.mediaType.isEmpty { fields.add(name: "Content-Type", value: answer.mediaType) }
    if answer.headers["Cache-Control"] == nil { fields.add(name: "Cache-Control", value: "no-store") }
    fields.add(name: "X-Content-Type-Options", value: "nosniff")
    if !staysOpen { fields.add(name: "Connection", value: "close") }
    for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) { fields.add(name: name, value: value) }
    return fields
  }

  /// An answer to what is no request.
  private static func text(_ head: HTTPResponseHead, _ body: [UInt8]) -> String {
    let lines =
      ["HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)"] + head.headers.map { "\($0.name): \($0.value)" }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + String(decoding: body, as: UTF8.self)
  }

  /// The caller has taken an answer, as far as is known here.
  private func said(_ isWhole: Bool, _ answered: UInt64) {
    guard let context, answered == exchange else { return }
    if phase == .resting {
      if let number { parts.crowd.rests(number, context.channel) }
      if headBytes == 0 { wait(parts.limits.restsWithin) }
      if parts.isStopping { context.close(promise: nil) }
    } else if phase == .writing {
      giveBack()
      head = nil
      // What has not been read would make the system reset the connection before the answer has arrived.
      guard !hasSaidAll, number != nil else { return context.close(promise: nil) }
      phase = .draining
      if let number { parts.crowd.rests(number, context.channel) }
      wait(isWhole ? .seconds(1) : .seconds(2))
      context.close(mode: .output, promise: nil)
    }
  }

  private func giveBack() {
    parts.room.giveBack(held, isKnown: isKnown)
    held = 0
    body = []
  }
}

extension Answering.Fault {
  /// Its name in figures and in the log.
  public var kind: String {
    switch self {
    case .malformed: "malformed"
    case .headTooLarge: "head_too_large"
    case .bodyTooLarge: "body_too_large"
    case .tooSlow: "too_slow"
    case .crowded: "crowded"
    case .unanswered: "unanswered"
    }
  }
}

extension WebHead {
  init(_ head: HTTPRequestHead) {
    let question = head.uri.firstIndex(of: "?")
    self.init(
      head.method.rawValue, String(head.uri[..<(question ?? head.uri.endIndex)]),
      query: question.map { String(head.uri[head.uri.index(after: $0)...]) } ?? "")
    for (name, value) in head.headers {
      let name = name.lowercased()
      headers[name] = headers[name].map { "\($0), \(value)" } ?? value
    }
  }
}
