/// A JSON document as it was written: numbers keep their digits, so that 64 bits survive, and objects keep their order.
indirect enum JSONValue: Hashable {
  struct Member: Hashable {
    var name: String
    var value: JSONValue
  }

  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// - Throws: what is wrong with the text, with its line.
  init(parsing text: String) throws(WireError) {
    var parser = JSONParser(text)
    self = try parser.document()
  }

  /// Indented by two spaces, as people read it and scripts take it.
  var text: String {
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
