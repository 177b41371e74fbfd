import Configuration
import Messages
import Testing

/// Rates of pay as they are written (requirement C1).
@Suite struct PayTests {
  private func read(_ stipend: String, afterHours: String = "40.00") throws(ConfigurationError) -> PayRates? {
    let text = """
      kind: Pay
      team: platform
      from: 2026-01-01
      currency: EUR
      stipend: \(stipend)
      after-hours: \(afterHours)
      weekend: 60
      business-hours: 08:00-16:30
      week: Tuesday 09:00
      """
    let files = ((try? Repository.shippedFiles()) ?? []) + [SourceFile(name: "pay.yaml", text: text)]
    return try ClusterConfiguration(reading: files).schedule.pay.first
  }

  @Test func ratesAreReadAsTheyAreWritten() throws {
    #expect(
      try read("250.00")
        == PayRates(
          team: "platform", fromDate: "2026-01-01", currency: "EUR", weeklyStipend: "250.00",
          afterHoursHourly: "40.00", weekendHourly: "60", weekWeekday: 2, weekMinute: 540, businessFromMinute: 480,
          businessUntilMinute: 990))
    let tiers = try read("{ primary: 300, tertiary: 100.50 }")
    #expect(tiers?.weeklyStipend == "0")
    #expect(
      tiers?.tierStipends == [TierStipend(tier: 1, weekly: "300"), TierStipend(tier: 3, weekly: "100.50")])
  }

  @Test(arguments: ["1e3", "-5", "40.00001", "1,000", "."]) func anAmountIsADecimalNumber(text: String) {
    let error = #expect(throws: ConfigurationError.self) { try read("250", afterHours: "\"\(text)\"") }
    #expect(error?.problems.map(\.field) == ["Pay.after-hours"])
  }
}
