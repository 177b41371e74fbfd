extension Matcher {
  /// What a person typed: `service=redis`, `pod=web-*`, `env!=production`. nil when it names nothing.
  public init?(_ text: String) {
    guard let sign = text.firstIndex(of: "=") else { return nil }
    let isNegated = text[..<sign].last == "!"
    let name = text[..<sign].dropLast(isNegated ? 1 : 0)
    guard !name.isEmpty else { return nil }
    self.init(name: String(name), value: String(text[text.index(after: sign)...]), negated: isNegated)
  }
}
