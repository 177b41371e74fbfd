extension Array where Element: Hashable {
  /// Each element once, where it first stands.
  public var distinct: [Element] {
    guard count > 8 else { return reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    var seen = Set<Element>()
    return filter { seen.insert($0).inserted }
  }
}
