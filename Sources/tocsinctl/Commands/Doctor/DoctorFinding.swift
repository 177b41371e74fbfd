import Messages

/// One thing that was looked at, and where.
struct DoctorFinding: Encodable, Sendable {
  var place: String
  var name: String
  var value: String
  /// Empty: nothing.
  var mend = ""
  /// Whether something is open, or may be lost, until it is done.
  var must = false

  enum CodingKeys: String, CodingKey {
    case place = "where"
    case name, value, mend, must
  }

  var mark: String { must ? "!!" : mend.isEmpty ? "ok" : "!" }
}

extension DoctorFinding {
  init(_ place: String, _ finding: PostureFinding) {
    self.init(place: place, name: finding.name, value: finding.value, mend: finding.mend, must: finding.must)
  }
}
