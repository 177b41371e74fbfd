import Crypto
import Serving

/// By which a request is known again when its sender repeats it: all that it says, and where.
struct RequestDigest: Hashable, Sendable {
  private let bytes: [UInt8]

  init(of request: WebRequest) {
    var hash = SHA256()
    hash.update(data: Array("\(request.head.path)?\(request.head.query)\n".utf8))
    hash.update(data: request.body)
    bytes = Array(hash.finalize())
  }
}
