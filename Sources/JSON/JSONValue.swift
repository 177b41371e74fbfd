/// A JSON document as it was written: numbers keep their digits, so that 64 bits survive, and objects keep their order.
public indirect enum JSONValue: Hashable, Sendable {
  public struct Member: Hashable, Sendable {
    public var name: String
    public var value: JSONValue

    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// - Parameter valuesAtMost: how many values there may be in all, because small ones take many times the memory of their text.
  /// - Throws: what is wrong with the text, with its line.
  public init(parsing text: some Sequence<UInt8>, valuesAtMost: Int = 1_000_000) throws(JSONFault) {
    var parser = JSONParser(Array(text), valuesAtMost: valuesAtMost)
    self = try parser.document()
  }

  /// From senders that aren't ours to mend: text that is no Unicode gets U+FFFD in its place, and what nests too deep is a string.
  public init(leniently text: some Sequence<UInt8>, valuesAtMost: Int) throws(JSONFault) {
    var parser = JSONParser(Array(text), valuesAtMost: valuesAtMost, isLenient: true)
    self = try parser.document()
  }

  /// Indented by two spaces, as people read it and scripts take it.
  public var text: String {
    var text = ""
    write(to: &text, indent: 0)
    return text
  }

  private func write(to text: inout String, indent: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .number(let digits): text += digits
    case .string(let value): JSONText.write(value, to: &text)
    case .array(let values):
      Self.write(values, "[", "]", to: &text, indent) { $0.write(to: &$1, indent: indent + 1) }
    case .object(let members):
      Self.write(members, "{", "}", to: &text, indent) { member, text in
        JSONText.write(member.name, to: &text)
        text += ": "
        member.value.write(to: &text, indent: indent + 1)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], _ open: String, _ close: String, to text: inout String, _ indent: Int,
    _ writeOne: (Element, inout String) -> Void
  ) {
    text += open
    for (index, element) in elements.enumerated() {
      text += (index == 0 ? "\n" : ",\n") + String(repeating: "  ", count: indent + 1)
      writeOne(element, &text)
    }
    if !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }
}
