import Messages

/// Shifts under each other, in the reader's time.
enum ShiftTable {
  static func of(_ shifts: [Shift], _ times: Times) -> Table {
    var table = Table("TIER", "PERSON", "FROM (\(times.zone))", "UNTIL", "KIND", "WHY")
    for shift in shifts {
      table.add(
        DutyTier.word(shift.tier), shift.person.isEmpty ? "NOBODY" : shift.person, times.short(shift.fromAt),
        times.end(shift.untilAt), shift.because.word, shift.explanation)
    }
    return table
  }

  static func warn(_ warnings: [String]) {
    for warning in warnings { print("warning: \(SafeText.line(warning))") }
  }
}
