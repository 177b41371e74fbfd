import Serving

/// What load balancers, and senders that look before they send, ask.
extension Relay {
  func healthRoutes() -> [Route] {
    func route(_ path: String, _ answer: @escaping @Sendable () -> WebAnswer) -> Route {
      Route("GET", "HEAD", at: path, proof: .nobody, bodyAtMost: 0, words: PlainWords()) { $1(answer()) }
    }
    let healthy: @Sendable () -> WebAnswer = { .text(200, "OK\n") }
    let ready: @Sendable () -> WebAnswer = { [self] in
      isReady() ? .text(200, "OK\n") : .text(503, "alert-intake can't be reached\n")
    }
    return [
      route("/-/healthy", healthy), route("/healthz", healthy), route("/-/ready", ready), route("/readyz", ready),
    ]
  }
}
