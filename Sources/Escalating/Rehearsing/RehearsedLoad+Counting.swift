import CivilTime
import Messages

extension RehearsedLoad {
  /// What comes less than this after another belongs to the same interruption.
  private static let interruption = Span.minutes(30)

  /// - Parameter hours: nil: every hour is a working hour.
  init(of pages: [RehearsalTrace.Page], _ hours: BusinessTime?) {
    self.init()
    func isOpen(_ page: RehearsalTrace.Page) -> Bool { hours?.isOpen(at: page.at) ?? true }
    for page in pages {
      guard page.purpose == .duty else {
        others += 1
        continue
      }
      self.pages += 1
      if isOpen(page) {
        inWorkingHours += 1
      } else if hours?.isWorkingDay(at: page.at) ?? true {
        nights += 1
      } else {
        weekends += 1
      }
    }
    let calls = pages.filter { $0.purpose == .duty || $0.purpose == .reminder }
    interruptions = Self.interruptions(by: calls)
    wakings = Self.interruptions(by: calls.filter { $0.isByPhone && !isOpen($0) })
  }

  private static func interruptions(by calls: [RehearsalTrace.Page]) -> UInt64 {
    let instants = calls.map(\.at).sorted()
    return UInt64(zip([.unset] + instants, instants).count { $1 - $0 >= interruption })
  }
}
