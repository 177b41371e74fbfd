import Messages

extension Severity {
  /// Bad enough that nothing may keep it quiet.
  var mustBeHeard: Bool { self == .sev1 || self == .sev2 }

  /// "SEV-1"
  var words: String { self == .unspecified ? "SEV-?" : "SEV-\(rawValue)" }
}
