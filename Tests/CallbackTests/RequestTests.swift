import Messages
import Testing

@testable import Callbacks
@testable import Listening

/// What arrives is read within bounds, or refused.
@Suite struct RequestTests {
  private func read(_ text: String) -> RequestReader.Reading {
    var reader = RequestReader()
    return reader.take(text.utf8)
  }

  @Test func aWholeRequestIsRead() {
    let reading = read(
      "POST /twilio/sms?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Type: a/b; c=d\r\n\r\nabc")
    guard case .request(let request) = reading else { return #expect(Bool(false), "\(reading)") }
    #expect(request.method == "POST" && request.path == "/twilio/sms" && request.query["a"] == "1")
    #expect(request.mediaType == "a/b" && request.body == Array("abc".utf8) && request.header("host") == "x")
  }

  @Test(arguments: [
    "", "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab",
  ])
  func partOfOneWaitsForMore(text: String) { #expect(read(text) == .more) }

  @Test(arguments: [
    ("GET / HTTP/2\r\n\r\n", 400), ("get / HTTP/1.1\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400),
    ("GET http://x/ HTTP/1.1\r\n\r\n", 400), ("GET /\u{7f} HTTP/1.1\r\n\r\n", 400), ("\r\n\r\n", 400),
    ("GET /a\nb HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", 400), ("GET /a\tb HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
    ("POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nX-Twilio-Signature: a\r\nX-Twilio-Signature: b\r\n\r\n", 400),
    ("GET /\(String(repeating: "a", count: 17_000))", 431),
  ])
  func whatIsNoneOrTooMuchIsRefused(text: String, status: Int) { #expect(read(text) == .refused(status)) }

  @Test func anyBytesAreReadOrRefused() {
    var state: UInt64 = 7
    for _ in 0..<2_000 {
      var bytes: [UInt8] = Array("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde".utf8)
      for _ in 0..<4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      var reader = RequestReader()
      if case .request(let request) = reader.take(bytes) { #expect(request.body.count <= 64 * 1_024) }
    }
  }

  @Test(arguments: [1, 2, 3, 7, 40]) func aRequestIsTheSameHoweverItIsCut(length: Int) {
    let text = "POST /slack HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na\r\n\r\nbcde"
    let bytes = Array(text.utf8)
    var reader = RequestReader()
    for place in stride(from: 0, to: bytes.count, by: length) {
      let end = min(place + length, bytes.count)
      let reading = reader.take(bytes[place..<end])
      #expect(reading == (end == bytes.count ? read(text) : .more), "\(end)")
    }
    guard case .request(let request) = read(text) else { return #expect(Bool(false), "it is none") }
    #expect(request.body == Array("a\r\n\r\nbcde".utf8))
  }

  /// Found by fuzzing: the accent joined the question mark, and the route was not known.
  @Test func aPathEndsAtItsQuestionMarkWhateverFollows() {
    let request = HTTPRequest(method: "POST", target: "/twilio/voice?\u{301}page=1&a=2")
    #expect(request.path == "/twilio/voice" && request.query["a"] == "2")
  }

  @Test func fieldsAreUnescaped() {
    let fields = FormFields(urlEncoded: Array("From=%2B1202&Body=a+b%26c%3d&empty=&alone&bad=%zz".utf8))
    #expect(fields["From"] == "+1202" && fields["Body"] == "a b&c=" && fields["empty"] == "" && fields["bad"] == "%zz")
    #expect(fields.all.map(\.name) == ["From", "Body", "empty", "alone", "bad"])
  }
}
