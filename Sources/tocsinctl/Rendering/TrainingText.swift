import Messages

/// What somebody has done, has lost, and still needs, with how each is mended.
enum TrainingText {
  static func items(of eligibility: PersonEligibility) -> Table {
    var table = Table("TRAINING", "STATE", "ON", "BY", "NOTE")
    for item in TrainingItem.allCases where item != .unspecified {
      let record = eligibility.records.first { $0.item == item }
      let isMissing = eligibility.missing.contains(item)
      guard record != nil || isMissing else { continue }
      let state = isMissing ? record?.lost == true ? "LOST" : "MISSING" : "done"
      let note = isMissing ? remedy(item, eligibility.person) : record?.note ?? ""
      let by = record?.by ?? ""
      table.add(item.word, state, record?.completedOn ?? "-", by.isEmpty ? "-" : by, note)
    }
    return table
  }

  /// What would make it possible.
  private static func remedy(_ item: TrainingItem, _ person: String) -> String {
    let record = "tocsinctl training record \(person) \(item.word)"
    switch item {
    case .shadowRotation1, .shadowRotation2: return "tocsinctl training shadow assign \(person), or \(record)"
    default: return record
    }
  }
}
