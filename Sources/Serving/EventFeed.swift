import Synchronization

/// What happens, told to all who listen by server-sent events (the HTML standard, 9.2), for as long as they listen.
///
/// Nothing is kept for a reader: who doesn't take what it is told, or comes again later, has missed it, and asks for the whole. What
/// happens faster than a reader is told becomes one piece of news, "all": a storm is no storm of requests.
public final class EventFeed: Sendable {
  /// Told that there are news, and not again before they are taken.
  typealias Wake = @Sendable () -> Void
  /// Of more than one thing.
  static let several = "all"

  private struct Reader {
    var wake: Wake
    /// By event.
    var news: [String: String] = [:]
  }
  private struct Readers {
    var made: UInt64 = 0
    var all: [UInt64: Reader] = [:]
  }
  private let readersAtMost: Int
  private let all = Mutex(Readers())

  /// - Parameter readersAtMost: at once; one more is answered 503.
  public init(readersAtMost: Int) {
    self.readersAtMost = readersAtMost
  }

  /// - Parameter data: one line.
  public func tell(_ event: String, _ data: String) {
    let waiting = all.withLock { readers in
      var waiting: [Wake] = []
      for (number, reader) in readers.all {
        if reader.news.isEmpty { waiting.append(reader.wake) }
        readers.all[number]?.news[event] = reader.news[event].map { $0 == data ? data : Self.several } ?? data
      }
      return waiting
    }
    for wake in waiting { wake() }
  }

  public var readers: Int { all.withLock { $0.all.count } }

  /// Nil: there are as many as there may be.
  func join(_ wake: @escaping Wake) -> UInt64? {
    all.withLock { readers in
      guard readers.all.count < readersAtMost else { return nil }
      readers.made += 1
      readers.all[readers.made] = Reader(wake: wake)
      return readers.made
    }
  }

  /// What a reader hasn't been told yet, as it is written.
  func take(_ number: UInt64) -> [UInt8] {
    let news = all.withLock { readers in
      defer { readers.all[number]?.news = [:] }
      return readers.all[number]?.news ?? [:]
    }
    return news.sorted { $0.key < $1.key }.flatMap { Array("event: \($0.key)\ndata: \($0.value)\n\n".utf8) }
  }

  func leave(_ number: UInt64) {
    all.withLock { $0.all[number] = nil }
  }
}

extension EventFeed: Hashable {
  public static func == (left: EventFeed, right: EventFeed) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
