/// What an address must look like for a provider to be able to use it: said when a configuration is applied, not when somebody
/// must be paged.
public enum AddressForm: Sendable {
  case web, secureWeb, mailServer, mail, phone, smsSender, twilioAccount, topic, pushoverKey, slackPerson, slackChannel

  /// After "must be" or "expected".
  public var words: String {
    switch self {
    case .web: "an address that begins with https:// or http://, without a user or password in it"
    case .secureWeb:
      "an address that begins with https://, or with http:// only for localhost, 127.0.0.1 or [::1], because a secret is sent with each "
        + "request; without a user or password in it"
    case .mailServer:
      "an address such as smtp://mail.example.com:587 (STARTTLS is insisted on) or smtps://mail.example.com:465, without a "
        + "user or password in it"
    case .mail: "an e-mail address of ASCII characters"
    case .phone: "a phone number with + and the country's code, such as +1 202 555 0101"
    case .smsSender:
      "a phone number such as +1 202 555 0100, a messaging service's SID (MG and 32 hexadecimal digits), a short code or a name of "
        + "at most 11 letters and digits"
    case .twilioAccount: "an account's SID: AC and 32 hexadecimal digits"
    case .topic: "a topic: at most 64 of A-Z, a-z, 0-9, - and _"
    case .pushoverKey: "a user's or group's key: 30 letters and digits"
    case .slackPerson: "a person's member ID, such as U024BE7LH (in their Slack profile)"
    case .slackChannel: "a channel's ID, such as C024BE7LR, or its name, such as #incidents"
    }
  }

  public func fits(_ text: String) -> Bool {
    switch self {
    case .web: Self.isAddress(text, ["https://", "http://"])
    case .secureWeb:
      Self.isAddress(text, ["https://"]) || (Self.isAddress(text, ["http://"]) && Self.isOnThisMachine(text))
    case .mailServer: Self.isAddress(text, ["smtp://", "smtps://"]) && text.split(separator: "/").count == 2
    case .mail: Self.isMail(text)
    case .phone: Self.phoneNumber(text) != nil
    case .smsSender:
      Self.phoneNumber(text) != nil || Self.isSID(text, "MG") || Self.isShortCode(text) || Self.isSenderName(text)
    case .twilioAccount: Self.isSID(text, "AC")
    case .topic:
      1...64 ~= text.utf8.count && text.utf8.allSatisfy { Self.isAlphanumeric($0) || $0 == 0x2d || $0 == 0x5f }
    case .pushoverKey: text.utf8.count == 30 && text.utf8.allSatisfy(Self.isAlphanumeric)
    case .slackPerson: Self.isSlackID(text, "UW")
    case .slackChannel: Self.isSlackID(text, "CG") || Self.isSlackName(text)
    }
  }

  /// "+12025550101" of "+1 (202) 555-0101", and "+442079460958" of "+44 (0)20 7946 0958": the form that providers want (E.164). Nil
  /// when it is no number.
  public static func phoneNumber(_ text: String) -> String? {
    // The 0 in brackets is dialled inside the country only.
    let written = text.replacing("(0)", with: "").filter { !" -.()".contains($0) }
    let digits = written.dropFirst()
    guard written.first == "+", 7...15 ~= digits.count, digits.utf8.allSatisfy(isDigit), digits.first != "0" else {
      return nil
    }
    return written
  }

  private static func isAddress(_ text: String, _ schemes: [String]) -> Bool {
    guard let scheme = schemes.first(where: text.hasPrefix), text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      return false
    }
    let rest = text.dropFirst(scheme.count)
    let host = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return !host.isEmpty && !host.hasPrefix(":") && !host.contains("@") && !host.contains("\\")
  }

  private static func isOnThisMachine(_ text: String) -> Bool {
    let place = text.dropFirst("http://".count).prefix { !"/?#".contains($0) }.lowercased()
    return ["localhost", "127.0.0.1", "[::1]"].contains { place == $0 || place.hasPrefix($0 + ":") }
  }

  private static func isMail(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, text.utf8.count <= 254, 1...64 ~= parts[0].utf8.count, !parts[1].isEmpty else {
      return false
    }
    let isPlain = text.utf8.allSatisfy { 0x21...0x7e ~= $0 && !"\"(),:;<>[\\]".utf8.contains($0) }
    return isPlain && parts[1].utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x2e }
      && !parts[1].hasPrefix(".") && !parts[1].hasSuffix(".") && !parts[0].hasPrefix("-")
  }

  private static func isSID(_ text: String, _ prefix: String) -> Bool {
    text.hasPrefix(prefix) && text.utf8.count == 34
      && text.utf8.dropFirst(2).allSatisfy { isDigit($0) || 0x61...0x66 ~= $0 || 0x41...0x46 ~= $0 }
  }

  private static func isShortCode(_ text: String) -> Bool { 3...8 ~= text.utf8.count && text.utf8.allSatisfy(isDigit) }

  private static func isSenderName(_ text: String) -> Bool {
    1...11 ~= text.utf8.count && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x20 }
      && !text.utf8.allSatisfy(isDigit)
  }

  private static func isSlackID(_ text: String, _ kinds: String) -> Bool {
    guard let kind = text.first, kinds.contains(kind), 3...21 ~= text.utf8.count else { return false }
    return text.utf8.allSatisfy { isDigit($0) || 0x41...0x5a ~= $0 }
  }

  private static func isSlackName(_ text: String) -> Bool {
    text.hasPrefix("#") && 2...81 ~= text.count && !text.contains { $0.isWhitespace || "<>&,".contains($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte
  }
}
