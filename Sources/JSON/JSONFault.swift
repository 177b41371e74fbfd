/// Why a text is no JSON that is read here: malformed, deeper or of more values than anything needs, or a name given twice.
public struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// "is not JSON: a colon is expected (line 3)"
  public let description: String

  init(_ words: String) { description = words }
}
