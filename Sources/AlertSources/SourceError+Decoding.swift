/// What a JSON decoder found, in our words.
extension SourceError {
  init(explaining error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(at: SourceError.path(context.codingPath + [key]), expected: "a value", found: "none")
    case .typeMismatch(let type, let context):
      self.init(at: SourceError.path(context.codingPath), expected: SourceError.word(type), found: "something else")
    case .valueNotFound(let type, let context):
      self.init(at: SourceError.path(context.codingPath), expected: SourceError.word(type), found: "null")
    case .dataCorrupted(let context):
      self.init(at: SourceError.path(context.codingPath), expected: "well-formed JSON", found: "other text")
    @unknown default:
      self.init(at: "payload", expected: "JSON of the documented form", found: "\(error)")
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    var path = ""
    for key in keys {
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += path.isEmpty ? key.stringValue : "." + key.stringValue
      }
    }
    return path.isEmpty ? "payload" : path
  }

  private static func word(_ type: any Any.Type) -> String {
    if type == String.self { return "a string" }
    if type == UInt64.self { return "a whole number" }
    return "\(type)".contains("Dictionary")
      ? "an object of strings" : "\(type)".contains("Array") ? "a list" : "an object"
  }
}
