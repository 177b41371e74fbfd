import Addresses
import CCurl
import Glibc

/// Which addresses one conversation was about to be connected to, and what became of that. libcurl asks it for each socket, and lets
/// it close each: what was given up must not arrive later.
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
    // A connection that is kept outlives the conversation that opened it: nothing of that is needed to close it.
    _ = tocsin_set_close_socket(easy) { _, descriptor in OpenedSockets.close(descriptor) }
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

  /// Of a closed connection the kernel goes on sending what the other side hasn't acknowledged, for a minute and more: a page that was
  /// given up would come after its repeat, and after the answer that took it back. Where something has been sent in vain by now,
  /// the connection is reset instead, and nothing more of it leaves.
  private static func close(_ descriptor: Int32) -> Int32 {
    var state = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    if getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &state, &size) == 0,
      state.tcpi_retransmits > 0 || state.tcpi_probes > 0 || state.tcpi_backoff > 0
    {
      var reset = linger(l_onoff: 1, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
    }
    return Glibc.close(descriptor)
  }
}
