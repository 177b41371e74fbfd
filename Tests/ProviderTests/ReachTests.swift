import Addresses
import Foundation
import Messages
import Synchronization
import Testing

@testable import Providers

/// A URL in a configuration can't make the notifier knock at doors that only it can see.
@Suite struct ReachTests {
  @Test(arguments: [
    "0.0.0.0", "0.1.2.3", "10.0.0.5", "10.255.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192",
    "192.168.1.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::",
    "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.5", "::ffff:0:10.0.0.5", "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:5::1", "2001::1",
    "2001:db8::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
  ]) func whatLiesInwardsIsRefused(_ text: String) throws {
    let address = try #require(IPAddress(text))
    let words = try #require(Reach.outwards.refusal(of: address))
    #expect(
      words.hasPrefix("the host resolves to \(address), ") && words.hasSuffix("--allow-inward \(address) allows it"))
    // What the words say works, whatever the form.
    #expect(try Reach(allowing: "\(address)").refusal(of: address) == nil)
  }

  @Test(arguments: [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:1.1.1.1", "64:ff9b::101:101",
    "2002:101:101::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1",
  ]) func whatLiesOutwardsIsNot(_ text: String) throws {
    #expect(Reach.outwards.refusal(of: try #require(IPAddress(text))) == nil)
  }

  @Test func onlyTheNetworksThatWereNamedAreAllowed() throws {
    let reach = try Reach(allowing: "10.2.0.0/16, fd00:1::/64,127.0.0.1")
    for text in ["10.2.0.0", "10.2.255.255", "fd00:1::9", "127.0.0.1", "::ffff:10.2.3.4", "64:ff9b::10.2.3.4"] {
      #expect(reach.refusal(of: try #require(IPAddress(text))) == nil, "\(text)")
    }
    for text in ["10.1.255.255", "10.3.0.0", "fd00:1:0:1::1", "127.0.0.2", "::1", "::ffff:10.3.0.1"] {
      #expect(reach.refusal(of: try #require(IPAddress(text))) != nil, "\(text)")
    }
    let everything = try Reach(allowing: "0.0.0.0/0,::/0")
    #expect(everything.refusal(of: try #require(IPAddress("10.0.0.1"))) == nil)
  }

  @Test(arguments: [
    "", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.1/8", "fd00::/129", "fd00::1/64", "localhost",
    "0x7f.1", "010.0.0.1/32",
    "10.0.0.0/8,", "10.0.0.0/8/8", "10.0.0.0/", "[::1]",
  ]) func aNetworkThatIsNoneIsNamed(_ text: String) {
    #expect { _ = try Reach(allowing: text) } throws: { "\($0)".hasPrefix("--allow-inward: \"") }
  }
}

/// The same with real sockets: what counts is where one is about to be connected to.
@Suite struct ReachedHostTests {
  private let receiver: Receiver

  init() throws {
    receiver = try Receiver()
  }

  private var port: String { String(receiver.url("").dropFirst("http://127.0.0.1:".count).dropLast()) }

  private func end(of url: String, _ conversations: Conversations) async -> Conversation.End {
    await withCheckedContinuation { done in
      conversations.post(Conversation(url: url, headers: ["Expect:", "Connection: close"], body: Array("{}".utf8))) {
        done.resume(returning: $0)
      }
    }
  }

  /// Names, numbers in every base, IPv6 that carries IPv4, and a user that looks like a host.
  @Test(arguments: [
    "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "0",
    "0.0.0.0",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "api.twilio.com@127.0.0.1",
    "api.twilio.com:443@localhost", "LOCALHOST", "%31%32%37.0.0.1", "127。0。0。1", "10.0.0.5", "169.254.169.254",
    "[fe80::1]",
    "[fd00:ec2::254]",
  ]) func noFormOfAnInwardAddressIsReached(_ host: String) async throws {
    let strict = try Conversations(totalTimeout: .seconds(3))
    let end = await end(of: "http://\(host):\(port)/in", strict)
    switch end {
    case .refused: break
    // Names that this resolver doesn't know, in a form that others might.
    case .neverSent(let words): #expect(words.contains("resolve"), "\(host): \(words)")
    default: Issue.record("\(host): \(end)")
    }
    #expect(try receiver.taken.isEmpty)
  }

  @Test func theRefusalIsForGoodAndSaysWhatToDo() async throws {
    let provider = WebhookProvider(try Conversations())
    let outcome = await provider.deliver(.page(url: receiver.url("in?token=s3cret"), secretFile: receiver.secretFile))
    #expect(
      outcome
        == HandOverOutcome(
          .failedPrecondition,
          "the host resolves to 127.0.0.1, a loopback address; --allow-inward 127.0.0.1 allows it"))
    #expect(!outcome.status.isWorthRetrying)
  }

  @Test func whatIsAllowedIsReached() async throws {
    let some = try Conversations(reach: Reach(allowing: "10.0.0.0/8,127.0.0.1"))
    guard case .answered(let answer) = await end(of: receiver.url("in"), some) else {
      Issue.record("it was not reached")
      return
    }
    #expect(answer.status == 200)
  }

  /// The beat of the notifier's own watch may go inwards, and its connection would be there for a URL of a configuration.
  @Test func aConnectionThatMayGoFurtherIsNobodyElses() async throws {
    let conversations = try Conversations()
    func end(_ reach: Reach?) async -> Conversation.End {
      await withCheckedContinuation { done in
        var request = Conversation(url: receiver.url("in"), headers: ["Expect:"], body: Array("{}".utf8))
        request.reach = reach
        conversations.post(request) { done.resume(returning: $0) }
      }
    }
    for _ in 1...2 {
      guard case .answered = await end(.everywhere) else {
        Issue.record("it was not reached")
        return
      }
      guard case .refused = await end(nil) else {
        Issue.record("it went by another's connection")
        return
      }
    }
    let connections = try receiver.taken.map(\.connection)
    #expect(connections.count == 2 && connections[0] != connections[1])
  }

  /// The name answers with an allowed address first and another one later: each socket is looked at, so nothing is won.
  @Test func aNameThatMovesInwardsIsNotFollowed() async throws {
    let asked = Mutex(0)
    let port = self.port
    let rebinding = try Conversations(reach: Reach(allowing: "127.0.0.1")) {
      let times = asked.withLock { asked in
        asked += 1
        return asked
      }
      return ["hooks.example:\(port):\(times == 1 ? "127.0.0.1" : "127.0.0.2")"]
    }
    guard case .answered = await end(of: "http://hooks.example:\(port)/in", rebinding) else {
      Issue.record("the first was not reached")
      return
    }
    let second = await end(of: "http://hooks.example:\(port)/in", rebinding)
    #expect(
      second == .refused("the host resolves to 127.0.0.2, a loopback address; --allow-inward 127.0.0.2 allows it"))
    #expect(try receiver.taken.count == 1)
  }

  /// A name with several addresses: only those that may be reached are tried.
  @Test func ofSeveralAddressesOnlyTheAllowedIsUsed() async throws {
    let port = self.port
    let several = try Conversations(reach: Reach(allowing: "127.0.0.1")) {
      ["hooks.example:\(port):127.0.0.3,127.0.0.2,127.0.0.1"]
    }
    guard case .answered = await end(of: "http://hooks.example:\(port)/in", several) else {
      Issue.record("it was not reached")
      return
    }
    let none = try Conversations { ["hooks.example:\(port):127.0.0.3,::1"] }
    guard case .refused = await end(of: "http://hooks.example:\(port)/in", none) else {
      Issue.record("it was not refused")
      return
    }
  }

  @Test func aMailServerInsideIsRefusedToo() async throws {
    let server = try MailFixture()
    let outcome = await SMTPProvider().deliver(try server.page())
    #expect(outcome.status == .failedPrecondition)
    #expect(outcome.words.contains("a loopback address; --allow-inward"))
    #expect(try server.letters.isEmpty)
  }
}
