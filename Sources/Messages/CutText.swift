extension String {
  /// At most so many bytes, cut between characters, of which one may be kilobytes of marks; a control character becomes a space.
  public func cut(to bytes: Int) -> String {
    var kept = ""
    var used = 0
    for character in self {
      let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
      let clean: Character = isControl ? " " : character
      used += clean.utf8.count
      if used > bytes { break }
      kept.append(clean)
    }
    return kept
  }
}
