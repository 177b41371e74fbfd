import Messages
import Testing

@testable import Callbacks

/// What providers sign is believed, and nothing else.
@Suite struct SignatureTests {
  /// The example of Twilio's documentation on securing requests.
  static let fields = FormFields(
    urlEncoded: Array(
      "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212".utf8))
  static let url = "https://mycompany.com/myapp.php?foo=1&bar=2"

  @Test func twiliosOwnExampleIsValid() {
    #expect(
      TwilioSignature.isValid("RSOYDt4T1cUTdK1PDd93/VVr8B8=", url: Self.url, fields: Self.fields, token: "12345"))
  }

  @Test(arguments: ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
  func anotherSignatureIsNot(signature: String) {
    #expect(!TwilioSignature.isValid(signature, url: Self.url, fields: Self.fields, token: "12345"))
  }

  /// The example of Slack's documentation on verifying requests.
  static let slackBody = Array(
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
      .utf8)
  static let slackSignature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
  static let slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"

  private func slack(_ signature: String = slackSignature, at now: Int64, body: [UInt8] = slackBody) -> Bool {
    SlackSignature.isValid(signature, timestamp: "1531420618", body: body, secret: Self.slackSecret, now: now)
  }

  @Test func slacksOwnExampleIsValidForFiveMinutes() {
    #expect(slack(at: 1_531_420_618) && slack(at: 1_531_420_918) && slack(at: 1_531_420_318))
    #expect(!slack(at: 1_531_420_919) && !slack(at: 1_531_420_317))
  }

  @Test(arguments: [Int64.min, .max, 0, -1]) func aTimeThatCannotBeIsRefused(timestamp: Int64) {
    #expect(
      !SlackSignature.isValid(
        Self.slackSignature, timestamp: "\(timestamp)", body: Self.slackBody, secret: Self.slackSecret,
        now: 1_531_420_618))
  }

  @Test func anythingElseIsNot() {
    #expect(!slack("v0=", at: 1_531_420_618) && !slack("", at: 1_531_420_618))
    #expect(!slack(at: 1_531_420_618, body: Self.slackBody + [0x20]))
    #expect(!slack(Self.slackSignature.uppercased(), at: 1_531_420_618))
  }
}
