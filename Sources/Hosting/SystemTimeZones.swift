import CivilTime
import Foundation

/// Reads the machine's tz database, the one source of civil time.
enum SystemTimeZones {
  static let directory = "/usr/share/zoneinfo"

  /// Every zone that the database holds.
  static func load() throws -> TimeZones {
    guard let walker = FileManager.default.enumerator(atPath: directory) else {
      throw HostFailure("there is no tz database in \(directory): install Debian's tzdata")
    }
    var rules: [String: TimeZoneRules] = [:]
    for case let name as String in walker where isZone(name) {
      guard let file = FileManager.default.contents(atPath: "\(directory)/\(name)"),
        file.starts(with: Array("TZif".utf8))
      else { continue }
      rules[name] = try TimeZoneRules(tzif: [UInt8](file))
    }
    return TimeZones(rules, version: release)
  }

  /// Which release: its words are kept in the journal at each start.
  static var release: String {
    let text = (try? String(contentsOfFile: "\(directory)/tzdata.zi", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first.map { $0.replacingOccurrences(of: "# version ", with: "") } ?? "unknown"
  }

  /// The folders posix/ and right/ repeat every zone; files with a dot are tables.
  private static func isZone(_ name: String) -> Bool {
    guard !name.hasPrefix("posix"), !name.hasPrefix("right"), let first = name.first else { return false }
    return first.isUppercase && !name.contains(".")
  }
}
