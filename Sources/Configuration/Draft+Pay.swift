import Messages

/// What a team pays from a date on (requirement C1).
extension Draft {
  func readPay(_ field: Field) {
    guard
      let fields = field.fields([
        "kind", "team", "from", "currency", "stipend", "after-hours", "weekend", "business-hours", "week",
      ])
    else { return }
    let hours = fields.optional("business-hours")?.hours()
    let week = fields.optional("week")?.weeklyHandoff()
    var rates = PayRates(
      team: fields.required("team")?.mention(of: .team) ?? "",
      fromDate: fields.required("from")?.date() ?? "",
      currency: fields.required("currency")?.text(limit: 3) ?? "",
      afterHoursHourly: fields.required("after-hours")?.amount() ?? "",
      weekendHourly: fields.required("weekend")?.amount() ?? "",
      weekWeekday: week?.weekday ?? 0, weekMinute: week?.minute ?? 0,
      businessFromMinute: hours?.from ?? 0, businessUntilMinute: hours?.until ?? 0)
    guard let stipend = fields.required("stipend") else { return pay.append(rates) }
    // An amount for every tier, or tiers with theirs.
    if case .mapping = stipend.node {
      let tiers: [(key: String, tier: UInt32)] = [("primary", 1), ("secondary", 2), ("tertiary", 3)]
      let amounts = stipend.fields(tiers.map(\.key))
      rates.weeklyStipend = "0"
      rates.tierStipends = tiers.compactMap { key, tier in
        (amounts?.optional(key)?.amount()).map { TierStipend(tier: tier, weekly: $0) }
      }
    } else {
      rates.weeklyStipend = stipend.amount() ?? ""
    }
    pay.append(rates)
  }
}

extension Field {
  /// "250" or "33.50", kept as it is written.
  fileprivate func amount() -> String? {
    guard let text = scalar("an amount like 250.00") else { return nil }
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard 1...2 ~= parts.count, 1...6 ~= parts[0].count, parts.count == 1 || 1...4 ~= parts[1].count,
      parts.allSatisfy({ $0.allSatisfy { digits ~= $0 } })
    else {
      complain(expected: "an amount like 250.00, below a million, with at most four places")
      return nil
    }
    return text
  }
}
