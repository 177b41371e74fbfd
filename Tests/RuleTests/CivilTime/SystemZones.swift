import CivilTime
import Messages
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The tz database of the machine the tests run on, and the tables that Python's zoneinfo made from one.
enum SystemZones {
  static let directory = "/usr/share/zoneinfo"

  /// All zones, by name, without the copies that count leap seconds.
  static let all: TimeZones = TimeZones(load(), version: "system")

  static func rules(_ name: String) -> TimeZoneRules {
    guard let rules = all[name] else { preconditionFailure("\(name) is not in \(directory): install tzdata") }
    return rules
  }

  static func bytes(ofFile path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { return bytes }
      bytes += buffer[0..<count]
    }
  }

  /// Which tz database the reference tables were made from.
  static func referenceVersion(file: String = #filePath) -> String {
    String(decoding: bytes(ofFile: reference("tzdata-version", near: file)) ?? [], as: UTF8.self)
      .filter { !$0.isWhitespace }
  }

  /// Which one this machine has.
  static var version: String {
    let first = bytes(ofFile: "\(directory)/tzdata.zi")?.prefix { $0 != UInt8(ascii: "\n") } ?? []
    return String(decoding: first, as: UTF8.self).split(separator: " ").last.map(String.init) ?? ""
  }

  private static func reference(_ name: String, near file: String) -> String {
    "/" + file.split(separator: "/").dropLast(3).joined(separator: "/") + "/Reference/" + name
  }

  /// The rows of a table in Tests/Reference, without its heading.
  static func reference(_ name: String, file: String = #filePath) -> [[String]] {
    guard let bytes = bytes(ofFile: reference(name, near: file)) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// The rows of a table somewhere in Tests, without its heading.
  static func rows(ofFile name: String, file: String = #filePath) -> [[String]] {
    let path = "/" + file.split(separator: "/").dropLast(3).joined(separator: "/") + "/" + name
    guard let bytes = bytes(ofFile: path) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  private static func load() -> [String: TimeZoneRules] {
    var found: [String: TimeZoneRules] = [:]
    var folders = [""]
    while let folder = folders.popLast() {
      guard let stream = opendir("\(directory)/\(folder)") else { continue }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard !name.hasPrefix("."), !["posix", "right", "localtime", "posixrules"].contains(name) else { continue }
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        if let bytes = bytes(ofFile: "\(directory)/\(path)"), bytes.starts(with: Array("TZif".utf8)) {
          found[path] = try? TimeZoneRules(tzif: bytes)
        } else {
          folders.append(path)
        }
      }
    }
    return found
  }
}
