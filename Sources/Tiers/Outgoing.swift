import Messages
import Notifying

/// How a debt is paid: by a call to another tier, or by handing a page to a provider.
public enum Outgoing: Sendable {
  case call(path: String, payload: [UInt8])
  case attempt(Attempt)
}
