import CivilTime
import Machinery
import Messages

/// Reports (requirement E10): what history has counted, and whose pages came when.
extension Escalations {
  static let longestReport = Span.days(10 * 366)

  /// - Throws: INVALID_ARGUMENT naming the field.
  public static func checked(_ request: FiguresRequest, now: Instant) throws(Refusal) -> FiguresRequest {
    var request = request
    guard request.fromAt.isSet else { throw .invalid("from_at_ms", "say from when on") }
    if !request.untilAt.isSet { request.untilAt = now }
    guard request.fromAt < request.untilAt else { throw .invalid("until_at_ms", "must be after from_at_ms") }
    guard request.untilAt - request.fromAt <= longestReport else { throw .invalid("until_at_ms", "ten years at most") }
    guard request.noisiest <= 100 else { throw .invalid("noisiest", "at most 100") }
    if request.noisiest == 0 { request.noisiest = 10 }
    return request
  }

  /// Makes reports of what is known now, on any thread: a year's pages are not sorted on the loop.
  public func reporter() -> Reporter { Reporter(timelines: timelines) }
}

/// Turns what history has counted into a report, by the working hours of the teams.
public struct Reporter: Sendable {
  let timelines: ReceivedTimelines

  public func report(_ request: FiguresRequest, _ figures: HistoryFigures) -> FiguresReply {
    FiguresReply(
      incidents: figures.incidents, noise: figures.noise, load: load(figures.pages), fromAt: request.fromAt,
      untilAt: request.untilAt)
  }

  private func load(_ pages: [HistoryFigures.Pages]) -> [LoadFigures] {
    var load: [String: LoadFigures] = [:]
    var business: [String: BusinessTime?] = [:]
    for page in pages {
      let hours = business[page.team] ?? timelines.business(of: page.team)
      business[page.team] = hours
      var figures = load[page.person] ?? LoadFigures(person: page.person)
      figures.pages += page.count
      if hours?.isOpen(at: page.at) ?? true {
        figures.inWorkingHours += page.count
      } else if hours?.isWorkingDay(at: page.at) ?? true {
        figures.nights += page.count
      } else {
        figures.weekends += page.count
      }
      load[page.person] = figures
    }
    return load.values.sorted {
      ($1.nights + $1.weekends, $1.pages, $0.person) < ($0.nights + $0.weekends, $0.pages, $1.person)
    }
  }
}
