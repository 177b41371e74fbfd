import Configuration
import Foundation

/// Where this checkout keeps what the tests read.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func shippedFiles() throws -> [SourceFile] {
    try SourceFile.gather([root.appending(path: "compose/config").path(percentEncoded: false)])
  }

  static func shipped() throws -> ClusterConfiguration {
    try ClusterConfiguration(reading: shippedFiles())
  }

  static func sample(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: root.appending(path: "Tests/fixtures/alertmanager/\(name).json")))
  }
}
