import Addresses
import CCurl
import Glibc

/// Which addresses one conversation was about to be connected to, and what became of that. libcurl asks it for each socket.
final class OpenedSockets {
  private let reach: Reach
  private var isOpened = false
  private var refusal: String?

  init(_ reach: Reach) {
    self.reach = reach
  }

  /// Why the conversation can never be begun: all that its host resolves to lies inwards. Nil when something else went wrong.
  var refused: String? { isOpened ? nil : refusal }

  /// - Parameter easy: must end before this does.
  func watch(_ easy: UnsafeMutableRawPointer) {
    _ = tocsin_set_pointer(easy, CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
    _ = tocsin_set_open_socket(easy) { this, _, address in
      guard let this, let address else { return -1 }
      return Unmanaged<OpenedSockets>.fromOpaque(this).takeUnretainedValue().open(address)
    }
  }

  private func open(_ place: UnsafeMutablePointer<curl_sockaddr>) -> Int32 {
    let family = place.pointee.family
    // Its declaration ends with a plain sockaddr; behind it lies all of the address.
    let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
    guard let address = IPAddress(UnsafeRawPointer(place) + offset, family: family) else { return -1 }
    if let words = reach.refusal(of: address) {
      refusal = words
      return -1
    }
    isOpened = true
    return socket(family, place.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), place.pointee.protocol)
  }
}
