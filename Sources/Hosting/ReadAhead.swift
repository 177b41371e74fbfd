import Bus
import Dispatch

/// Elements that one thread makes while another uses those made before, a few chunks apart.
final class ReadAhead<Element>: @unchecked Sendable {
  // Sendable because a chunk is handed over under the lock and the maker doesn't keep it.
  private enum Step {
    case chunk([Element])
    case end
    case failure(any Error)
  }
  private static var chunksAhead: Int { 4 }
  private var steps: [Step] = []
  private let lock = DispatchSemaphore(value: 1)
  private let room = DispatchSemaphore(value: ReadAhead.chunksAhead)
  private let ready = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - givesWay: nobody waits for it.
  ///   - make: hands over chunk after chunk, waiting while the user is behind; runs at once on a thread of its own.
  init(givesWay: Bool, _ make: @escaping (_ ahead: ([Element]) -> Void) throws -> Void) {
    let work = Handed(make)
    let begins = detachThread(named: "read ahead", givesWay: givesWay) { [self] in
      do {
        try work.value { chunk in
          room.wait()
          put(.chunk(chunk))
        }
        put(.end)
      } catch {
        put(.failure(error))
      }
    }
    if !begins { put(.failure(HostFailure("the system has no thread for reading ahead"))) }
  }

  /// Everything in order. Called once; must go on to the end.
  func forEach(_ use: (Element) -> Void) throws {
    while true {
      ready.wait()
      switch take() {
      case .chunk(let chunk):
        for element in chunk { use(element) }
        room.signal()
      case .end: return
      case .failure(let error): throw error
      }
    }
  }

  private func put(_ step: Step) {
    lock.wait()
    steps.append(step)
    lock.signal()
    ready.signal()
  }

  private func take() -> Step {
    lock.wait()
    defer { lock.signal() }
    return steps.removeFirst()
  }
}

/// Carries a closure to the one thread that runs it.
private struct Handed<Value>: @unchecked Sendable {
  // Sendable because it is used once, by the thread that it is handed to.
  let value: Value

  init(_ value: Value) {
    self.value = value
  }
}
