import CivilTime
import Messages
import Testing

@Suite struct TimeZoneTests {
  private func local(_ text: String) throws -> LocalTime {
    TimeZoneRules.utc.local(try #require(Instant(rfc3339: text + "Z")))
  }

  @Test func aSkippedTimeIsTheFirstInstantAfterTheJump() throws {
    for (zone, skipped, instant) in [
      ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z"),
      ("Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
      ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
      ("America/New_York", "2027-03-14T02:59:59", "2027-03-14T07:00:00Z"),
      ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00Z"),
      ("America/Santiago", "2026-09-06T00:00:00", "2026-09-06T04:00:00Z"),
      ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z"),
    ] {
      #expect(SystemZones.rules(zone).instant(of: try local(skipped)).rfc3339 == instant, "\(zone) \(skipped)")
    }
  }

  @Test func aRepeatedTimeIsTheFirstOfTheTwo() throws {
    for (zone, repeated, instant) in [
      ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
      ("Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T00:00:00Z"),
      ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
      ("America/New_York", "2040-11-04T01:30:00", "2040-11-04T05:30:00Z"),
      ("Australia/Lord_Howe", "2027-04-04T01:45:00", "2027-04-03T14:45:00Z"),
      ("Europe/Dublin", "2050-10-30T01:30:00", "2050-10-30T00:30:00Z"),
    ] {
      #expect(SystemZones.rules(zone).instant(of: try local(repeated)).rfc3339 == instant, "\(zone) \(repeated)")
    }
  }

  @Test func utcIsAlwaysKnownAndNothingElseByItself() {
    let zones = TimeZones()
    #expect(zones["UTC"] == .utc)
    #expect(zones[""] == .utc)
    #expect(zones["Europe/Berlin"] == nil)
    #expect(zones.names == ["UTC"])
  }

  @Test func offsetsAgreeWithPythonsZoneinfo() throws {
    let rows = SystemZones.reference("civil-time.csv")
    #expect(rows.count > 4_000)
    for row in rows {
      let second = try #require(Int64(row[1]))
      guard comparable(second) else { continue }
      let zone = SystemZones.rules(row[0])
      let instant = Instant(milliseconds: second * 1_000)
      let local = zone.local(instant)
      let text = "\(local.date) \(LocalTime(millisecondsSinceEpoch: local.millisecondOfDay).clock)"
      #expect(zone.offset(at: instant) == Int(row[2]) && text == row[3], "\(row) but \(text): \(Self.hint)")
    }
  }

  @Test func handoffsAgreeWithPythonsZoneinfo() throws {
    let rows = SystemZones.reference("handoffs.csv")
    #expect(rows.count > 3_000)
    for row in rows {
      let second = try #require(Int64(row[5]))
      guard comparable(second) else { continue }
      let start = try #require(CivilDate(row[2]))
      let days = try #require(Int(row[4])) * (row[1] == "weeks" ? 7 : 1)
      let local = LocalTime(start.adding(days: days), minute: try #require(Int(row[3])))
      let found = SystemZones.rules(row[0]).instant(of: local)
      #expect(found.milliseconds == second * 1_000, "\(row) but \(found.rfc3339): \(Self.hint)")
    }
  }

  private static let hint = "python3 Tests/Reference/make-civil-time.py makes the table again"

  /// A system with another tz database than the table's is held to what neither can have changed: the past.
  private func comparable(_ second: Int64) -> Bool { Self.isSameDatabase || second < 1_735_689_600 }

  private static let isSameDatabase = SystemZones.version == SystemZones.referenceVersion()

  @Test func everyZoneGoesThereAndBackAroundEveryChange() {
    #expect(SystemZones.all.names.count > 400)
    for name in SystemZones.all.names {
      let zone = SystemZones.rules(name)
      var at = Instant(milliseconds: 1_577_836_800_000)
      let end = Instant(milliseconds: 2_524_608_000_000)
      while let change = zone.nextTransition(after: at), change < end {
        let before = zone.offset(at: change - .milliseconds(1))
        let after = zone.offset(at: change)
        for step in [-7_200, -1_800, -1, 0, 1, 1_800, 7_200] as [Int64] {
          let instant = change + .seconds(step)
          let back = zone.instant(of: zone.local(instant))
          let isSecondTime = step >= 0 && after < before && step < Int64(before - after)
          let expected = isSecondTime ? instant - .seconds(Int64(before - after)) : instant
          #expect(back == expected, "\(name) \(instant.rfc3339)")
        }
        at = change
      }
    }
  }

  @Test func noLocalTimeRunsBackwards() {
    for name in SystemZones.all.names {
      let zone = SystemZones.rules(name)
      var before = Instant.unset
      for quarter in 0..<2 * 366 * 24 * 4 {
        let instant = zone.instant(
          of: LocalTime(millisecondsSinceEpoch: 1_767_225_600_000 + Int64(quarter) * 900_000))
        guard instant >= before else {
          Issue.record("\(name) runs backwards at \(instant.rfc3339)")
          break
        }
        before = instant
      }
    }
  }

  @Test func versionOneFilesAndPosixFootersAreRead() throws {
    // A first block alone, without transitions: one type at +01:00 called "X".
    let one: [UInt8] =
      Array("TZif".utf8) + Array(repeating: 0, count: 16) + [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0]
      + [0, 0, 0, 1] + [0, 0, 0, 2] + [0, 0, 0x0e, 0x10, 0, 0] + Array("X\0".utf8)
    #expect(try TimeZoneRules(tzif: one).offset(at: .unset) == 3_600)

    for (footer, at, offset) in [
      ("CET-1CEST,M3.5.0,M10.5.0/3", "2300-07-01T00:00:00Z", 7_200),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2300-03-25T00:59:59Z", -7_200),
      ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2300-03-25T01:00:00Z", -3_600),
      ("IST-1GMT0,M10.5.0,M3.5.0/1", "2300-01-01T00:00:00Z", 0),
      ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2300-01-01T00:00:00Z", 46_800),
      ("XXX3EDT4,0/0,J365/23", "2300-01-01T00:00:00Z", -14_400),
      ("XXX3EDT4,0/0,J365/23", "2300-01-01T03:00:00Z", -14_400),
      ("AAA0BBB,J60,J300", "2300-03-01T02:00:00Z", 3_600),
      ("AAA0BBB,59/2,J300", "2304-02-29T02:00:00Z", 3_600),
      ("AAA0BBB,J60,J300", "2304-02-29T02:00:00Z", 0),
    ] {
      let rules = try TimeZoneRules(tzif: versionTwo(footer: footer))
      #expect(rules.offset(at: try #require(Instant(rfc3339: at))) == offset, "\(footer) \(at)")
    }
  }

  @Test func damagedFilesAreRefusedAndNeverCrash() throws {
    let good = try #require(SystemZones.bytes(ofFile: SystemZones.directory + "/Europe/Berlin"))
    for length in stride(from: 0, to: good.count, by: 7) {
      #expect(throws: TimeZoneFileError.self) { try TimeZoneRules(tzif: Array(good.prefix(length))) }
    }
    var random = SplitMix(seed: 7)
    for _ in 0..<3_000 {
      var bytes = good
      for _ in 0..<3 { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      _ = try? TimeZoneRules(tzif: bytes).local(Instant(milliseconds: 2_000_000_000_000))
    }
    for footer in ["CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "-1", "CET-999"] {
      #expect(throws: TimeZoneFileError.self) { try TimeZoneRules(tzif: versionTwo(footer: footer)) }
    }
  }

  /// A version 2 file with one type and this footer.
  private func versionTwo(footer: String) -> [UInt8] {
    var block: [UInt8] = Array("TZif2".utf8) + Array(repeating: 0, count: 15 + 16) + [0, 0, 0, 1] + [0, 0, 0, 2]
    block += [0, 0, 0x0e, 0x10, 0, 0] + Array("X\0".utf8)
    return block + block + Array("\n\(footer)\n".utf8)
  }
}

extension LocalTime {
  var clock: String {
    [hour, minute, second].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
