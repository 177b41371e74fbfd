import JSON
import Messages

/// A value in what a source sent, that knows where it stands and complains in those words.
///
/// What is null counts as not there: senders in many languages write one for the other.
struct Given {
  /// More than any source sends, in less memory than hurts: the largest bodies have a value in every 30 bytes.
  static let valuesAtMost = 600_000

  let value: JSONValue
  /// `alerts[2].labels`; empty for the whole.
  let at: String

  init(_ value: JSONValue, at: String) {
    self.value = value
    self.at = at
  }

  /// - Parameter whole: what to call the document as a whole.
  init(reading json: some Sequence<UInt8>, as whole: String = "payload") throws(SourceError) {
    do throws(JSONFault) {
      value = try JSONValue(leniently: json, valuesAtMost: Self.valuesAtMost)
    } catch {
      throw SourceError(at: whole, expected: "well-formed JSON", found: "text that \(error.description)")
    }
    at = ""
  }

  private func place(_ step: String) -> String { at.isEmpty ? step : "\(at).\(step)" }

  /// What stands under a name; nil when nothing does.
  subscript(name: String) -> Given? {
    guard case .object(let members) = value, let member = members.first(where: { $0.name == name }),
      member.value != .null
    else { return nil }
    return Given(member.value, at: place(name))
  }

  func wrong(_ expected: String, found: String? = nil) -> SourceError {
    SourceError(at: at.isEmpty ? "payload" : at, expected: expected, found: found ?? kind)
  }

  /// - Throws: when something else is under the name.
  func string(_ name: String) throws(SourceError) -> String? {
    guard let given = self[name] else { return nil }
    return try given.string()
  }

  func string() throws(SourceError) -> String {
    guard case .string(let text) = value else { throw wrong("a string") }
    return text
  }

  /// - Throws: when there is none, or an empty one.
  func required(_ name: String, _ expected: String = "a string") throws(SourceError) -> String {
    let text = try string(name) ?? ""
    guard !text.isEmpty else { throw SourceError(at: place(name), expected: expected, found: "none") }
    return text
  }

  func list(_ name: String) throws(SourceError) -> [Given]? {
    guard let given = self[name] else { return nil }
    return try given.list()
  }

  func list() throws(SourceError) -> [Given] {
    guard case .array(let values) = value else { throw wrong("a list") }
    return values.enumerated().map { Given($1, at: "\(at)[\($0)]") }
  }

  func members() throws(SourceError) -> [(name: String, value: Given)] {
    guard case .object(let members) = value else { throw wrong("an object") }
    return members.map { ($0.name, Given($0.value, at: place($0.name))) }
  }

  /// An object of strings, such as labels.
  func strings(_ name: String) throws(SourceError) -> [String: String]? {
    guard let given = self[name] else { return nil }
    guard case .object(let members) = given.value else { throw given.wrong("an object of strings") }
    var strings: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw Given(member.value, at: given.place(member.name)).wrong("a string")
      }
      strings[member.name] = text
    }
    return strings
  }

  // MARK: Ornaments

  /// What nobody is woken up by or not: text, or a number, true or false in words; empty where it is something else, because no page is
  /// lost for it.
  func ornament(_ name: String) -> String { self[name]?.value.word ?? "" }

  /// An object of such, as annotations are: what can't be read as one word is left out.
  func ornaments(_ name: String) -> [String: String] {
    guard case .object(let members)? = self[name]?.value else { return [:] }
    var words: [String: String] = [:]
    for member in members { words[member.name] = member.value.word }
    return words
  }

  /// Those of a list, without what can't be read as one word.
  func ornamentList(_ name: String) -> [String] {
    guard case .array(let values)? = self[name]?.value else { return [] }
    return values.compactMap(\.word)
  }

  private var kind: String {
    switch value {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string(let text): text.utf8.count <= 40 ? "\"\(text)\"" : "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
