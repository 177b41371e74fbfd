import Glibc

/// How many connections a door holds at once. libzmq accepts without end: what is more than that is shut soon after, so that who
/// floods one door takes neither the process's descriptors nor the places of those who are inside.
public struct ConnectionLimits: Hashable, Sendable {
  public var atMost: Int

  public init(atMost: Int) {
    self.atMost = atMost
  }

  /// As many as there are descriptors.
  static let none = ConnectionLimits(atMost: .max)

  /// Those who have shown who they are leave a quarter of the door to those who come.
  var ofKnown: Int { atMost - max(1, atMost / 4) }
}

/// The connections of one door by descriptor, and which of them are too many. Lives on the door's thread; sees no socket.
///
/// Whoever comes gets a place, also at a full door: somebody who has said nothing yet makes room. So no number of strangers, from
/// whatever address, keeps a tier or a source out for longer than it takes to try again. Whoever has sent a message, which the
/// door's lock has let in, is shut for no stranger, and a tier's own connections never.
package struct ConnectionGate {
  /// One end of a connection as the kernel knows it.
  package struct Peer: Hashable {
    var address: String
    var port: UInt16

    package init(address: String, port: UInt16) {
      self.address = address
      self.port = port
    }
  }
  private enum Holder: Hashable {
    /// It has sent nothing yet: a stranger, or somebody in the middle of a handshake.
    case newcomer
    /// By name, or by address where nobody shows a key.
    case known(String)
    case ours
  }
  private struct Place {
    var peer: Peer
    var holder: Holder
    /// Counts up with each that comes.
    var number: UInt64
  }
  let limits: ConnectionLimits
  private var places: [Int32: Place] = [:]
  private var newcomers = 0
  private var known = 0
  private var last: UInt64 = 0

  package init(_ limits: ConnectionLimits) {
    self.limits = limits
  }

  package var count: Int { places.count }

  /// Who has the place of a descriptor; nil: nobody that is known of.
  func peer(at descriptor: Int32) -> Peer? { places[descriptor]?.peer }

  package mutating func accepted(_ descriptor: Int32, from peer: Peer) {
    ended(descriptor)
    last += 1
    places[descriptor] = Place(peer: peer, holder: .newcomer, number: last)
    newcomers += 1
  }

  mutating func ended(_ descriptor: Int32) {
    guard let place = places.removeValue(forKey: descriptor) else { return }
    count(place.holder, -1)
  }

  /// It has sent a message. Of a descriptor whose connection has ended meanwhile, the next one's gets the name, and loses it again
  /// with a handshake's time.
  ///
  /// - Parameters:
  ///   - name: of its key; empty where nobody shows one.
  ///   - isOurs: it is a tier's.
  package mutating func spoke(_ descriptor: Int32, name: String, isOurs: Bool) {
    guard var place = places[descriptor] else { return }
    count(place.holder, -1)
    place.holder = isOurs ? .ours : .known(name.isEmpty ? Self.neighbourhood(place.peer.address) : name)
    count(place.holder, 1)
    places[descriptor] = place
  }

  private mutating func count(_ holder: Holder, _ change: Int) {
    switch holder {
    case .newcomer: newcomers += change
    case .known: known += change
    case .ours: break
    }
  }

  /// Those that are too many; they have no place any more. Of newcomers, the address that has most loses those that have waited
  /// longest; of the known, the key that has most loses those that came last: what works already goes on.
  package mutating func takeTooMany() -> [(descriptor: Int32, peer: Peer)] {
    let tooManyKnown = known - limits.ofKnown
    let tooManyNew = newcomers - (limits.atMost - min(known, limits.ofKnown))
    guard tooManyKnown > 0 || tooManyNew > 0 else { return [] }
    var groups: (new: [(Int32, String, UInt64)], known: [(Int32, String, UInt64)]) = ([], [])
    for (descriptor, place) in places {
      switch place.holder {
      case .newcomer: groups.new.append((descriptor, Self.neighbourhood(place.peer.address), .max - place.number))
      case .known(let name): groups.known.append((descriptor, name, place.number))
      case .ours: break
      }
    }
    let tooMany = Self.last(tooManyNew, of: groups.new) + Self.last(tooManyKnown, of: groups.known)
    return tooMany.compactMap { descriptor in
      let peer = places[descriptor]?.peer
      ended(descriptor)
      return peer.map { (descriptor, $0) }
    }
  }

  /// - Parameter waiting: descriptors, whose they are, and in which order each one's are worth a place.
  private static func last(_ count: Int, of waiting: [(descriptor: Int32, whose: String, order: UInt64)]) -> [Int32] {
    guard count > 0 else { return [] }
    var ranks: [String: Int] = [:]
    let ranked = waiting.sorted { $0.order < $1.order }.map { one -> (descriptor: Int32, rank: Int, order: UInt64) in
      ranks[one.whose, default: 0] += 1
      return (one.descriptor, ranks[one.whose, default: 0], one.order)
    }
    return ranked.sorted { ($0.rank, $0.order) > ($1.rank, $1.order) }.prefix(count).map(\.descriptor)
  }

  /// What one customer is given at least: an address of IPv4, and of IPv6 a /64.
  package static func neighbourhood(_ address: String) -> String {
    guard address.contains(":") else { return address }
    var bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, String(address.prefix { $0 != "%" }), &bytes) == 1 else { return address }
    // ::ffff:192.0.2.1 is an address of IPv4.
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...11].allSatisfy { $0 == 255 }
    return (isMapped ? bytes[12...] : bytes[..<8]).map(String.init).joined(separator: isMapped ? "." : ":")
  }
}
