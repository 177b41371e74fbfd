import CCurl
import Foundation
import Messages

/// One letter's way to its server (libcurl's SMTP): STARTTLS or TLS from the first byte, never without.
///
/// It blocks its thread, because libcurl's SMTP does: it waits for the reply to a letter, and for a server's goodbye, wherever it
/// is run. The goodbye has a time of its own there, as long again as the whole, after a letter that was not answered too; so what is
/// over is ended from the callback that libcurl calls once a second while it waits.
final class MailConversation {
  enum End: Hashable, Sendable {
    /// With the server's last words: its name for the letter.
    case taken(String)
    /// The server said no; a code from 500 is for good (RFC 5321).
    case refused(code: Int, words: String)
    /// It can't work, whenever it is tried.
    case impossible(String)
    /// The letter can't have been taken.
    case neverSent(String)
    /// It was not begun: too many letters wait for the same server.
    case turnedAway(retryAfter: Span)
    /// The letter has left, and nobody knows whether it was taken.
    case cutOff(String)
  }

  struct Request: Sendable {
    var url: String
    var account: String
    var password: String
    var caFile: String
    var from: String
    var to: String
    var bytes: [UInt8]
    var totalTimeout: Span
    var reach: Reach
  }

  private let request: Request
  private let sockets: OpenedSockets
  private var given = 0
  private var reply = ""
  private var replyCode = 0
  private var isAnswered = false
  private var isGiven: Bool { given == request.bytes.count }
  /// When nothing more is waited for.
  private var over: ContinuousClock.Instant
  /// The letter is taken or refused: what a server says after that is of no interest to whoever waits for this letter.
  private static let goodbyeWithin = Duration.milliseconds(500)

  private init(_ request: Request) {
    self.request = request
    over = .now + .milliseconds(request.totalTimeout.milliseconds)
    sockets = OpenedSockets(request.reach)
  }

  static func perform(_ request: Request) -> End {
    guard let easy = curl_easy_init() else { return .neverSent("libcurl has no more handles") }
    defer { curl_easy_cleanup(easy) }
    let conversation = MailConversation(request)
    return withExtendedLifetime(conversation) { conversation.perform(easy) }
  }

  private func perform(_ easy: UnsafeMutableRawPointer) -> End {
    let receivers = curl_slist_append(nil, request.to)
    defer { curl_slist_free_all(receivers) }
    _ = tocsin_set_text(easy, CURLOPT_URL, request.url)
    _ = tocsin_set_text(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    _ = tocsin_set_long(easy, CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
    _ = tocsin_set_long(easy, CURLOPT_NOSIGNAL, 1)
    // Whoever gives up on a name that isn't found doesn't wait for the system's resolver.
    _ = tocsin_set_long(easy, CURLOPT_QUICK_EXIT, 1)
    _ = tocsin_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, 5_000)
    _ = tocsin_set_long(easy, CURLOPT_TIMEOUT_MS, Int(request.totalTimeout.milliseconds))
    _ = tocsin_set_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int(request.totalTimeout.milliseconds / 1_000)))
    // A connection that has been idle may be gone without our knowing, and libcurl gives up on a letter then.
    _ = tocsin_set_long(easy, CURLOPT_FORBID_REUSE, 1)
    sockets.watch(easy)
    if !request.account.isEmpty {
      _ = tocsin_set_text(easy, CURLOPT_USERNAME, request.account)
      _ = tocsin_set_text(easy, CURLOPT_PASSWORD, request.password)
    }
    Authorities.trust(caFile: request.caFile, easy)
    _ = tocsin_set_text(easy, CURLOPT_MAIL_FROM, request.from)
    _ = tocsin_set_pointer(easy, CURLOPT_MAIL_RCPT, receivers)
    _ = tocsin_set_long(easy, CURLOPT_UPLOAD, 1)
    _ = tocsin_set_long(easy, CURLOPT_INFILESIZE, request.bytes.count)
    let this = Unmanaged.passUnretained(self).toOpaque()
    _ = tocsin_set_pointer(easy, CURLOPT_READDATA, this)
    _ = tocsin_set_take_bytes(easy, CURLOPT_READFUNCTION) { buffer, size, count, conversation in
      guard let buffer, let conversation else { return 0 }
      return Unmanaged<MailConversation>.fromOpaque(conversation).takeUnretainedValue().give(
        to: buffer, atMost: size * count)
    }
    _ = tocsin_set_pointer(easy, CURLOPT_HEADERDATA, this)
    _ = tocsin_set_take_bytes(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, conversation in
      guard let bytes, let conversation else { return 0 }
      Unmanaged<MailConversation>.fromOpaque(conversation).takeUnretainedValue()
        .take(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    _ = tocsin_set_long(easy, CURLOPT_NOPROGRESS, 0)
    _ = tocsin_set_pointer(easy, CURLOPT_XFERINFODATA, this)
    _ = tocsin_set_progress(easy) { conversation, _, _, _, _ in
      guard let conversation else { return 0 }
      return Unmanaged<MailConversation>.fromOpaque(conversation).takeUnretainedValue().over <= .now ? 1 : 0
    }
    return end(curl_easy_perform(easy))
  }

  private func give(to buffer: UnsafeMutablePointer<CChar>, atMost room: Int) -> Int {
    let count = min(room, request.bytes.count - given)
    request.bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      UnsafeMutableRawPointer(buffer).copyMemory(from: base + given, byteCount: count)
    }
    given += count
    return count
  }

  /// One line of a reply. The one to the letter is the last that counts: the goodbye (221) says nothing about it.
  private func take(_ bytes: UnsafeRawBufferPointer) {
    guard !isAnswered else { return }
    let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard let code = Int(line.prefix(3)), code != 221 else { return }
    (reply, replyCode) = (line, code)
    isAnswered = isGiven && line.dropFirst(3).first != "-"
    if isAnswered { over = min(over, .now + Self.goodbyeWithin) }
  }

  private func end(_ code: CURLcode) -> End {
    if let words = sockets.refused { return .impossible(words) }
    // However the conversation ends after that.
    if isAnswered, replyCode < 400 { return .taken(reply) }
    let words = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_OK: return .taken(reply)
    case CURLE_USE_SSL_FAILED where replyCode < 400:
      return .impossible("the server offers no STARTTLS, and nothing is said to it without")
    case CURLE_ABORTED_BY_CALLBACK where replyCode < 400:
      let words = "no answer within \(request.totalTimeout.milliseconds / 1_000) s"
      return isGiven ? .cutOff(words) : .neverSent(words)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CACERT_BADFILE: return .impossible(words)
    default: break
    }
    if replyCode >= 400 { return .refused(code: replyCode, words: reply) }
    return isGiven ? .cutOff(words) : .neverSent(words)
  }
}
