import CCurl
import Foundation
import Messages
import Synchronization

/// Hundreds of HTTP conversations at once on one thread of their own (libcurl's multi interface): none waits for another of a
/// different host. All HTTP providers of a notifier share them. The notifier begins no more at a host than this takes
/// (`ProviderKind.underWayAtMost`); what comes besides, such as news of a thread's head, waits in its `HostLine`.
public final class Conversations: @unchecked Sendable {
  // Sendable because `running`, `lines` and `multi` are touched by the one thread only; `curl_multi_wakeup` may be called
  // from any.

  private final class Running {
    let easy: UnsafeMutableRawPointer
    var headers: UnsafeMutablePointer<curl_slist>?
    let request: Conversation
    let sockets: OpenedSockets
    /// Names that are resolved already, in tests.
    var resolved: UnsafeMutablePointer<curl_slist>?
    let body: UnsafeMutablePointer<CChar>
    let then: @Sendable (Conversation.End) -> Void
    var answer: [UInt8] = []
    var answerHead = AnswerHead()
    private var given = 0
    /// Whether the whole request has left, as far as can be told.
    var isGiven: Bool { given == request.body.count }

    init(
      _ easy: UnsafeMutableRawPointer, _ request: Conversation, _ reach: Reach,
      _ then: @escaping @Sendable (Conversation.End) -> Void
    ) {
      self.easy = easy
      self.request = request
      sockets = OpenedSockets(reach)
      self.then = then
      body = .allocate(capacity: max(1, request.body.count))
      request.body.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { UnsafeMutableRawPointer(body).copyMemory(from: base, byteCount: bytes.count) }
      }
    }

    func give(to buffer: UnsafeMutablePointer<CChar>, atMost room: Int) -> Int {
      let count = min(room, request.body.count - given)
      UnsafeMutableRawPointer(buffer).copyMemory(from: body + given, byteCount: count)
      given += count
      return count
    }

    deinit {
      curl_easy_cleanup(easy)
      curl_slist_free_all(headers)
      curl_slist_free_all(resolved)
      body.deallocate()
    }
  }

  static let answerBytes = 64 * 1_024
  static let perHost = ProviderKind.webhook.underWayAtMost
  /// A provider that names a day in another century is asked again within a month.
  static let longestRetryAfterSeconds: Int64 = 31 * 86_400
  private typealias Talk = (request: Conversation, then: @Sendable (Conversation.End) -> Void)
  private static let afterBusy = Span.seconds(5)
  private let multi: UnsafeMutableRawPointer
  private let totalTimeout: Span
  private let authorities: String?
  private let reach: Reach
  private let resolving: @Sendable () -> [String]
  private let inbox = Mutex<[Talk]>([])
  private var lines: [String: HostLine<Talk>] = [:]
  private var running: [UnsafeMutableRawPointer: Running] = [:]

  /// - Parameter totalTimeout: how long one request may take in all.
  /// - Parameter authorities: a folder of those that the machine trusts (`Authorities.swift`); nil: its own.
  /// - Parameter reach: where sockets may be connected to.
  public convenience init(
    totalTimeout: Span = .seconds(10), authorities: String? = nil, reach: Reach = .outwards
  ) throws {
    try self.init(totalTimeout: totalTimeout, authorities: authorities, reach: reach) { [] }
  }

  /// libcurl's, for posture reports.
  public static var libraryVersion: String { String(cString: curl_version_info(CURLVERSION_FIRST).pointee.version) }

  /// - Parameter resolving: what each request finds instead of asking a resolver: "hooks.example:80:127.0.0.1".
  init(
    totalTimeout: Span = .seconds(10), authorities: String? = nil, reach: Reach = .outwards,
    resolving: @escaping @Sendable () -> [String]
  ) throws {
    self.totalTimeout = totalTimeout
    self.authorities = authorities
    self.reach = reach
    self.resolving = resolving
    curl_global_init(Int(CURL_GLOBAL_DEFAULT))
    guard let multi = curl_multi_init() else { throw ProviderFailure("libcurl can't be initialised") }
    self.multi = multi
    _ = tocsin_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, Self.perHost)
    _ = tocsin_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 512)
    let thread = Thread { [self] in run() }
    thread.name = "conversations"
    thread.stackSize = 1 << 20
    thread.start()
  }

  func post(_ request: Conversation, then: @escaping @Sendable (Conversation.End) -> Void) {
    inbox.withLock { $0.append((request, then)) }
    curl_multi_wakeup(multi)
  }

  private func run() {
    while true {
      takeIn()
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      finish()
      turnAway()
      curl_multi_poll(multi, nil, 0, 1_000, nil)
    }
  }

  private func takeIn() {
    let arrived = inbox.withLock { inbox in
      defer { inbox = [] }
      return inbox
    }
    for talk in arrived {
      switch lines[talk.request.host, default: HostLine(places: Self.perHost)].arrive(talk, at: .now) {
      case .now: begin(talk)
      case .later: break
      case .never: talk.then(.turnedAway(retryAfter: Self.afterBusy))
      }
    }
  }

  /// The end of one is the beginning of the next that waited for the same host.
  private func leave(_ host: String, isAnswered: Bool) {
    guard var line = lines[host] else { return }
    let next = line.end(isAnswered: isAnswered, at: .now)
    lines[host] = line.isIdle ? nil : line
    if let next { begin(next) }
  }

  private func turnAway() {
    let now = ContinuousClock.now
    for host in Array(lines.keys) {
      for talk in lines[host]?.turnedAway(at: now) ?? [] { talk.then(.turnedAway(retryAfter: Self.afterBusy)) }
    }
  }

  private func begin(_ talk: Talk) {
    guard let easy = curl_easy_init() else {
      talk.then(.neverSent("libcurl has no more handles"))
      return leave(talk.request.host, isAnswered: false)
    }
    let conversation = Running(easy, talk.request, talk.request.reach ?? reach, talk.then)
    configure(conversation)
    running[easy] = conversation
    curl_multi_add_handle(multi, easy)
  }

  private func configure(_ one: Running) {
    for header in one.request.headers { one.headers = curl_slist_append(one.headers, header) }
    _ = tocsin_set_text(one.easy, CURLOPT_URL, one.request.url)
    _ = tocsin_set_text(one.easy, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = tocsin_set_long(one.easy, CURLOPT_FOLLOWLOCATION, 0)
    // Of several requests on one connection a single one can't be given up so that it never arrives (`OpenedSockets`).
    _ = tocsin_set_long(one.easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    _ = tocsin_set_long(one.easy, CURLOPT_NOSIGNAL, 1)
    // Whoever gives up on a name that isn't found doesn't wait for the system's resolver: that would stall all the others.
    _ = tocsin_set_long(one.easy, CURLOPT_QUICK_EXIT, 1)
    for name in resolving() { one.resolved = curl_slist_append(one.resolved, name) }
    if let resolved = one.resolved { _ = tocsin_set_pointer(one.easy, CURLOPT_RESOLVE, resolved) }
    one.sockets.watch(one.easy)
    // An open connection asks nobody any more where it may go: one that went further than others may is nobody else's.
    if one.request.reach != nil {
      _ = tocsin_set_long(one.easy, CURLOPT_FRESH_CONNECT, 1)
      _ = tocsin_set_long(one.easy, CURLOPT_FORBID_REUSE, 1)
    }
    if one.request.isDirect { _ = tocsin_set_text(one.easy, CURLOPT_NOPROXY, "*") }
    _ = tocsin_set_long(one.easy, CURLOPT_CONNECTTIMEOUT_MS, 5_000)
    let timeout = one.request.timeout.map { min($0, totalTimeout) } ?? totalTimeout
    _ = tocsin_set_long(one.easy, CURLOPT_TIMEOUT_MS, Int(timeout.milliseconds))
    if one.request.method == .post {
      _ = tocsin_set_long(one.easy, CURLOPT_POST, 1)
      _ = tocsin_set_long(one.easy, CURLOPT_POSTFIELDSIZE, one.request.body.count)
    }
    // A read function that can't be rewound instead of CURLOPT_POSTFIELDS: libcurl would repeat a request by itself when a
    // connection that it used before breaks, and the receiver may have acted on the first.
    _ = tocsin_set_pointer(one.easy, CURLOPT_READDATA, Unmanaged.passUnretained(one).toOpaque())
    _ = tocsin_set_take_bytes(one.easy, CURLOPT_READFUNCTION) { buffer, size, count, conversation in
      guard let buffer, let conversation else { return 0 }
      return Unmanaged<Running>.fromOpaque(conversation).takeUnretainedValue().give(to: buffer, atMost: size * count)
    }
    Authorities.trust(caFile: one.request.caFile, machine: authorities, one.easy)
    _ = tocsin_set_pointer(one.easy, CURLOPT_HTTPHEADER, one.headers)
    _ = tocsin_set_pointer(one.easy, CURLOPT_HEADERDATA, Unmanaged.passUnretained(one).toOpaque())
    _ = tocsin_set_take_bytes(one.easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, conversation in
      guard let bytes, let conversation else { return 0 }
      Unmanaged<Running>.fromOpaque(conversation).takeUnretainedValue()
        .answerHead.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    _ = tocsin_set_pointer(one.easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(one).toOpaque())
    _ = tocsin_set_take_bytes(one.easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, conversation in
      guard let bytes, let conversation else { return 0 }
      let one = Unmanaged<Running>.fromOpaque(conversation).takeUnretainedValue()
      let length = size * count
      guard one.answer.count + length <= one.request.answerBytesAtMost else { return 0 }
      one.answer += UnsafeRawBufferPointer(start: bytes, count: length)
      return length
    }
  }

  private func finish() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let code = tocsin_result(message)
      curl_multi_remove_handle(multi, easy)
      guard let one = running.removeValue(forKey: easy) else { continue }
      let end = end(of: one, code)
      one.then(end)
      leave(one.request.host, isAnswered: end.isAnswer)
    }
  }

  private func end(of one: Running, _ code: CURLcode) -> Conversation.End {
    var status = 0
    _ = tocsin_get_long(one.easy, CURLINFO_RESPONSE_CODE, &status)
    if code == CURLE_OK || (code == CURLE_WRITE_ERROR && status >= 200) {
      var wait: curl_off_t = 0
      _ = tocsin_get_size(one.easy, CURLINFO_RETRY_AFTER, &wait)
      return .answered(
        Conversation.Answer(
          status: status, body: String(decoding: one.answer, as: UTF8.self),
          retryAfter: wait > 0 ? .seconds(min(Int64(wait), Self.longestRetryAfterSeconds)) : nil,
          headers: one.answerHead))
    }
    if let words = one.sockets.refused { return .refused(words) }
    let words = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CACERT_BADFILE: return .refused(words)
    default: return one.isGiven ? .cutOff(words) : .neverSent(words)
    }
  }
}
