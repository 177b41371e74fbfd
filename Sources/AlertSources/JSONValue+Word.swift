import JSON

extension JSONValue {
  /// Text, or a number, true or false as it is written; nil for what isn't one word.
  var word: String? {
    switch self {
    case .string(let text): text
    case .number(let digits): digits
    case .bool(let isTrue): isTrue ? "true" : "false"
    case .null, .array, .object: nil
    }
  }
}
