import Messages
import Serving
import Wire

/// Where a key may stand in a request, as the senders we know put it there.
enum Credentials {
  /// `Authorization` as Bearer, as GenieKey, or as the password of Basic; `token` and `key` in the query. What a proxy puts into the
  /// header hides no key in the address: whoever asks takes the first that is known.
  static func keys(of head: WebHead) -> [String] {
    let query = FormFields(urlEncoded: head.query.utf8)
    return [header(of: head), query.value("token"), query.value("key")].compactMap { $0 }
  }

  private static func header(of head: WebHead) -> String? {
    let given = head.header("authorization")
    if let space = given.firstIndex(of: " ") {
      let rest = given[given.index(after: space)...].drop { $0 == " " }
      switch given[..<space].lowercased() {
      case "bearer", "geniekey", "token": return String(rest)
      case "basic": return password(rest)
      default: return nil
      }
    }
    return nil
  }

  /// The name before the colon says nothing here.
  private static func password(_ text: Substring) -> String? {
    guard let bytes = Base64.bytes(String(text)), let pair = String(validating: bytes, as: UTF8.self),
      let colon = pair.firstIndex(of: ":")
    else { return nil }
    return String(pair[pair.index(after: colon)...])
  }
}
