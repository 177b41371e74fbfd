import CFloors
import Foundation

/// A webhook's other end in this process, which notes when each page arrived.
final class PageReceiver: @unchecked Sendable {
  // Sendable because its memory is written by the receiver's thread, a word at a time, and only read by others.
  private let arrivals: UnsafeMutablePointer<UInt64>
  private let doubles: UnsafeMutablePointer<Int32>
  let most: Int
  let url: String

  /// - Parameter most: how many pages will be told apart. Its memory and thread live as long as the process.
  init(most: Int) throws {
    self.most = most
    arrivals = .allocate(capacity: most)
    arrivals.initialize(repeating: 0, count: most)
    doubles = .allocate(capacity: 1)
    doubles.initialize(to: 0)
    var port: Int32 = 0
    let listener = receiver_listen(&port)
    guard listener >= 0 else { throw BenchFailure("the receiver can't listen") }
    url = "http://127.0.0.1:\(port)/pages"
    Thread { [self] in receiver_run(listener, arrivals, Int32(most), doubles) }.start()
  }

  /// When a page arrived, of CLOCK_MONOTONIC in nanoseconds; nil while it has not.
  func arrival(_ number: Int) -> UInt64? {
    arrivals[number] == 0 ? nil : arrivals[number]
  }

  /// Pages that came more than once.
  var again: Int { Int(doubles.pointee) }
}
