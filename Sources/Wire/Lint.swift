import CTocsinProto

/// One pass over a message's bytes before protobuf-c unpacks them, by the message's own descriptor.
///
/// protobuf-c 1.4.1 checks no UTF-8, cuts strings at NUL, limits neither depth nor amplification, and says nothing about
/// what was wrong. This does: every length lies within its parent, fields have their types, strings are text, singular
/// fields come once, and the first thing at fault is named.
struct Lint: Sendable {
  var bytes: Int
  var depth = 16
  var fields: Int
  var unknown: Int
  var stringBytes: Int
  var refusesDuplicates: Bool

  /// For bytes from other processes.
  static let outside = Lint(
    bytes: 1_024 * 1_024, fields: 65_536, unknown: 64, stringBytes: 64 * 1_024, refusesDuplicates: true)
  /// For rows of our own journal: their content was linted when it came in, and unknown fields come from a newer program.
  static let inside = Lint(
    bytes: 64 * 1_024 * 1_024, fields: 4_000_000, unknown: 0, stringBytes: 64 * 1_024 * 1_024, refusesDuplicates: true)

  func check(_ message: [UInt8], _ descriptor: Descriptor) throws(WireError) {
    guard message.count <= bytes else {
      throw WireError(field: "", rule: "has \(message.count) bytes; at most \(bytes) are taken")
    }
    var pass = LintPass(lint: self)
    let result: Result<Void, WireError> = message.withUnsafeBytes { buffer in
      do throws(WireError) {
        return .success(try pass.check(buffer, descriptor.pointer, depth: 1))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}
