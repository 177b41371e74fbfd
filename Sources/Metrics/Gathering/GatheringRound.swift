import Glibc

/// Asks several places for `/metrics` at once, within one time for all of them: whoever hangs costs that time and no more, and whoever
/// says too much is cut off.
///
/// Blocks its thread for as long as it takes.
struct GatheringRound {
  static let bytesAtMost = 4 << 20

  struct Outcome {
    /// Nil: there was no whole answer in time.
    var text: String?
    var seconds: Double
  }
  private struct Asked {
    var index: Int
    var left: [UInt8]
    var bytes: [UInt8] = []
  }

  private let places: [MetricsPlace]
  private var outcomes: [Outcome]
  private var asked: [Int32: Asked] = [:]
  private let began = Self.milliseconds()

  private init(_ places: [MetricsPlace]) {
    self.places = places
    outcomes = places.map { _ in Outcome(text: nil, seconds: 0) }
  }

  /// What each said, in their order.
  static func ask(_ places: [MetricsPlace], within milliseconds: Int64) -> [Outcome] {
    var round = GatheringRound(places)
    for index in places.indices { round.begin(index) }
    round.turn(until: round.began + milliseconds)
    return round.outcomes
  }

  private mutating func turn(until end: Int64) {
    while !asked.isEmpty {
      let left = end - Self.milliseconds()
      guard left > 0 else { break }
      var polled = asked.map { pollfd(fd: $0.key, events: Int16($0.value.left.isEmpty ? POLLIN : POLLOUT), revents: 0) }
      guard poll(&polled, nfds_t(polled.count), Int32(left)) >= 0 || errno == EINTR else { break }
      for one in polled where one.revents != 0 { advance(one.fd) }
    }
    for descriptor in Array(asked.keys) { finish(descriptor, isWhole: false) }
  }

  private mutating func begin(_ index: Int) {
    let place = places[index]
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(place.host, "\(place.port)", &hints, &found) == 0, let address = found else { return }
    defer { freeaddrinfo(found) }
    let kind = address.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.pointee.ai_family, kind, 0)
    guard descriptor >= 0 else { return }
    guard connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 || errno == EINPROGRESS else {
      close(descriptor)
      return
    }
    let request = "GET /metrics HTTP/1.0\r\nHost: \(place.text)\r\nConnection: close\r\n\r\n"
    asked[descriptor] = Asked(index: index, left: Array(request.utf8))
  }

  private mutating func advance(_ descriptor: Int32) {
    guard var one = asked[descriptor] else { return }
    if !one.left.isEmpty {
      let count = send(descriptor, one.left, one.left.count, Int32(MSG_NOSIGNAL))
      guard count >= 0 else {
        if errno != EAGAIN, errno != EINTR { finish(descriptor, isWhole: false) }
        return
      }
      one.left.removeFirst(count)
      asked[descriptor] = one
      return
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count < 0 {
      if errno != EAGAIN, errno != EINTR { finish(descriptor, isWhole: false) }
    } else if count == 0 {
      finish(descriptor, isWhole: true)
    } else if one.bytes.count + count > Self.bytesAtMost {
      finish(descriptor, isWhole: false)
    } else {
      asked[descriptor]?.bytes += buffer[..<count]
    }
  }

  private mutating func finish(_ descriptor: Int32, isWhole: Bool) {
    guard let one = asked.removeValue(forKey: descriptor) else { return }
    close(descriptor)
    outcomes[one.index] = Outcome(
      text: isWhole ? Self.body(of: one.bytes) : nil, seconds: Double(Self.milliseconds() - began) / 1_000)
  }

  /// Nil when it is no whole answer with status 200.
  static func body(of bytes: [UInt8]) -> String? {
    guard let all = String(validating: bytes, as: UTF8.self) else { return nil }
    guard let end = all.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
    let head = all[..<end.lowerBound].split(separator: "\r\n")
    guard head.first?.split(separator: " ").dropFirst().first == "200" else { return nil }
    let body = all[end.upperBound...]
    for line in head.dropFirst() where line.lowercased().hasPrefix("content-length:") {
      guard Int(line.dropFirst(15).filter { $0 != " " }) == body.utf8.count else { return nil }
    }
    return String(body)
  }

  private static func milliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
