import Processes
import Serving
import Testing

@testable import Relaying

/// What the gateway is told, by its command line and by its environment.
@Suite struct GatewayOptionsTests {
  private static let least = ["--listen", "127.0.0.1:0", "--intake", "tcp://127.0.0.1:1", "--integrations", "/nowhere"]

  private func options(_ more: String..., environment: [String: String] = [:]) throws -> GatewayOptions {
    try GatewayOptions.parse(
      EnvironmentArguments.all(for: GatewayOptions(), given: Self.least + more, environment: environment))
  }

  @Test func aTitleMayHaveSpacesAndWhatIsThereOftenIsSplitAtThem() throws {
    let told = try options(
      environment: [
        "TOCSIN_STATUS_TITLE": "Aion, our status", "TOCSIN_METRICS": "127.0.0.1:9175",
        "TOCSIN_GATHER": "scheduler=127.0.0.1:9172 escalator=127.0.0.1:9173",
      ])
    #expect(told.statusTitle == "Aion, our status")
    #expect(told.gather == ["scheduler=127.0.0.1:9172", "escalator=127.0.0.1:9173"])
  }

  @Test func whatDoesNotGoTogetherIsRefused() {
    for wrong in [
      ["--certificate", "c.pem"], ["--key", "k.pem"], ["--gather", "scheduler=127.0.0.1:1"],
      ["--metrics", "127.0.0.1:9175", "--gather", "scheduler"],
      ["--insecure-loopback", "--scheduler", "tcp://10.0.0.1:7102"],
    ] { #expect(throws: (any Error).self, "\(wrong)") { try GatewayOptions.parse(Self.least + wrong) } }
  }

  private static let pages = [
    "--page-url", "http://127.0.0.1:7106", "--scheduler", "tcp://127.0.0.1:2", "--escalator", "tcp://127.0.0.1:3",
    "--notifier",
    "tcp://127.0.0.1:4",
  ]

  /// Whoever names somebody must prove to be the proxy, and everybody is none.
  @Test func whatProxiesSayIsBelievedWholeOrNotAtAll() throws {
    let login = [
      "--forward-auth-header", "X-User", "--forward-auth-from", "10.2.0.5", "--forward-auth-secret-file", "/s",
    ]
    _ = try GatewayOptions.parse(
      Self.least + Self.pages + login + ["--trusted-proxies", "10.2.0.5,10.3.0.0/24,fd00::/64"])
    for part in stride(from: 0, to: login.count, by: 2) {
      let rest = Array(login[..<part] + login[(part + 2)...])
      #expect(throws: (any Error).self, "\(rest)") { try GatewayOptions.parse(Self.least + Self.pages + rest) }
    }
    #expect(throws: (any Error).self) { try GatewayOptions.parse(Self.least + login) }
    for (option, value) in [
      ("--forward-auth-from", "0.0.0.0/0"), ("--forward-auth-from", "proxy"), ("--forward-auth-from", "10.2.0.5,"),
      ("--forward-auth-header", "X User"), ("--forward-auth-header", "Tocsin-Proxy-Secret"),
      ("--forward-auth-header", "Cookie"),
      ("--trusted-proxies", "::/0"), ("--trusted-proxies", "10.2.0.5 10.2.0.6"), ("--trusted-proxies", ""),
    ] {
      var wrong = login
      if let place = wrong.firstIndex(of: option) { wrong[place + 1] = value } else { wrong += [option, value] }
      #expect(throws: (any Error).self, "\(option) \(value)") {
        try GatewayOptions.parse(Self.least + Self.pages + wrong)
      }
    }
    let options = try GatewayOptions.parse(Self.least + Self.pages + login)
    #expect(throws: (any Error).self, "a file that isn't there") { try options.forwardedLogin() }
  }

  @Test func connectionsAreFewerWhereTheSystemGrantsFewFiles() {
    #expect(ServingLimits(files: 1_048_576).connections == ServingLimits().connections)
    #expect(ServingLimits(files: 1_024).connections == 768)
    #expect(ServingLimits(files: 256).connections == 128)
  }
}
