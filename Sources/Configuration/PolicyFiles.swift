import Messages

/// Escalation policies by themselves, as somebody edits them.
public enum PolicyFiles {
  /// All policies of some files, in order; other documents are read and left aside. Throws everything that is wrong with what
  /// stands there, but not that what it mentions stands elsewhere.
  public static func read(
    _ files: [SourceFile], zones: ZoneNames = .ofThisMachine()
  ) throws(ConfigurationError) -> [Policy] {
    let documents = files.filter { !$0.isCalendar }
    let draft = Draft(
      zones: zones, firstFile: documents.first?.name ?? "policies", calendars: files.filter(\.isCalendar))
    for file in documents { draft.read(file) }
    if draft.problems.isEmpty, draft.policies.isEmpty {
      let place = Place(file: draft.firstFile, line: 1, column: 1)
      throw ConfigurationError(problems: [
        Problem(place: place, field: "Policy", expected: "a document of kind Policy", found: "none")
      ])
    }
    guard draft.problems.isEmpty else { throw ConfigurationError(problems: draft.problems) }
    return draft.policies
  }
}
