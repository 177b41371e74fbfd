import Logging
import Messages
import Serving
import Subscribing
import Synchronization
import Testing
import Wire

@testable import Relaying

/// Where keys stand, and how paths are found.
@Suite struct RouteTests {
  private func key(_ query: String = "", _ authorization: String = "") -> String? {
    Credentials.keys(
      of: WebHead("POST", "/", query: query, headers: authorization.isEmpty ? [:] : ["authorization": authorization])
    ).first
  }

  @Test func aKeyStandsWhereSendersPutIt() {
    #expect(key("", "Bearer abc") == "abc")
    #expect(key("", "GenieKey abc") == "abc")
    #expect(key("", "Basic dG9jc2luOmFiYw==") == "abc")
    #expect(key("token=a%62c&x=1") == "abc")
    #expect(key("x=1&key=abc") == "abc")
    #expect(key("token=other", "Bearer abc") == "abc")
    #expect(key("", "Basic !!!") == nil)
    #expect(key("", "Basic YWJj") == nil)
    #expect(key("", "Digest abc") == nil)
    #expect(key() == nil)
  }

  /// A proxy's own login stands in the header; the first key that is known counts.
  @Test func aForeignHeaderHidesNoKeyInTheAddress() {
    let head = WebHead("POST", "/", query: "token=abc", headers: ["authorization": "Bearer the-proxys"])
    #expect(Credentials.keys(of: head) == ["the-proxys", "abc"])
    #expect(key("token=abc", "Negotiate xyz") == "abc")
  }

  /// Alertmanager gives up on any 4xx: a line that is slow now may be quicker the next time.
  @Test(arguments: ["/alertmanager", "/api/v2/alerts", "/grafana", "/v2/enqueue", "/v2/alerts", "/events"])
  func whatArrivesTooSlowlyIsToComeAgain(path: String) {
    let relay = Relay(
      Integrations { _ throws(RelayFailure) in throw RelayFailure("none") }, tally: Tally(), log: Logger(label: "test"),
      isReady: { true })
    for fault in [Answering.Fault.tooSlow, .crowded, .unanswered] {
      #expect(relay.answering.complains(fault, WebHead("POST", path)).status == 503)
    }
    #expect(relay.answering.complains(.tooSlow, nil).status == 503, "it may be an Alertmanager")
  }

  /// What is wrong is said in the shape that the sender reads.
  @Test func eachFormatComplainsInItsOwnShape() throws {
    let relay = Relay(
      Integrations { _ throws(RelayFailure) in throw RelayFailure("none") }, tally: Tally(), log: Logger(label: "test"),
      isReady: { true })
    func text(_ answer: WebAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }
    func refused(_ method: String, _ path: String) throws -> WebAnswer {
      guard case .refused(let answer) = relay.answering.admits(WebHead(method, path)) else { throw RelayFailure(path) }
      return answer
    }
    for fault in [Answering.Fault.malformed, .headTooLarge] {
      let status = fault == .malformed ? 400 : 431
      for (path, begins) in [
        ("/alertmanager", "\""), ("/v2/enqueue", #"{"status":"invalid event""#), ("/v2/alerts", #"{"message":"#),
        ("/events", "th"),
      ] {
        let answer = relay.answering.complains(fault, WebHead("POST", path))
        #expect(answer.status == status && text(answer).hasPrefix(begins), "\(path): \(text(answer))")
      }
      #expect(relay.answering.complains(fault, nil).status == status)
    }
    #expect(
      try refused("POST", "/api/v2/alert").status == 404 && text(refused("POST", "/api/v2/alert")).hasPrefix("\""))
    #expect(try text(refused("POST", "/v2/alerts/a/b/c")).hasPrefix(#"{"message":"#))
    #expect(try text(refused("POST", "/nowhere")) == "nothing is taken here\n")
    let wrong = try refused("GET", "/v2/enqueue")
    #expect(wrong.status == 405 && wrong.headers["Allow"] == "POST" && text(wrong).contains("POST"))
    let gone = try refused("POST", "/api/v1/alerts")
    #expect(gone.status == 410 && text(gone).hasPrefix(#"{"status":"error""#))
  }

  /// Whoever has the key alone can't say by another path what must be signed at Grafana's.
  @Test func aSourceThatSignsIsTakenAtGrafanasPathsOnly() {
    let relay = Relay(
      Integrations { _ throws(RelayFailure) in throw RelayFailure("none") }, tally: Tally(), log: Logger(label: "test"),
      isReady: { true })
    let asked = Asked(request: WebRequest(WebHead("POST", "/events")), wild: [], integration: nil)
    func status(_ secret: SigningSecret?, as format: String) -> Int {
      let told = Mutex(0)
      relay.publish(
        [], of: Integration(source: "g", keys: [], pair: nil, signingSecret: secret), from: asked, as: format,
        words: PlainWords(), answer: { answer in told.withLock { $0 = answer.status } },
        taken: { _, _ in WebAnswer(200) })
      return told.withLock { $0 }
    }
    let secret = SigningSecret("between us".utf8)
    #expect((status(secret, as: "plain"), status(secret, as: "grafana"), status(nil, as: "plain")) == (401, 503, 503))
  }

  /// A heartbeat bears no signature: the key alone proves nothing of a source that signs, and each path complains in its own shape.
  @Test func aSourceThatSignsHasNoHeartbeatsByItsKeyAlone() {
    let relay = Relay(
      Integrations { _ throws(RelayFailure) in throw RelayFailure("none") }, tally: Tally(), log: Logger(label: "test"),
      isReady: { true })
    func told(_ secret: SigningSecret?, _ words: any Relaying.AnswerWords) -> WebAnswer {
      let told = Mutex(WebAnswer(0))
      relay.beat(
        "backup", of: Integration(source: "g", keys: [], pair: nil, signingSecret: secret), words: words,
        answer: { answer in told.withLock { $0 = answer } }, taken: { WebAnswer(200) })
      return told.withLock { $0 }
    }
    let secret = SigningSecret("between us".utf8)
    #expect(told(secret, PlainWords()).status == 401 && told(nil, PlainWords()).status == 503)
    #expect(String(decoding: told(secret, OpsgenieWords()).body, as: UTF8.self).hasPrefix(#"{"message":"#))
  }

  @Test func aHeartbeatThatNobodyHasIsSaidInTheFormatsOwnShape() throws {
    let publisher = Publisher { _, payloads, _, then in
      then(payloads.map { _ in .failure(.notFound("no heartbeat is called x", field: "name")) })
    }
    let integrations = Integrations { _ in publisher }
    let integration = Integration(source: "og", keys: [SecretDigest(of: "k")], pair: nil)
    try integrations.set([integration])
    let relay = Relay(integrations, tally: Tally(), log: Logger(label: "test"), isReady: { true })
    for (path, begins) in [("/v2/heartbeats/x/ping", #"{"message":"no heartbeat"#), ("/heartbeats/x", "no heartbeat")] {
      let told = Mutex(WebAnswer(0))
      relay.answering.answers(WebRequest(WebHead("POST", path, query: "key=k"))) { answer in
        told.withLock { $0 = answer }
      }
      let answer = told.withLock { $0 }
      #expect(answer.status == 404 && String(decoding: answer.body, as: UTF8.self).hasPrefix(begins), "\(path)")
    }
  }

  /// What it left out nobody else tells of.
  @Test func alertsThatASenderLeavesOutAreCounted() throws {
    let publisher = Publisher { _, payloads, _, then in then(payloads.map { _ in .success(PublishReply().encoded()) }) }
    let integrations = Integrations { _ in publisher }
    try integrations.set([Integration(source: "am", keys: [SecretDigest(of: "k")], pair: nil)])
    let tally = Tally()
    let relay = Relay(integrations, tally: tally, log: Logger(label: "test"), isReady: { true })
    for path in ["/alertmanager", "/grafana"] {
      let body = Array(#"{"version":"4","alerts":[],"truncatedAlerts":7}"#.utf8)
      let status = Mutex(0)
      relay.answering.answers(WebRequest(WebHead("POST", path, query: "key=k"), body: body)) { answer in
        status.withLock { $0 = answer.status }
      }
      #expect(status.withLock { $0 } == 200)
    }
    let figure = try #require(tally.figures.first { $0.name == "tocsin_gateway_truncated_alerts_total" })
    #expect(figure.samples.map(\.value) == [7, 7])
  }

  /// A list of which one is wrong, one is nothing that intake takes, and the rest is on disk.
  @Test func aListOfEventsSaysWhichOfThemAreWrong() throws {
    let publisher = Publisher { _, payloads, _, then in
      then(
        payloads.map { payload in
          let event = try! Event(decoding: payload)
          return event.summary == "poison"
            ? .failure(.invalid("severity", "no")) : .success(PublishReply(alertId: event.summary).encoded())
        })
    }
    let integrations = Integrations { _ in publisher }
    try integrations.set([Integration(source: "s", keys: [SecretDigest(of: "k")], pair: nil)])
    let relay = Relay(integrations, tally: Tally(), log: Logger(label: "test"), isReady: { true })
    func answer(_ body: String) -> (status: Int, text: String) {
      let told = Mutex(WebAnswer(0))
      relay.answering.answers(WebRequest(WebHead("POST", "/events", query: "key=k"), body: Array(body.utf8))) {
        answer in
        told.withLock { $0 = answer }
      }
      return told.withLock { ($0.status, String(decoding: $0.body, as: UTF8.self)) }
    }
    let mixed = answer(#"[{"summary":"a"},{"summary":7},{"summary":"poison"},{"summary":"b"}]"#)
    #expect(mixed.status == 400)
    #expect(mixed.text.contains(#""alert_id":"a""#) && mixed.text.contains(#""alert_id":"b""#), "\(mixed.text)")
    #expect(
      mixed.text.contains(#""wrong":["[1].summary: expected a string, found a number","[2]: severity: no"]"#),
      "\(mixed.text)")
    #expect(answer(#"{"summary":"poison"}"#) == (400, "severity: no\n"))
    #expect(answer(#"[{"summary":"a"}]"#).status == 200)
  }

  @Test func aStarStandsForOnePart() {
    let route = Route("POST", at: "/v2/alerts/*/close", words: PlainWords()) { $1(WebAnswer(200)) }
    #expect(route.match(Route.parts("/v2/alerts/a%20b/close")) == ["a%20b"])
    #expect(route.match(Route.parts("/v2/alerts/close")) == nil)
    #expect(route.match(Route.parts("/v2/alerts/a/b/close")) == nil)
  }

  /// A firing and a resolve of one key in one request must not overtake each other.
  @Test func eventsOfOneKeyGoOneAfterTheOther() {
    let events = ["a", "b", "a", "", "", "a", "b"].map { Event(dedupKey: $0) }
    #expect(Publisher.waves(events) == [[0, 1, 3, 4], [2, 6], [5]])
    #expect(Publisher.waves([]) == [])
  }

  @Test func whatCanGoWellLaterIsNeverFinal() {
    for status in Status.allCases where status != .ok {
      let outcome = Outcome([Published(refusal: Refusal(status, "x")), Published(refusal: .invalid("f", "y"))])
      switch (status, outcome) {
      case (.invalidArgument, .never), (.outOfRange, .never): break
      case (_, .later(let refusal)): #expect(refusal.status == status)
      default: Issue.record("\(status) gave \(outcome)")
      }
    }
  }
}
