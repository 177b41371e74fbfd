import Messages

/// The watch: what the cluster does to notice by itself that pages don't get through. A part of it is intake's, the rest the
/// notifier's.
extension Draft {
  func readWatch(_ field: Field) {
    let keys = ["kind", "people", "post", "missing-after", "severities", "synthetic-every", "synthetic-lost-after"]
    guard let fields = field.fields(keys) else { return }
    var read = WatchSettings(place: field.place)
    read.watch.people = fields.required("people")?.list(of: "ids of people") { $0.mention(of: .person) } ?? []
    read.watch.channel = fields.optional("post")?.teamChannel() ?? ""
    read.watch.missingAfter = fields.required("missing-after")?.span(atLeast: .seconds(10), atMost: .hours(1)) ?? .zero
    read.watch.severities = fields.required("severities")?.severities() ?? []
    read.severities = fields.optional("severities")
    if let every = fields.optional("synthetic-every") {
      read.syntheticEvery = every.span(atLeast: .seconds(10), atMost: .hours(1)) ?? .zero
      let lostAfter = fields.required("synthetic-lost-after")
      read.watch.syntheticLostAfter = lostAfter?.span(atLeast: .seconds(20), atMost: .hours(24)) ?? .zero
      let twice = read.syntheticEvery + read.syntheticEvery
      if read.watch.syntheticLostAfter > .zero, read.watch.syntheticLostAfter < twice {
        lostAfter?.complain(expected: "at least twice synthetic-every: one may be late")
      }
    } else {
      fields.optional("synthetic-lost-after")?.complain(expected: "this key only with synthetic-every")
    }
    if let first = watch {
      field.complain(expected: "one document of kind Watch", found: "another, after the one at \(first.place)")
    } else {
      watch = read
    }
  }
}

extension Draft {
  /// A severity that keeps business time pages nobody at night, and rightly so.
  func checkWatch() {
    guard let watch else { return }
    for policy in policies {
      for rule in policy.severities where rule.businessTime && watch.watch.severities.contains(rule.severity) {
        watch.severities?.complain(
          expected: "severities that page at any hour",
          found: "SEV-\(rule.severity.rawValue), which keeps business time in the policy \(policy.name)")
      }
    }
  }

  /// An alert may become part of a storm for as long as the policies say; some time for the page.
  var watchSettings: Watch? {
    guard var watch = watch?.watch else { return nil }
    let longest = policies.compactMap(\.grouping?.joinsFor).max()
    watch.stormCovers = longest.map { $0 + .minutes(10) } ?? .zero
    return watch
  }
}

/// What a Watch document says.
struct WatchSettings {
  var severities: Field?
  var place: Place
  var watch = Watch()
  var syntheticEvery = Span.zero
}
