import CivilTime
import Foundation

/// Reads the machine's tz database, the one source of civil time.
enum SystemTimeZones {
  static let directory = "/usr/share/zoneinfo"

  /// Every zone that the database's index names.
  static func load() throws -> TimeZones {
    let names = try index()
    var zones: [String: [UInt8]] = [:]
    for name in names {
      guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else { continue }
      zones[name] = [UInt8](data)
    }
    return try TimeZones(files: zones)
  }

  /// Which release: its words are kept in the journal at each start.
  static var release: String {
    let text = (try? String(contentsOfFile: "\(directory)/tzdata.zi", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first.map { $0.replacingOccurrences(of: "# version ", with: "") } ?? "unknown"
  }

  private static func index() throws -> [String] {
    guard let walker = FileManager.default.enumerator(atPath: directory) else {
      throw HostFailure("there is no tz database in \(directory): install Debian's tzdata")
    }
    let folders = ["posix/", "right/"]
    return walker.compactMap { $0 as? String }.filter { name in
      guard !folders.contains(where: name.hasPrefix), let first = name.first, first.isUppercase else { return false }
      return !name.contains(".")
    }
  }
}
