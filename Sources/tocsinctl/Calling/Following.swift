import Messages
import Wire

/// Every line of the escalator's record once and in order, for as long as somebody looks: a stream that ends, because its
/// time is over or the escalator went away, is begun again where it ended.
struct Following {
  let cluster: Cluster
  private var request: WatchRequest
  /// How many lines of `request.fromSequence` have been taken: a number may have several.
  private var taken = 0

  init(cluster: Cluster, request: WatchRequest) {
    self.cluster = cluster
    self.request = request
  }

  mutating func run(_ take: (TimelineLine) throws -> Void) async throws {
    var isAway = false
    while true {
      do {
        try await begin()
        if isAway { Failure.say("the escalator is back") }
        isAway = false
      } catch let refusal as Refusal where Following.mayGoOn(refusal.status) {
        if !isAway { Failure.say("the escalator is away; waiting for it") }
        isAway = true
        try await Task.sleep(for: .milliseconds(500))
        continue
      }
      do {
        try await follow(take)
      } catch let refusal as Refusal where Following.mayGoOn(refusal.status) {
        continue
      }
    }
  }

  /// "From now on" must be a number too: otherwise a stream that ends before its first line could not be resumed.
  private mutating func begin() async throws {
    let health = try await cluster.call(.escalator, HealthMethods.check, HealthRequest())
    if request.fromSequence == 0 { request.fromSequence = health.journalSequence + 1 }
  }

  private mutating func follow(_ take: (TimelineLine) throws -> Void) async throws {
    var toSkip = taken
    for try await line in try await cluster.stream(.escalator, EscalationMethods.watch, request) {
      if line.sequence == request.fromSequence, toSkip > 0 {
        toSkip -= 1
        continue
      }
      taken = line.sequence == request.fromSequence ? taken + 1 : 1
      request.fromSequence = line.sequence
      toSkip = 0
      try take(line)
    }
  }

  private static func mayGoOn(_ status: Status) -> Bool {
    status == .dataLoss || Failure(status) == .unavailable
  }
}
