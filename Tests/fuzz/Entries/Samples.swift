import Foundation

/// What inputs begin as: messages of every type as a release wrote them, and the configuration that is shipped.
enum Samples {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Each with the name of its type.
  static let messages: [(type: String, bytes: [UInt8])] = text("Tests/fixtures/released/0.1.0.txt")
    .split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 2, let bytes = Data(base64Encoded: String(words[1])) else { return nil }
      return (String(words[0]), [UInt8](bytes))
    }

  static let configuration: [String] = ["team", "rotations", "policy", "alerts", "contacts", "watch"].map {
    text("compose/config/\($0).yaml")
  }

  static func fixtures(_ folder: String) -> [[UInt8]] {
    let place = root.appendingPathComponent("Tests/fixtures").appendingPathComponent(folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
    return names.sorted().compactMap { try? [UInt8](Data(contentsOf: place.appendingPathComponent($0))) }
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
  }
}
