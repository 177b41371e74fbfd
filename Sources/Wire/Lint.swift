import CTocsinProto
import Messages

/// How much of a message is taken, and what is refused, before protobuf-c unpacks its bytes.
///
/// protobuf-c 1.4.1 checks no UTF-8, cuts strings at NUL, limits neither depth nor amplification, and says nothing about
/// what was wrong. The lint does: every length lies within its parent, fields have their types, strings are text, singular
/// fields come once, no number is cut, and the first thing at fault is named.
public struct Lint: Hashable, Sendable {
  /// Of the whole message.
  public var bytes: Int
  public var depth = 16
  /// Fields and list elements in the message and everything inside it.
  public var fields: Int
  /// Fields that a newer program may know.
  public var unknown: Int
  public var stringBytes: Int
  /// Whether strings may hold control characters other than newline and tab. A NUL is never taken.
  public var takesControls = false
  /// Whether times (`*_ms`) must lie within the years that calendars know, so that rules may add them up.
  public var boundsTimes = false
  /// How much memory unpacking may take: this many times the message, and 64 KiB.
  public var amplification = 16

  /// The longest span, and the latest instant: the end of the year 9999, wherever that is.
  public static let longest = Instant.distantFuture.milliseconds + 2 * 86_400_000

  /// The same, for what is asked of rules.
  public var forRules: Lint {
    var lint = self
    lint.boundsTimes = true
    return lint
  }

  /// For single requests of strangers.
  public static let strangers = Lint(bytes: 1_024 * 1_024, fields: 4_096, unknown: 64, stringBytes: 32 * 1_024)
  /// For what people ask one thing at a time: no such request is long.
  public static let people = Lint(bytes: 64 * 1_024, fields: 4_096, unknown: 64, stringBytes: 32 * 1_024)
  /// For bytes from other processes: replies list a thousand alerts, configurations are long.
  public static let outside = Lint(bytes: 1_024 * 1_024, fields: 65_536, unknown: 64, stringBytes: 32 * 1_024)
  /// For rows of our own journal. Their content was linted when it came in; an unknown field comes from a newer program,
  /// whose rows must not be half understood.
  public static let trusted = Lint(
    bytes: 64 * 1_024 * 1_024, fields: 4_000_000, unknown: 0, stringBytes: 64 * 1_024 * 1_024, takesControls: true,
    amplification: 64)

  public init(
    bytes: Int, depth: Int = 16, fields: Int, unknown: Int, stringBytes: Int, takesControls: Bool = false,
    amplification: Int = 16
  ) {
    self.bytes = bytes
    self.depth = depth
    self.fields = fields
    self.unknown = unknown
    self.stringBytes = stringBytes
    self.takesControls = takesControls
    self.amplification = amplification
  }

  /// The most that unpacking a message of this size may allocate.
  func memory(for messageBytes: Int) -> Int { amplification * messageBytes + 64 * 1_024 }

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
