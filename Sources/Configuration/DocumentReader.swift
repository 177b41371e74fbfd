import Yams

/// Turns the text of a file into YAML documents whose every node knows its line, and refuses hostile YAML.
///
/// - Aliases are refused before anything is composed: Yams hashes mapping keys while composing, and a key made of
///   nested aliases would take for ever. An anchor that is used occurs literally as `&name` and `*name`, so looking
///   for such a pair in the text finds all of them; a false alarm needs both spellings in prose.
/// - libyaml itself stops at 1,000 levels; ours is the depth that any real document needs.
enum DocumentReader {
  static let deepest = 16
  static let mostDocuments = 1_000

  static func documents(of file: SourceFile, _ problems: inout [Problem]) -> [Node] {
    func complain(_ place: (line: Int, column: Int), _ expected: String, _ found: String) {
      let place = Place(file: file.name, line: place.line, column: place.column)
      problems.append(Problem(place: place, field: "YAML", expected: expected, found: found))
    }
    guard file.text.utf8.count <= SourceFile.largestBytes else {
      complain((1, 1), "at most 1 MiB", "\(file.text.utf8.count) bytes")
      return []
    }
    if let alias = firstAlias(in: file.text) {
      complain((alias.line, alias.column), "no anchors and aliases: write it out", "*\(alias.name)")
      return []
    }
    var documents: [Node] = []
    do {
      // Yams keeps a pointer into the string, which for a very short string would not outlive the call.
      let parser = try Parser(yaml: file.text + String(repeating: "\n", count: 16))
      while let root = try parser.nextRoot() {
        if let tooDeep = tooDeep(root, level: 1) {
          complain(tooDeep, "at most \(deepest) levels of nesting", "more")
          return documents
        }
        guard documents.count < mostDocuments else {
          complain((root.mark?.line ?? 1, 1), "at most \(mostDocuments) documents in a file", "more")
          return documents
        }
        documents.append(root)
      }
    } catch let error as YamlError {
      let (place, found) = explain(error, in: file.text)
      complain(place, "well-formed YAML", found)
    } catch {
      complain((1, 1), "well-formed YAML", "\(error)")
    }
    return documents
  }

  private static func tooDeep(_ node: Node, level: Int) -> (line: Int, column: Int)? {
    if level > deepest { return (node.mark?.line ?? 1, node.mark?.column ?? 1) }
    switch node {
    case .sequence(let items):
      for item in items { if let found = tooDeep(item, level: level + 1) { return found } }
    case .mapping(let pairs):
      for (key, value) in pairs {
        if let found = tooDeep(key, level: level + 1) ?? tooDeep(value, level: level + 1) { return found }
      }
    case .scalar, .alias:
      break
    }
    return nil
  }

  /// The first `*name` for which there is an `&name` anywhere in the text.
  private static func firstAlias(in text: String) -> (name: String, line: Int, column: Int)? {
    let anchors = Set(names(after: "&", in: text).map(\.name))
    return anchors.isEmpty ? nil : names(after: "*", in: text).first { anchors.contains($0.name) }
  }

  private static func names(after mark: Unicode.Scalar, in text: String) -> [(name: String, line: Int, column: Int)] {
    var found: [(name: String, line: Int, column: Int)] = []
    var line = 1
    var column = 0
    var open: (name: String, line: Int, column: Int)?
    func close() {
      if let name = open, !name.name.isEmpty { found.append(name) }
      open = nil
    }
    for scalar in text.unicodeScalars {
      column += 1
      switch scalar {
      case "0"..."9", "A"..."Z", "a"..."z", "_", "-":
        open?.name.unicodeScalars.append(scalar)
      case "\n":
        close()
        line += 1
        column = 0
      default:
        close()
        if scalar == mark { open = ("", line, column) }
      }
    }
    close()
    return found
  }

  private static func explain(_ error: YamlError, in text: String) -> ((line: Int, column: Int), String) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      return ((mark.line, mark.column), (context.map { $0.text + ": " } ?? "") + problem)
    case .reader(let problem, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let line = before.reduce(1) { $1.isNewline ? $0 + 1 : $0 }
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      return ((line, column), problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
      return ((context.mark.line, context.mark.column), "the key \(keys) twice in one mapping")
    default:
      return ((1, 1), "what the YAML reader calls \(error)")
    }
  }
}
