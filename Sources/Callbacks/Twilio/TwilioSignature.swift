import Cryptography
import Foundation
import Messages

/// How Twilio signs what it posts: HMAC-SHA1 with the account's token over the address that it was given and all fields.
enum TwilioSignature {
  static func isValid(_ signature: String, url: String, fields: FormFields, token: String) -> Bool {
    guard let shown = Data(base64Encoded: signature) else { return false }
    // Twilio's own libraries take both forms of an address that names its port.
    return [url, withoutPort(url)].contains { address in
      HMAC(.sha1, key: Array(token.utf8)).isValid(Array(shown), for: signed(address, fields))
    }
  }

  static func signed(_ url: String, _ fields: FormFields) -> [UInt8] {
    var values: [String: Set<String>] = [:]
    for (name, value) in fields.all { values[name, default: []].insert(value) }
    func inOrder(_ texts: some Sequence<String>) -> [String] {
      texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    let text = inOrder(values.keys).map { name in
      inOrder(values[name] ?? []).map { name + $0 }.joined()
    }.joined()
    return Array((url + text).utf8)
  }

  private static func withoutPort(_ url: String) -> String {
    guard var parts = URLComponents(string: url), parts.port != nil else { return url }
    parts.port = nil
    return parts.string ?? url
  }
}
