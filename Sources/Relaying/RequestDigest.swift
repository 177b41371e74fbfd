import Cryptography
import Serving

/// By which a request is known again when its sender repeats it: all that it says, and where.
struct RequestDigest: Hashable, Sendable {
  private let bytes: [UInt8]

  init(of request: WebRequest) {
    var hash = SHA256()
    hash.update("\(request.head.path)?\(request.head.query)\n")
    hash.update(request.body)
    bytes = hash.finalize()
  }
}
