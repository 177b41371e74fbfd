/// Days on which a team doesn't work.
extension Field {
  /// Dates, calendar files, or a list of both; each date once.
  func holidays() -> [String] {
    if case .scalar(let scalar) = node, scalar.string.hasSuffix(".ics") { return distinct(calendarFile(scalar.string)) }
    let items = list(of: "dates, or calendar files such as holidays.ics", atLeast: 0) { item -> [String]? in
      if case .scalar(let scalar) = item.node, scalar.string.hasSuffix(".ics") {
        return item.calendarFile(scalar.string)
      }
      return item.date().map { [$0] }
    }
    return distinct(items?.flatMap { $0 } ?? [])
  }

  /// The dates of a calendar file, named as it is seen from the file in which this stands.
  private func calendarFile(_ name: String) -> [String] {
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    guard let calendar = draft.calendars[name.hasPrefix("/") ? name : folder + name] else {
      complain(
        expected: "a calendar file that is read too: in the directory that is given, or given beside it",
        suggestion: NearestName.to(
          name, among: draft.calendars.keys.filter { $0.hasPrefix(folder) }.map { String($0.dropFirst(folder.count)) }))
      return []
    }
    let holidays = HolidayFile(calendar)
    draft.problems += holidays.problems
    return holidays.dates.map(\.description)
  }

  private func distinct(_ dates: [String]) -> [String] {
    var seen: Set<String> = []
    return dates.filter { seen.insert($0).inserted }
  }
}
