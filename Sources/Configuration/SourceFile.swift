import Foundation

/// One file of configuration as it was read from disk.
public struct SourceFile: Hashable, Sendable {
  public var name: String
  public var text: String

  /// A person's configuration is a few kilobytes; a file larger than this was not written by one.
  public static let largestBytes = 1 << 20

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// Holidays that documents name, no document itself.
  var isCalendar: Bool { name.hasSuffix(".ics") }

  /// The files that `paths` name: a file itself, or each `*.yaml`, `*.yml` and `*.ics` right in a directory, in order of
  /// name.
  public static func gather(_ paths: [String]) throws(ConfigurationError) -> [SourceFile] {
    var files: [SourceFile] = []
    var problems: [Problem] = []
    for path in paths {
      for file in expand(path, &problems) {
        switch read(file) {
        case .success(let source): files.append(source)
        case .failure(let error): problems += error.problems
        }
      }
    }
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    return files
  }

  private static func expand(_ path: String, _ problems: inout [Problem]) -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      problems.append(problem(path, expected: "a file or a directory", found: "nothing at this path"))
      return []
    }
    guard isDirectory.boolValue else { return [path] }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    let files = names.filter { name in
      !name.hasPrefix(".") && [".yaml", ".yml", ".ics"].contains { name.hasSuffix($0) }
    }
    if files.allSatisfy({ $0.hasSuffix(".ics") }) {
      problems.append(problem(path, expected: "*.yaml or *.yml files", found: "a directory without any"))
    }
    return files.map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }
  }

  /// Reads at most one byte more than is allowed, so that a huge file costs nothing.
  private static func read(_ path: String) -> Result<SourceFile, ConfigurationError> {
    func failure(_ expected: String, _ found: String) -> Result<SourceFile, ConfigurationError> {
      .failure(ConfigurationError(problems: [problem(path, expected: expected, found: found)]))
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      return failure("a readable file", "one that cannot be opened")
    }
    defer { try? handle.close() }
    var bytes = Data()
    do {
      while bytes.count <= largestBytes, let more = try handle.read(upToCount: largestBytes + 1 - bytes.count),
        !more.isEmpty
      {
        bytes += more
      }
    } catch {
      return failure("a readable file", "one whose reading failed")
    }
    guard bytes.count <= largestBytes else { return failure("at most 1 MiB", "a larger file") }
    guard let text = String(validating: bytes, as: UTF8.self) else { return failure("UTF-8 text", "other bytes") }
    return .success(SourceFile(name: path, text: text))
  }

  private static func problem(_ path: String, expected: String, found: String) -> Problem {
    Problem(place: Place(file: path, line: 1, column: 1), field: "file", expected: expected, found: found)
  }
}
