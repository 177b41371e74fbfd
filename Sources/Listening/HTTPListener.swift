import Glibc
import Messages
import Synchronization

/// Takes HTTP requests on a port of its own, within fixed bounds, and asks for an answer to each.
///
/// One thread and `poll`: so many connections at once, so many bytes, so much time each; whatever exceeds that is answered or cut off
/// here. Who dawdles takes no place from whom has said all: places are kept for whole requests, and of those that aren't the one that
/// has said least for longest makes room. What turns out to be refused counts against an allowance of its kind, so that forgeries
/// keep nobody out who is proven. Nothing that arrives makes the tier's own loop wait. A library's server would be less to
/// read, but those at hand bound neither the head of a request nor the time that it takes to arrive.
public final class HTTPListener: @unchecked Sendable {
  // Sendable because everything but `finished` and `ring` is touched by its own thread only, and those two are a mutex and a
  // constant.

  public struct Limits: Sendable {
    public var connections = 64
    /// So many of them may be without a whole request.
    public var unfinished = 48
    /// For a request to arrive whole, and again for its answer to be taken.
    public var patience = Span.seconds(10)
    /// For whoever answers.
    public var answersWithin = Span.seconds(20)
    /// Of requests that have proven themselves by a signature, and again of links that were made here; refused ones alone count.
    public var signedPerSecond: UInt32 = 500
    public var signedBurst: UInt32 = 1_000
    /// Of signatures and links that prove nothing yet, and again of whatever else comes.
    public var perSecond: UInt32 = 50
    public var burst: UInt32 = 200

    public init() {}
  }
  /// How a request proves itself; those of a kind share an allowance.
  public enum Proof: Sendable, CaseIterable {
    case signature
    /// There is a signature, and it fits no secret that is known; it may fit a new one. Forged ones take nothing from those above.
    case unprovenSignature
    /// A link that was made here, as its seal shows: forged ones, however many, take nothing from it.
    case sealedLink
    /// What looks like a link and has no such seal.
    case link
    case nothing
  }
  public typealias Answer = @Sendable (HTTPRequest, @escaping @Sendable (HTTPResponse) -> Void) -> Void

  private struct Connection {
    enum State { case reading, waiting(isHead: Bool, Proof), writing }
    var number: UInt64
    var state = State.reading
    var reader = RequestReader()
    /// What is left to be said.
    var answer: [UInt8] = []
    var sent = 0
    var until: Int64

    var isUnfinished: Bool { if case .reading = state { true } else { false } }
  }

  /// As it was bound: with the port that the system chose, if none was given.
  public let port: UInt16
  private let limits: Limits
  private let answer: Answer
  private let proof: @Sendable (HTTPRequest) -> Proof
  private let socket: Int32
  /// A pipe: who has an answer rings, and the thread wakes.
  private let wake: Int32
  private let ring: Int32
  private let finished = Mutex<[(UInt64, HTTPResponse)]>([])
  private var connections: [Int32: Connection] = [:]
  private var numbered: UInt64 = 0
  private var allowances: [Proof: Allowance] = [:]

  /// - Parameter address: "127.0.0.1:7120"; a port of 0 lets the system choose.
  /// - Parameter proof: how a request proves itself; asked on the listener's own thread.
  /// - Throws: words that say why it can't be bound.
  public init(
    _ address: String, limits: Limits = Limits(),
    proof: @escaping @Sendable (HTTPRequest) -> Proof = { _ in .nothing }, answer: @escaping Answer
  ) throws(ListeningFailure) {
    let place = try ListeningAddress(address)
    self.limits = limits
    self.proof = proof
    self.answer = answer
    (socket, port) = try place.listen()
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw ListeningFailure("no pipe for a listener: \(String(cString: strerror(errno)))")
    }
    (wake, ring) = (ends[0], ends[1])
    ends.forEach(ListeningAddress.setNonblocking)
    for kind in Proof.allCases {
      let (perSecond, burst) =
        switch kind {
        case .signature, .sealedLink: (limits.signedPerSecond, limits.signedBurst)
        case .unprovenSignature, .link, .nothing: (limits.perSecond, limits.burst)
        }
      allowances[kind] = Allowance(perSecond: perSecond, burst: burst, at: Self.now())
    }
    let thread = Unmanaged.passRetained(self)
    var id = pthread_t()
    let made = pthread_create(
      &id, nil,
      {
        let listener = Unmanaged<HTTPListener>.fromOpaque($0!).takeUnretainedValue()
        while true { listener.turn() }
      }, thread.toOpaque())
    guard made == 0 else { throw ListeningFailure("no thread for a listener: \(String(cString: strerror(made)))") }
    pthread_detach(id)
  }

  // MARK: The turn

  private func turn() {
    var items = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
    // Who waits for a place waits outside; the system keeps a few more.
    if connections.count < limits.connections { items.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
    for (descriptor, connection) in connections {
      var events = 0
      switch connection.state {
      case .reading: events = Int(POLLIN)
      case .waiting: events = 0
      case .writing: events = Int(POLLOUT)
      }
      items.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    }
    let now = Self.now()
    let next = connections.values.map(\.until).min() ?? now + 60_000
    guard poll(&items, nfds_t(items.count), Int32(max(0, min(60_000, next - now)))) >= 0 else { return }
    for item in items where item.revents != 0 {
      if item.fd == wake {
        takeAnswers()
      } else if item.fd == socket {
        accept()
      } else if connections[item.fd] != nil {
        serve(item.fd, Int32(item.revents))
      }
    }
    cutOffTheLate()
  }

  private func accept() {
    let descriptor = Glibc.accept(socket, nil, nil)
    guard descriptor >= 0 else {
      // No descriptors left: the others must end before there is room, and polling again at once would only burn a core.
      if errno == EMFILE || errno == ENFILE { usleep(50_000) }
      return
    }
    ListeningAddress.setNonblocking(descriptor)
    numbered += 1
    makeRoom()
    connections[descriptor] = Connection(number: numbered, until: Self.now() + limits.patience.milliseconds)
  }

  /// For one more that has said nothing yet.
  private func makeRoom() {
    let unfinished = connections.filter { $0.value.isUnfinished }
    guard unfinished.count >= limits.unfinished else { return }
    let slowest = unfinished.min {
      ($0.value.reader.hasHead ? 1 : 0, $0.value.number) < ($1.value.reader.hasHead ? 1 : 0, $1.value.number)
    }
    if let slowest { cutOff(slowest.key, slowest.value) }
  }

  private func serve(_ descriptor: Int32, _ events: Int32) {
    switch connections[descriptor]?.state {
    case .reading: read(descriptor)
    case .writing: write(descriptor)
    case .waiting: if events & (POLLERR | POLLHUP) != 0 { end(descriptor) }
    case nil: break
    }
  }

  private func read(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else {
      if count == 0 || (errno != EAGAIN && errno != EINTR) { end(descriptor) }
      return
    }
    switch connections[descriptor]?.reader.take(buffer[..<count]) {
    case .more, nil: break
    case .refused(let status): respond(descriptor, HTTPResponse(status), isHead: false)
    case .request(let request): ask(descriptor, request)
    }
  }

  private func ask(_ descriptor: Int32, _ request: HTTPRequest) {
    let proof = proof(request)
    guard allowances[proof]?.take(at: Self.now()) ?? false else {
      return respond(descriptor, HTTPResponse(429, headers: ["Retry-After": "5"]), isHead: false)
    }
    guard let number = connections[descriptor]?.number else { return }
    connections[descriptor]?.reader = RequestReader()
    connections[descriptor]?.state = .waiting(isHead: request.method == "HEAD", proof)
    connections[descriptor]?.until = Self.now() + limits.answersWithin.milliseconds
    answer(request) { [self] response in
      finished.withLock { $0.append((number, response)) }
      // A full pipe has rung already.
      _ = Glibc.write(ring, [1], 1)
    }
  }

  private func takeAnswers() {
    var rings = [UInt8](repeating: 0, count: 1_024)
    _ = Glibc.read(wake, &rings, rings.count)
    let answers = finished.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for (number, response) in answers {
      guard let (descriptor, connection) = connections.first(where: { $0.value.number == number }),
        case .waiting(let isHead, let proof) = connection.state
      else { continue }
      if !response.isRefusal { allowances[proof]?.giveBack() }
      respond(descriptor, response, isHead: isHead)
    }
  }

  private func respond(_ descriptor: Int32, _ response: HTTPResponse, isHead: Bool) {
    connections[descriptor]?.answer = response.bytes(withBody: !isHead)
    connections[descriptor]?.sent = 0
    connections[descriptor]?.state = .writing
    connections[descriptor]?.until = Self.now() + limits.patience.milliseconds
    write(descriptor)
  }

  private func write(_ descriptor: Int32) {
    guard let connection = connections[descriptor] else { return }
    let rest = connection.answer[connection.sent...]
    let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard count >= 0 else {
      if errno != EAGAIN && errno != EINTR { end(descriptor) }
      return
    }
    connections[descriptor]?.sent += count
    if connection.sent + count == connection.answer.count { end(descriptor) }
  }

  private func cutOffTheLate() {
    let now = Self.now()
    for (descriptor, connection) in connections where connection.until <= now { cutOff(descriptor, connection) }
  }

  private func cutOff(_ descriptor: Int32, _ connection: Connection) {
    switch connection.state {
    case .reading where !connection.reader.isEmpty: respond(descriptor, HTTPResponse(408), isHead: false)
    case .waiting(let isHead, _): respond(descriptor, .unavailable, isHead: isHead)
    case .reading, .writing: end(descriptor)
    }
  }

  private func end(_ descriptor: Int32) {
    connections[descriptor] = nil
    // What has not been read would make the system reset the connection before the answer has arrived.
    shutdown(descriptor, Int32(SHUT_WR))
    var rest = [UInt8](repeating: 0, count: 16_384)
    _ = recv(descriptor, &rest, rest.count, 0)
    close(descriptor)
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
