import Messages

/// Which field broke which rule of the wire.
public struct WireError: Error, Hashable, Sendable {
  /// The path in the words of the `.proto`: `labels[3].name`; empty for the message as a whole.
  public var field: String
  public var rule: String

  public init(field: String, rule: String) {
    self.field = field
    self.rule = rule
  }

  /// What a caller is told.
  public var refusal: Refusal {
    .invalid(field, field.isEmpty ? rule : "\(field): \(rule)")
  }

  /// The same fault, seen from the message around it.
  func inside(_ place: String) -> WireError {
    WireError(field: field.isEmpty ? place : "\(place).\(field)", rule: rule)
  }
}
