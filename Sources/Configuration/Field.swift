import Yams

/// A value in a document that remembers where it stands and how it is called, and complains in those words.
struct Field {
  let node: Node
  /// The way to it: `Rotation.members[2]`.
  let path: String
  let draft: Draft
  let file: String

  var place: Place {
    Place(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  func complain(expected: String, found: String? = nil, suggestion: String? = nil) {
    draft.problems.append(
      Problem(place: place, field: path, expected: expected, found: found ?? description, suggestion: suggestion))
  }

  func child(_ node: Node, _ step: String) -> Field {
    Field(node: node, path: path + step, draft: draft, file: file)
  }

  func placed<Value>(_ value: Value) -> Placed<Value> { Placed(value: value, place: place, field: path) }

  /// What is there, short enough for a complaint.
  var description: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    case .scalar(let scalar):
      if scalar.string.isEmpty {
        "nothing"
      } else if scalar.string.unicodeScalars.count > 60 {
        "\"\(Field.printable(String(String.UnicodeScalarView(scalar.string.unicodeScalars.prefix(57)))))...\""
      } else {
        "\"\(Field.printable(scalar.string))\""
      }
    }
  }

  /// Without what could steer a terminal.
  static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isPrintable($0) ? $0 : "\u{FFFD}" }))
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
    default: true
    }
  }

  /// The value as one word or line of text; complains when it is no scalar or empty.
  func scalar(_ expected: String) -> String? {
    guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
      complain(expected: expected)
      return nil
    }
    return scalar.string
  }

  /// Each item of a list, read; items that are wrong are left out and complained about.
  func list<Value>(of what: String, atLeast: Int = 1, _ read: (Field) -> Value?) -> [Value]? {
    guard case .sequence(let items) = node else {
      complain(expected: "a list of \(what)")
      return nil
    }
    guard items.count >= atLeast else {
      complain(expected: "a list of \(what) with at least \(atLeast)", found: "\(items.count)")
      return nil
    }
    return items.enumerated().compactMap { read(child($1, "[\($0)]")) }
  }

  /// The entries of a mapping whose keys are names chosen by the writer, in the order written.
  func entries(of what: String) -> [(key: Field, value: Field)]? {
    guard case .mapping(let pairs) = node, !pairs.isEmpty else {
      complain(expected: "a mapping from \(what)")
      return nil
    }
    return pairs.map { pair in
      let name = "." + Field.printable(pair.key.scalar?.string ?? "?")
      return (child(pair.key, name), child(pair.value, name))
    }
  }

  /// A mapping with a fixed set of keys; every other key is refused, with the nearest known one.
  func fields(_ keys: [String]) -> Fields? {
    guard case .mapping(let pairs) = node else {
      complain(expected: "a mapping with \(keys.joined(separator: ", "))")
      return nil
    }
    var values: [String: Field] = [:]
    var mistyped: Set<String> = []
    for (key, value) in pairs {
      let name = key.scalar?.string ?? ""
      if keys.contains(name) {
        values[name] = child(value, "." + name)
      } else {
        let meant = NearestName.to(name, among: keys)
        child(key, "").complain(expected: "one of the keys \(keys.joined(separator: ", "))", suggestion: meant)
        if let meant { mistyped.insert(meant) }
      }
    }
    return Fields(whole: self, values: values, mistyped: mistyped)
  }
}
