import Configuration
import Testing

/// Whoever mistypes something is told where, what, and what was probably meant.
@Suite struct TypingErrorTests {
  /// One slip in one of the shipped files and the complaint that it must give.
  struct Slip: CustomTestStringConvertible, Sendable {
    var file: String
    var correct: String
    var mistyped: String
    var complaint: String
    var testDescription: String { "\(file): \(mistyped)" }
  }

  static let slips: [Slip] = [
    Slip(
      file: "team.yaml", correct: "kind: Team\n", mistyped: "kind: «Taem\n",
      complaint: """
        document.kind: expected a kind of document: Team, People, Rotation, Pay, Policy, Services, Routes, \
        AlertClass, Heartbeats, Contacts, Channels, Watch, Defaults, found "Taem"; did you mean "Team"?
        """),
    Slip(
      file: "watch.yaml", correct: "people: [tara, mia]", mistyped: "people: [tara, «mio]",
      complaint: """
        Watch.people[1]: expected the id of a person that is defined, found "mio"; did you mean "mia"?
        """),
    Slip(
      file: "watch.yaml", correct: "severities: [SEV-1, SEV-2, SEV-3]", mistyped: "severities: «[SEV-1, SEV-4]",
      complaint: """
        Watch.severities: expected severities that page at any hour, \
        found SEV-4, which keeps business time in the policy platform
        """),
    Slip(
      file: "watch.yaml", correct: "missing-after: 1m", mistyped: "missing-after: «2h",
      complaint: """
        Watch.missing-after: expected a span from 10s to 1h, found "2h"
        """),
    Slip(
      file: "watch.yaml", correct: "synthetic-lost-after: 3m", mistyped: "synthetic-lost-after: «1m",
      complaint: """
        Watch.synthetic-lost-after: expected at least twice synthetic-every: one may be late, found "1m"
        """),
    Slip(
      file: "alerts.yaml", correct: "per-second: 1000,", mistyped: "per-second: «1k,",
      complaint: """
        Defaults.rate-limit.per-second: expected a whole number from 1 to 1000000, found "1k"
        """),
    Slip(
      file: "alerts.yaml", correct: "rate-limit: { per-second: 1000, burst: 10000 }",
      mistyped: "rate-limit: «{ per-second: 1000, burst: 500 }",
      complaint: """
        Defaults.rate-limit: expected a burst of at least what may come in a second, 1000, found 500
        """),
    Slip(
      file: "policy.yaml", correct: "# incident-url: https://tocsin.example/incidents/{id}",
      mistyped: "incident-url: «https://tocsin.example/incidents",
      complaint: """
        Policy.incident-url: expected http:// or https://, a host, and {id} once where the incident's id goes, in at most 200 \
        letters without blanks, found "https://tocsin.example/incidents"
        """),
    Slip(
      file: "policy.yaml", correct: "each-further-tier: 10m", mistyped: "each-further-tier: { «secundary: 5m }",
      complaint: """
        Policy.severities.SEV-2.acknowledge.each-further-tier: expected one of the keys secondary, tertiary, executives, \
        found "secundary"; did you mean "secondary"?
        """),
    Slip(
      file: "policy.yaml", correct: "grouping: { after: 3, within: 5m,", mistyped: "grouping: { after: 3, within: «5h,",
      complaint: """
        Policy.grouping.within: expected a span from 1s to 1h, found "5h"
        """),
    Slip(
      file: "policy.yaml", correct: "  secondary: [domain-expertise,", mistyped: "  «secundary: [domain-expertise,",
      complaint: """
        Policy.flags: expected one of the keys secondary, tertiary, executives, found "secundary"; \
        did you mean "secondary"?
        """),
    Slip(
      file: "policy.yaml", correct: "tertiary: [cross-team,", mistyped: "tertiary: «[complexity,",
      complaint: """
        Policy.flags.tertiary: expected each flag once, found complexity
        """),
    Slip(
      file: "policy.yaml", correct: "page-by: [push, slack]\n    reopen-within: 15m",
      mistyped: "page-by: [push, slack]\n    reopen-within: «2h",
      complaint: """
        Policy.severities.SEV-3.reopen-within: expected a span from 0s to 1h, found "2h"
        """),
    Slip(
      file: "team.yaml", correct: "working-hours: 09:00-17:00", mistyped: "working-hours: «09:00-25:00",
      complaint: """
        Team.working-hours: expected hours such as 09:00-17:00, the end after the start, \
        found "09:00-25:00"
        """),
    Slip(
      file: "team.yaml", correct: "working-days: Monday-Friday", mistyped: "working-days: «Monday-Fryday",
      complaint: """
        Team.working-days: expected weekdays such as Monday-Friday or [Monday, Tuesday], \
        found "Monday-Fryday"; did you mean "Friday"?
        """),
    Slip(
      file: "team.yaml", correct: "holidays: []", mistyped: "holidays: [«2026-02-30]",
      complaint: """
        Team.holidays[0]: expected a date such as 2026-12-25, found "2026-02-30"
        """),
    Slip(
      file: "team.yaml", correct: "lead: tara", mistyped: "lead: «tarra",
      complaint: """
        Team.lead: expected the id of a person that is defined, found "tarra"; did you mean "tara"?
        """),
    Slip(
      file: "team.yaml", correct: "role: vp", mistyped: "role: «vip",
      complaint: """
        People.people.vera.role: expected a role: engineer, team-lead, engineering-manager, vp, cto, \
        found "vip"; did you mean "vp"?
        """),
    Slip(
      file: "team.yaml", correct: "time-zone: Europe/Lisbon", mistyped: "time-zone: «Europe/Lisbonn",
      complaint: """
        People.people.ana.time-zone: expected an IANA time zone such as Europe/Berlin or UTC, \
        found "Europe/Lisbonn"; did you mean "Europe/Lisbon"?
        """),
    Slip(
      file: "rotations.yaml",
      correct: "shift: 1 week\nhandoff: Monday 00:00\ntime-zone: UTC\nstarts: 2025-10-06\n---\n# The table's",
      mistyped: "shift: «1 weeek\nhandoff: Monday 00:00\ntime-zone: UTC\nstarts: 2025-10-06\n---\n# The table's",
      complaint: """
        Rotation.shift: expected a length such as 1 week, 3 days or 12 hours, found "1 weeek"; \
        did you mean "1 weeks"?
        """),
    Slip(
      file: "rotations.yaml", correct: "members: [tara, theo]", mistyped: "members: [tara, «teo]",
      complaint: """
        Rotation.members[1]: expected the id of a person that is defined, found "teo"; \
        did you mean "theo"?
        """),
    Slip(
      file: "rotations.yaml", correct: "first: tara", mistyped: "first: «tarra",
      complaint: """
        Rotation.first: expected one of the members, found "tarra"; did you mean "tara"?
        """),
    Slip(
      file: "rotations.yaml", correct: "turn: 2 shifts\nhandoff: Monday 00:00",
      mistyped: "turn: 2 shifts\nhandoff: «Mondey 00:00",
      complaint: """
        Rotation.handoff: expected a weekday and a time such as Monday 00:00, \
        found "Mondey 00:00"; did you mean "Monday"?
        """),
    Slip(
      file: "rotations.yaml", correct: "id: platform-tertiary\nteam: platform\ntier: tertiary",
      mistyped: "id: «platform-tertiary\nteam: platform\ntier: secondary\nhours: 00:00-24:00",
      complaint: """
        Rotation.tier: expected one rotation for each tier of a team, any further one with on: or \
        hours:, found "platform-tertiary" beside "platform-secondary"
        """),
    Slip(
      file: "rotations.yaml", correct: "id: platform-tertiary\nteam: platform\ntier: tertiary",
      mistyped: "id: «platform-tertiary\nteam: platform\ntier: secondary\non: Monday-Sunday",
      complaint: """
        Rotation.tier: expected one rotation for each tier of a team, any further one with on: or \
        hours:, found "platform-tertiary" beside "platform-secondary"
        """),
    Slip(
      file: "policy.yaml", correct: "target: 5m", mistyped: "target: «5 min",
      complaint: """
        Policy.severities.SEV-1.acknowledge.target: expected a span such as 5m, 1h 30m or 2d, \
        found "5 min"
        """),
    Slip(
      file: "policy.yaml", correct: "      maximum: 10m", mistyped: "      «maximun: 10m",
      complaint: """
        Policy.severities.SEV-1.acknowledge: expected one of the keys target, maximum, \
        secondary-after, each-further-tier, lapses-after, found "maximun"; did you mean "maximum"?
        """),
    Slip(
      file: "policy.yaml", correct: "maximum: 20m", mistyped: "maximum: «2m",
      complaint: """
        Policy.severities.SEV-2.acknowledge.maximum: expected a maximum that is not before the \
        target, found "2m"
        """),
    Slip(
      file: "policy.yaml", correct: "maximum: next-business-day ", mistyped: "maximum: «next-buisness-day ",
      complaint: """
        Policy.severities.SEV-4.acknowledge.maximum: expected a span such as 5m, 1h 30m or 2d, or: \
        next-business-day, found "next-buisness-day"; did you mean "next-business-day"?
        """),
    Slip(
      file: "policy.yaml", correct: "maximum: 20m", mistyped: "maximum: «next-business-day",
      complaint: """
        Policy.severities.SEV-2.acknowledge.maximum: expected a span such as 1h, or clocks: \
        business-time for SEV-2, found "next-business-day"
        """),
    Slip(
      file: "policy.yaml", correct: "restart-after: 15m", mistyped: "restart-after: «next-business-day",
      complaint: """
        Policy.severities.SEV-2.chain.restart-after: expected a span such as 1h, or clocks: \
        business-time for SEV-2, found "next-business-day"
        """),
    Slip(
      file: "policy.yaml", correct: "restart-after: 15m", mistyped: "restart-after: «367d",
      complaint: """
        Policy.severities.SEV-2.chain.restart-after: expected a span from 1s to 366d, found "367d"
        """),
    Slip(
      file: "policy.yaml", correct: "page: [secondary, tertiary, management]",
      mistyped: "page: [secondary, tertiary, «managment]",
      complaint: """
        Policy.severities.SEV-1.unresolved[0].page[2]: expected whom: primary, secondary, tertiary, \
        executives, management, found "managment"; did you mean "management"?
        """),
    Slip(
      file: "policy.yaml", correct: "  SEV-4:\n", mistyped: "  «SEV-5:\n",
      complaint: """
        Policy.severities.SEV-5: expected a severity: SEV-1, SEV-2, SEV-3, SEV-4, found "SEV-5"
        Policy.severities: expected all four of SEV-1, SEV-2, SEV-3, SEV-4, found none for SEV-4
        """),
    Slip(
      file: "alerts.yaml", correct: "name: service_down", mistyped: "name: «Service Down",
      complaint: """
        AlertClass.name: expected a name of letters a-z, digits, '-', '_' and '.', at most 64, \
        a letter or digit first, found "Service Down"; did you mean "service-down"?
        """),
    Slip(
      file: "alerts.yaml", correct: "policy: platform\nservices:", mistyped: "policy: «plattform\nservices:",
      complaint: """
        Services.policy: expected the name of a policy that is defined, found "plattform"; \
        did you mean "platform"?
        """),
    Slip(
      file: "contacts.yaml", correct: "    push: ana-phone\n    sms: \"+1 202 555 0101\"",
      mistyped: "    push: ana-phone\n    «smss: \"+1 202 555 0101\"",
      complaint: """
        Contacts.contacts.ana: expected one of the keys push, sms, voice, email, slack, rules, \
        only-for, quiet-hours, limits, found "smss"; did you mean "sms"?
        """),
    Slip(
      file: "contacts.yaml", correct: "kind: Contacts\n",
      mistyped: "kind: Contacts\nlimits: { pages-per-minute: «0 }\n",
      complaint: """
        Contacts.limits.pages-per-minute: expected a whole number from 1 to 60, found "0"
        """),
    Slip(
      file: "contacts.yaml", correct: "    push: ana-phone\n",
      mistyped: "    push: ana-phone\n    limits: { pages-per-minute: «none }\n",
      complaint: """
        Contacts.contacts.ana.limits.pages-per-minute: expected a whole number from 1 to 60, found "none"
        """),
    Slip(
      file: "contacts.yaml", correct: "  sms: console", mistyped: "  sms: { provider: console, rate: «60/minute }",
      complaint: """
        Channels.channels.sms.rate: expected how many messages in which time, 1 to 1000, such as 1/s, 60/min or 500/h, \
        found "60/minute"
        """),
    Slip(
      file: "contacts.yaml", correct: "    slack: \"@ana\"",
      mistyped: "    slack: \"@ana\"\n    quiet-hours: «22-7",
      complaint: """
        Contacts.contacts.ana.quiet-hours: expected hours of the day such as 22:00-07:00, at most 16 of them, found "22-7"
        """),
    Slip(
      file: "contacts.yaml", correct: "    slack: \"@ana\"",
      mistyped: "    slack: \"@ana\"\n    quiet-hours: { hours: 22:00-07:00, «zones: Europe/Berlin }",
      complaint: """
        Contacts.contacts.ana.quiet-hours: expected one of the keys hours, on, zone, found "zones"; did you mean "zone"?
        """),
    Slip(
      file: "contacts.yaml", correct: "    slack: \"@ana\"",
      mistyped: "    slack: \"@ana\"\n    quiet-hours: [{ hours: 22:00-07:00, zone: «Europe/Berlni }]",
      complaint: """
        Contacts.contacts.ana.quiet-hours[0].zone: expected an IANA time zone such as Europe/Berlin or UTC, \
        found "Europe/Berlni"; did you mean "Europe/Berlin"?
        """),
    Slip(
      file: "contacts.yaml", correct: "    slack: \"@ana\"",
      mistyped: "    slack: \"@ana\"\n    quiet-hours: { hours: «05:00-22:00, on: Monday-Friday }",
      complaint: """
        Contacts.contacts.ana.quiet-hours.hours: expected hours of the day such as 22:00-07:00, at most 16 of them, \
        found "05:00-22:00"
        """),
    Slip(
      file: "contacts.yaml", correct: "only-for: { sms: [SEV-1], voice: [SEV-1] }",
      mistyped: "only-for: { sms: [«SEV-5], voice: [SEV-1] }",
      complaint: """
        Contacts.contacts.vera.only-for.sms[0]: expected a severity: SEV-1, SEV-2, SEV-3, SEV-4, found "SEV-5"
        """),
    Slip(
      file: "contacts.yaml", correct: "only-for: { sms: [SEV-1], voice: [SEV-1] }",
      mistyped: "only-for: { «smss: [SEV-1], voice: [SEV-1] }",
      complaint: """
        Contacts.contacts.vera.only-for.smss: expected a channel: push, sms, voice, email, slack, found "smss"; \
        did you mean "sms"?
        """),
    Slip(
      file: "contacts.yaml", correct: "only-for: { sms: [SEV-1], voice: [SEV-1] }",
      mistyped: "only-for: { sms: «[SEV-1, SEV-1], voice: [SEV-1] }",
      complaint: """
        Contacts.contacts.vera.only-for.sms: expected each severity once, found one twice
        """),
    Slip(
      file: "contacts.yaml",
      correct: "    slack: \"@vera\"\n    only-for: { sms: [SEV-1], voice: [SEV-1] }",
      mistyped: "    only-for: { sms: [SEV-1], «slack: [SEV-1] }",
      complaint: """
        Contacts.contacts.vera.only-for.slack: expected a channel for which there is an address here, found "slack"
        """),
    Slip(
      file: "contacts.yaml",
      correct: "    email: vera@aion.example\n    slack: \"@vera\"\n    only-for: { sms: [SEV-1], voice: [SEV-1] }",
      mistyped: "    only-for: «{ push: [SEV-1, SEV-2], sms: [SEV-1], voice: [SEV-1] }",
      complaint: """
        Contacts.contacts.vera.only-for: expected rules that leave a channel open to each severity, \
        found none for SEV-3, SEV-4
        """),
    Slip(
      file: "contacts.yaml", correct: "  status-page: console", mistyped: "  status-page: «consle",
      complaint: """
        Channels.channels.status-page: expected console, or a mapping with provider and what \
        that needs, found "consle"; did you mean "console"?
        """),
    Slip(
      file: "contacts.yaml", correct: "  hal:\n", mistyped: "  «hall:\n",
      complaint: """
        Contacts.contacts.hall: expected the id of a person that is defined, found "hall"; \
        did you mean "hal"?
        Rotation.members[7]: expected people with an entry in Contacts, found "hal" without one
        """),
  ]

  @Test(arguments: slips)
  func aSlipIsNamedWithItsPlace(_ slip: Slip) throws {
    let (found, places) = try problems(after: [slip])
    var expected = slip.complaint.split(separator: "\n").map(String.init)
    #expect(found.filter { $0.place == places[0] }.map(\.words) == [expected.removeFirst()])
    #expect(found.filter { $0.place != places[0] }.map(\.words) == expected)
  }

  @Test func allSlipsAreToldAtOnce() throws {
    let apart = ["SEV-5", "«next-business-day", "367d", "«secundary"]
    let some = Self.slips.filter { slip in
      slip.file == "policy.yaml" && !apart.contains { slip.mistyped.contains($0) }
    }
    #expect(some.count == 9)
    let (found, places) = try problems(after: some)
    #expect(found.map(\.place) == places.sorted())
    #expect(Set(found.map(\.words)) == Set(some.map(\.complaint)))
  }

  @Test func eachComplaintBeginsWithFileLineAndColumn() {
    let text = """
      kind: AlertClass
      name: slow
      title: Slow
      steps: []
      ---
      kind: AlertClass
      name: slow
      title: Slow again
      steps: [wait]
      ---
      kind: Rotation
      id: a
      team: nobody
      tier: 5
      members: [x]
      handoff: 09:00
      shift: 12 hours
      starts: tomorrow
      """
    let expected = """
      x.yaml:1:1: Defaults: expected one document of kind Defaults, found none
      x.yaml:4:8: AlertClass.steps: expected a list of steps with at least 1, found 0
      x.yaml:7:7: AlertClass.name: expected a name of an alert class that is not taken, found "slow", already at \
      x.yaml:2:7
      x.yaml:13:7: Rotation.team: expected the id of a team that is defined, found "nobody"
      x.yaml:14:7: Rotation.tier: expected a tier: primary, secondary, tertiary, 1, 2, 3, found "5"
      x.yaml:15:11: Rotation.members[0]: expected the id of a person that is defined, found "x"
      x.yaml:18:9: Rotation.starts: expected a date such as 2026-12-25, found "tomorrow"
      """
    #expect(throws: ConfigurationError.self) {
      try ClusterConfiguration(reading: [SourceFile(name: "x.yaml", text: text)])
    }
    do {
      _ = try ClusterConfiguration(reading: [SourceFile(name: "x.yaml", text: text)])
    } catch {
      #expect(error.description == expected)
    }
  }

  @Test func heartbeatsAreReadAndTheirSlipsAreTold() throws {
    func problems(_ line: String) throws -> [String] {
      let text = "kind: Heartbeats\nheartbeats:\n  backup: \(line)\n"
      let files = try Repository.shippedFiles() + [SourceFile(name: "beats.yaml", text: text)]
      do throws(ConfigurationError) {
        let heartbeats = try ClusterConfiguration(reading: files).intake.heartbeats
        return heartbeats.map {
          "\($0.name) \($0.every.words) \($0.grace.words) \($0.severity) \($0.service) \($0.source)"
        }
      } catch {
        return error.problems.map(\.description)
      }
    }
    #expect(
      try problems(
        "{ every: 1d, grace: 1h, severity: SEV-3, service: postgres, class: service_down, source: cron }")
        == ["backup 24 h 1 h sev3 postgres cron"])
    #expect(
      try problems("{ every: 1d, grace: 1h, severity: SEV-3, source: [cron] }").first?
        .hasPrefix("beats.yaml:3:60: Heartbeats.heartbeats.backup.source: expected text of at most 64 bytes") == true)
    #expect(
      try problems("{ every: 5s, grace: 1h, severity: SEV-3, service: postgras }") == [
        "beats.yaml:3:20: Heartbeats.heartbeats.backup.every: expected a span from 60s to 366d, found \"5s\"",
        "beats.yaml:3:61: Heartbeats.heartbeats.backup.service: expected the name of a service that is defined, "
          + "found \"postgras\"; did you mean \"postgres\"?",
      ])
    #expect(
      try problems("{ every: 1d, severity: SEV-3 }") == [
        "beats.yaml:3:11: Heartbeats.heartbeats.backup.grace: expected the key grace, found none"
      ])
  }

  @Test func twoRotationsForOneTierAreRefused() throws {
    var files = try Repository.shippedFiles()
    let index = try #require(files.firstIndex { $0.name.hasSuffix("rotations.yaml") })
    files[index].text.replace("tier: tertiary", with: "tier: secondary")
    do {
      _ = try ClusterConfiguration(reading: files)
    } catch {
      #expect(
        error.problems.map { "\($0.expected), \($0.found)" } == [
          "one rotation for each tier of a team, any further one with on: or hours:, \"platform-tertiary\" beside \"platform-secondary\""
        ])
    }
  }

  @Test func whoCannotBeWokenIsNamed() throws {
    var files = try Repository.shippedFiles()
    let index = try #require(files.firstIndex { $0.name.hasSuffix("contacts.yaml") })
    for line in ["    push: ben-phone\n", "    sms: \"+1 202 555 0102\"\n", "    voice: \"+1 202 555 0102\"\n"] {
      files[index].text.replace(line, with: "")
    }
    do {
      _ = try ClusterConfiguration(reading: files)
    } catch {
      #expect(error.problems.map(\.field) == ["Contacts.contacts.ben"])
      #expect(error.problems.first?.expected.hasPrefix("an audible channel") == true)
    }
  }

  /// Contact rules may keep a phone quiet for most things, but not for a SEV-1 or SEV-2 (requirements N1 and P5).
  @Test(arguments: [("SEV-2", "SEV-1"), ("SEV-1", "SEV-2")])
  func whoseChannelsAreClosedToTheWorstIsNamed(kept: String, unheard: String) throws {
    let (found, places) = try problems(after: [
      Slip(
        file: "contacts.yaml", correct: "only-for: { sms: [SEV-1], voice: [SEV-1] }",
        mistyped: "only-for: «{ push: [\(kept)], sms: [\(kept)], voice: \(kept) }", complaint: "")
    ])
    let rules = found.filter { $0.field.hasSuffix("only-for") }
    #expect(rules.map(\.place) == places)
    #expect(
      rules.map(\.words) == [
        "Contacts.contacts.vera.only-for: expected rules that leave push, sms or voice open to SEV-1 and SEV-2, of "
          + "those that the person has, found none for \(unheard)"
      ])
    let others = found.filter { !$0.field.hasSuffix("only-for") }.map(\.words)
    let noSEV1 = "Contacts.contacts.vera: expected an audible channel (push, sms, voice) with an address, open to SEV-1"
    #expect(others.map { $0.hasPrefix(noSEV1) } == (unheard == "SEV-1" ? [true] : []))
  }

  /// What is wrong with the shipped files once these slips were made, and where they were made (the mark `«`).
  private func problems(after slips: [Slip]) throws -> (found: [Problem], places: [Place]) {
    var files = try Repository.shippedFiles().map { file in
      SourceFile(name: file.name.split(separator: "/").last.map(String.init) ?? file.name, text: file.text)
    }
    for slip in slips {
      let index = try #require(files.firstIndex { $0.name == slip.file })
      let range = try #require(files[index].text.firstRange(of: slip.correct), "\(slip.correct) is in \(slip.file)")
      files[index].text.replaceSubrange(range, with: slip.mistyped)
    }
    var places: [Place] = []
    for (index, file) in files.enumerated() {
      for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        guard let mark = line.unicodeScalars.firstIndex(of: "«") else { continue }
        let column = line.unicodeScalars.distance(from: line.unicodeScalars.startIndex, to: mark) + 1
        places.append(Place(file: file.name, line: number + 1, column: column))
      }
      files[index].text.replace("«", with: "")
    }
    do {
      _ = try ClusterConfiguration(reading: files)
      return ([], places)
    } catch {
      return (error.problems, places)
    }
  }
}

extension Problem {
  /// The complaint without its place.
  fileprivate var words: String { String(description.dropFirst("\(place): ".count)) }
}
