/// The values of a mapping by their keys.
struct Fields {
  let whole: Field
  let values: [String: Field]
  /// Keys that are there under a wrong spelling, which has been complained about already.
  let mistyped: Set<String>

  /// The value of a key that may be left out.
  func optional(_ key: String) -> Field? { values[key] }

  /// The value of a key that must be there; complains at the mapping when it isn't.
  func required(_ key: String) -> Field? {
    if let field = values[key] { return field }
    guard !mistyped.contains(key) else { return nil }
    whole.child(whole.node, "." + key).complain(expected: "the key \(key)", found: "none")
    return nil
  }
}
