import Dispatch

/// Where large requests are read, so that no connection's thread is kept from the others: those of sources that are known by their
/// head in two places, whoever else's in one of their own.
final class Workbench: Sendable {
  /// A request that is read in less time than it takes to hand it over.
  static let smallBytes = 16 * 1_024

  private let known = [DispatchQueue(label: "reading-1"), DispatchQueue(label: "reading-2")]
  private let strangers = DispatchQueue(label: "reading-strangers")

  /// - Parameter source: whose it is; nil where nobody knows.
  func does(for source: String?, _ work: @escaping @Sendable () -> Void) {
    guard let source else { return strangers.async(execute: work) }
    known[Int(source.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) }) % known.count].async(execute: work)
  }
}
