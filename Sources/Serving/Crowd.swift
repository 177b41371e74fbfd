import NIOCore
import Synchronization

/// All connections of a server. Where there are too many, whoever has said nothing for longest makes room; where nobody rests, the
/// stranger who has been at it for longest; where all are known, the newcomer. Sources that are being answered never make room.
final class Crowd: Sendable {
  private typealias Place = (since: NIODeadline, channel: any Channel)
  private struct Members {
    var count = 0
    var made: UInt64 = 0
    /// Those between two requests, or before the end of a request's head, by their number.
    var resting: [UInt64: Place] = [:]
    /// Those that are saying something, and nobody knows whose it is.
    var strangers: [UInt64: Place] = [:]
    var sentAway: UInt64 = 0
    var turnedAway: UInt64 = 0
  }
  private let atMost: Int
  private let members = Mutex(Members())

  init(atMost: Int) {
    self.atMost = atMost
  }

  /// A new connection's number; it begins at rest. Nil where there is no room: it must go, and counts until it `leave`s.
  func enter(_ channel: any Channel) -> UInt64? {
    let (number, leaving) = members.withLock { members -> (UInt64?, (any Channel)?) in
      members.count += 1
      var leaving: (any Channel)?
      if members.count > atMost {
        if let place = Self.longest(in: members.resting) {
          leaving = members.resting.removeValue(forKey: place)?.channel
        } else if let place = Self.longest(in: members.strangers) {
          leaving = members.strangers.removeValue(forKey: place)?.channel
        } else {
          members.turnedAway += 1
          return (nil, nil)
        }
        members.sentAway += 1
      }
      members.made += 1
      members.resting[members.made] = (.now(), channel)
      return (members.made, leaving)
    }
    leaving?.close(promise: nil)
    return number
  }

  private static func longest(in places: [UInt64: Place]) -> UInt64? {
    places.min { $0.value.since < $1.value.since }?.key
  }

  func rests(_ number: UInt64, _ channel: any Channel) {
    members.withLock {
      $0.strangers[number] = nil
      $0.resting[number] = (.now(), channel)
    }
  }

  func sendRestingAway() {
    let resting = members.withLock { members in
      defer { members.resting = [:] }
      return members.resting.values.map(\.channel)
    }
    for channel in resting { channel.close(promise: nil) }
  }

  func works(_ number: UInt64) {
    members.withLock {
      $0.resting[number] = nil
      $0.strangers[number] = nil
    }
  }

  /// It is with a request, and nobody knows whose.
  func isStranger(_ number: UInt64, _ channel: any Channel) {
    members.withLock { $0.strangers[number] = (.now(), channel) }
  }

  /// - Parameter number: nil for one that had no room.
  func leave(_ number: UInt64?) {
    members.withLock { members in
      members.count -= 1
      guard let number else { return }
      members.resting[number] = nil
      members.strangers[number] = nil
    }
  }

  var count: Int { members.withLock { $0.count } }
  /// How many were sent away for others, since the start.
  var sentAway: UInt64 { members.withLock { $0.sentAway } }
  /// How many found no room, since the start.
  var turnedAway: UInt64 { members.withLock { $0.turnedAway } }
}
