import Messages

/// How what one source reports by HTTP is read: a file of its own, beside its keys.
///
///     severities: { page: SEV-1, ticket: SEV-3 }
///     service: payments
public struct IntegrationFile: Hashable, Sendable {
  /// What the source's own words mean; others keep their meaning.
  public var severities: [String: Severity] = [:]
  /// For events that name no service; empty: none.
  public var service = ""

  /// - Throws: everything that is wrong with it, by line.
  public init(reading file: SourceFile) throws(ConfigurationError) {
    let draft = Draft(zones: ZoneNames([]), firstFile: file.name)
    for document in DocumentReader.documents(of: file, &draft.problems) {
      if case .scalar(let scalar) = document, scalar.string.isEmpty { continue }
      let whole = Field(node: document, path: "integration", draft: draft, file: file.name)
      guard let fields = whole.fields(["severities", "service"]) else { continue }
      for (key, value) in fields.optional("severities")?.entries(of: "words to severities") ?? [] {
        if let word = key.scalar("a word"), let severity = value.severity() { severities[word] = severity }
      }
      if let service = fields.optional("service")?.text(limit: 255) { self.service = service }
    }
    guard draft.problems.isEmpty else { throw ConfigurationError(problems: draft.problems) }
  }
}
