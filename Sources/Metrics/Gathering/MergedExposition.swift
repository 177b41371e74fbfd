/// Several expositions as one: each figure's lines together, as the format wants them, and each sample with the labels that say whose
/// it is. A label that a sample has already stays as it is.
struct MergedExposition {
  private struct Family {
    var head: [Substring] = []
    var samples: [String] = []
  }
  private var order: [Substring] = []
  private var families: [Substring: Family] = [:]

  mutating func add(_ text: String, _ labels: [Figure.Label]) {
    var current: Substring = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# ") {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count >= 3, words[1] == "HELP" || words[1] == "TYPE" else { continue }
        current = words[2]
        // Said once, by whoever said it first.
        let isKnown = family(current).head.contains { $0.split(separator: " ", maxSplits: 2)[1] == words[1] }
        if !isKnown { families[current]?.head.append(line) }
      } else if let sample = Self.sample(line, labels) {
        let name = line.prefix { $0 != "{" && $0 != " " }
        let isOfCurrent = name == current || Self.suffixes.contains { name == current + $0 }
        let owner = isOfCurrent ? current : name
        _ = family(owner)
        families[owner]?.samples.append(sample)
      }
    }
  }

  var text: String {
    var text = ""
    for name in order {
      guard let family = families[name], !family.samples.isEmpty else { continue }
      for line in family.head { text += "\(line)\n" }
      for sample in family.samples { text += sample + "\n" }
    }
    return text
  }

  private static let suffixes = ["_bucket", "_sum", "_count"]

  private mutating func family(_ name: Substring) -> Family {
    if let family = families[name] { return family }
    order.append(name)
    families[name] = Family()
    return Family()
  }

  /// The line with its labels; nil when it is no sample.
  static func sample(_ line: Substring, _ labels: [Figure.Label]) -> String? {
    guard let end = line.firstIndex(where: { $0 == "{" || $0 == " " }), end > line.startIndex else { return nil }
    let name = line[..<end]
    guard name.utf8.allSatisfy({ isNameByte($0) }) else { return nil }
    guard line[end] == "{" else {
      return "\(name){\(written(labels))}\(line[end...])"
    }
    guard let (names, close) = labelNames(line[line.index(after: end)...]) else { return nil }
    let missing = labels.filter { !names.contains($0.name) }
    let own = line[line.index(after: end)..<close]
    let comma = own.isEmpty || missing.isEmpty ? "" : ","
    return "\(name){\(written(missing))\(comma)\(own)\(line[close...])"
  }

  private static func written(_ labels: [Figure.Label]) -> String {
    labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",")
  }

  /// The names of labels, and where the brace is that ends them: not one within a value.
  private static func labelNames(_ text: Substring) -> (names: Set<String>, close: Substring.Index)? {
    var names: Set<String> = []
    var name = ""
    var isQuoted = false
    var isEscaped = false
    for place in text.unicodeScalars.indices {
      let scalar = text.unicodeScalars[place]
      if isQuoted {
        if isEscaped {
          isEscaped = false
        } else if scalar == "\\" {
          isEscaped = true
        } else if scalar == "\"" {
          isQuoted = false
        }
        continue
      }
      switch scalar {
      case "}": return (names, place)
      case "\"": isQuoted = true
      case "=":
        names.insert(name)
        name = ""
      case ",", " ": name = ""
      default: name.unicodeScalars.append(scalar)
      }
    }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte || byte == 0x5f || byte == 0x3a
  }
}
