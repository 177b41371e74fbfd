import Foundation

/// A server of `Tests/fixtures` in a process of its own, and what it wrote down. It ends with the test.
final class Fixture: Sendable {
  let port: Int
  let folder: URL
  private let process: Child

  /// - Parameter arguments: made of the folder that the server has to itself; "taken" in it is what it writes down.
  init(_ script: String, in folder: URL? = nil, _ arguments: (URL) throws -> [String] = { _ in [] }) throws {
    self.folder =
      folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("fixture-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("fixtures/\(script)").path
    process = try Child(
      ["python3", "-B", path, "--out", self.folder.appendingPathComponent("taken").path, "--stop-with-stdin"]
        + (try arguments(self.folder)))
    guard let port = Int(process.line) else { throw CocoaError(.executableLoad) }
    self.port = port
  }

  deinit {
    process.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  /// A JSON object for each thing that arrived so far.
  var taken: [[String: Any]] {
    get throws {
      let text = try String(contentsOf: folder.appendingPathComponent("taken"), encoding: .utf8)
      return try text.split(separator: "\n").map { line in
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      }
    }
  }

  /// A file with a secret, by default one that nobody else may read.
  func file(_ text: String, mode: Int = 0o400) throws -> String {
    try Self.write(text, mode: mode, into: folder, as: UUID().uuidString)
  }

  static func write(_ text: String, mode: Int, into folder: URL, as name: String) throws -> String {
    let file = folder.appendingPathComponent(name)
    try Data((text + "\n").utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    return file.path
  }

  /// A certificate of its own authority, and its key, made by openssl.
  static func certificate(for host: String, in folder: URL) throws -> (certificate: String, key: String) {
    let key = folder.appendingPathComponent("key.pem").path
    let certificate = folder.appendingPathComponent("certificate.pem").path
    try Child.run(
      ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)", "-keyout", key, "-out", certificate])
    return (certificate, key)
  }

  /// A folder of authorities as machines have one, and this certificate's in it.
  static func authorities(_ certificate: String, in folder: URL) throws -> String {
    let authorities = folder.appendingPathComponent("authorities")
    try FileManager.default.createDirectory(at: authorities, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: certificate, toPath: authorities.appendingPathComponent("certificate.pem").path)
    try Child.run(["openssl", "rehash", authorities.path])
    return authorities.path
  }
}
