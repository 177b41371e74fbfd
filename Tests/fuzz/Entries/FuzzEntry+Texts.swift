import AlertSources
import Bus
import Configuration
import Messages
import Wire

/// Files and texts: what operators apply, what other systems post.
extension FuzzEntry {
  private static let zones = ZoneNames(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])

  /// One document of the shipped configuration at a time, and all together.
  static let yaml = FuzzEntry(
    "yaml", bytesAtMost: 8_192,
    seeds: {
      (Samples.configuration + Samples.configuration.flatMap { $0.components(separatedBy: "\n---\n") }).map {
        Array($0.utf8)
      }
    },
    .atOnce { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let file = SourceFile(name: "a.yaml", text: text)
      do throws(ConfigurationError) {
        let read = try ClusterConfiguration(reading: [file], zones: zones)
        let slice = read.schedule.encoded()
        promise(
          (try? ScheduleConfiguration(decoding: slice)) == read.schedule, "a slice arrives as it was read: \(text)")
        let intake = read.intake.encoded()
        promise((try? IntakeConfiguration(decoding: intake)) == read.intake, "a slice arrives as it was read: \(text)")
      } catch {
        say(error.problems, of: text)
      }
      do throws(ConfigurationError) {
        _ = try PolicyFiles.read([file], zones: zones)
      } catch {
        say(error.problems, of: text)
      }
    })

  /// A calendar of holidays, beside a team that names it.
  static let holidays = FuzzEntry(
    "holidays", bytesAtMost: 1_024,
    seeds: {
      [
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY;X-A=\"a:b\":Christ\r\n mas\r\nEND:VEVENT\r\n"
          + "BEGIN:VEVENT\r\nDTSTART:20270301\r\nDURATION:P1W\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n"
          + "DTSTART:20261231\r\nDTEND:20270102\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
      ].map { Array($0.utf8) }
    },
    .atOnce { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let files =
        Samples.configuration.prefix(1).map {
          SourceFile(name: "team.yaml", text: $0.replacing("holidays: []", with: "holidays: a.ics"))
        } + [SourceFile(name: "a.ics", text: text)]
      do throws(ConfigurationError) {
        _ = try ClusterConfiguration(reading: files, zones: zones)
      } catch {
        say(error.problems, of: text)
      }
    })

  /// What is wrong is said in one printable line each: a file can't write in somebody's terminal.
  private static func say(_ problems: [Problem], of text: String) {
    promise(!problems.isEmpty, "a refusal says why: \(text)")
    for problem in problems {
      let line = problem.description
      promise(
        line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && !(0x80..<0xa0 ~= $0.value) },
        "a problem is one printable line: \(line.debugDescription)")
      promise(problem.place.line >= 1, "a problem has a line: \(line)")
    }
  }

  /// A script's line.
  static let eventLine = FuzzEntry(
    "event-line", bytesAtMost: 1_024,
    seeds: {
      [
        Array(
          #"""
          {"action":"trigger","source":"cron","dedup_key":"backup","severity":"SEV-3","summary":"no backup","class":"missing",
          "service":"postgres","labels":{"host":"db-1"},"links":[{"href":"https://x","text":"y"}],"details":"...",
          "occurred_at":"2026-11-24T03:00:00.5+01:00"}
          """#.utf8)
      ]
    },
    .atOnce { bytes in
      _ = try? EventLine.event(String(decoding: bytes, as: UTF8.self), number: 1, source: "s")
    })

  /// A list of keys that is taken is written as it was read.
  static let keys = FuzzEntry(
    "keys", bytesAtMost: 1_024,
    isTaken: { (try? KeyStore(text: String(decoding: $0, as: UTF8.self), path: "")) != nil },
    seeds: {
      [
        Array(
          ("ana roles=responder key=.DhWg{y&{Zq:v2]5YUxb.u%[UD%WNG?MfS#dH4%V from=2026-01-01T00:00:00Z until=2027-01-01T00:00:00Z"
            + " addresses=10.1.0.0/16,::1/128\n").utf8)
      ]
    },
    .atOnce { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let store = try? KeyStore(text: text, path: "authorized") else { return }
      let again = try? KeyStore(text: store.text, path: "authorized")
      promise(again?.keys == store.keys && again?.text == store.text, "a list is written as it was read: \(text)")
    })
}
