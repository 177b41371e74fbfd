import Foundation

/// Which time zones there are, read from the machine's tz database: the one that the scheduler will use.
///
/// Where there is no database at all the names are taken as they are and the scheduler refuses what it can't find.
public struct ZoneNames: Sendable {
  private let names: Set<String>

  public init(_ names: some Sequence<String>) {
    self.names = Set(names)
  }

  /// The machine's own, from `tzdata.zi` under `TZDIR` or the usual place.
  public static func ofThisMachine() -> ZoneNames {
    let directory = ProcessInfo.processInfo.environment["TZDIR"] ?? "/usr/share/zoneinfo"
    guard let text = try? String(contentsOfFile: directory + "/tzdata.zi", encoding: .utf8) else {
      return ZoneNames([])
    }
    var names: Set<String> = ["UTC"]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "Z" where words.count > 1: names.insert(String(words[1]))
      case "L" where words.count > 2: names.insert(String(words[2]))
      default: break
      }
    }
    return ZoneNames(names)
  }

  func knows(_ name: String) -> Bool {
    names.isEmpty ? ZoneNames.looksRight(name) : names.contains(name)
  }

  func nearest(to name: String) -> String? {
    NearestName.to(name, among: names)
  }

  private static func looksRight(_ name: String) -> Bool {
    let letters = name.unicodeScalars
    return (1...64).contains(letters.count) && !name.hasPrefix("/") && !name.contains("..")
      && letters.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789/_+-".unicodeScalars.contains($0))
      }
  }
}
