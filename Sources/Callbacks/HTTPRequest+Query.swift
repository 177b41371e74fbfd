import Listening
import Messages

extension HTTPRequest {
  /// What follows the "?" of its target.
  public var query: FormFields { FormFields(urlEncoded: target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()) }
}
