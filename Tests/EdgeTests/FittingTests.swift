import AlertSources
import Messages
import Testing
import Wire

/// Intake's door for sources takes 64 KiB: a larger frame would cut the gateway's connection and with it the whole source.
@Suite struct FittingTests {
  private static let doorTakes = 64 * 1_024

  @Test func theLargestEventOfEachFormatFitsThroughTheDoor() throws {
    let long = String(repeating: "é", count: 20_000)
    let labels = (0..<64).map { #""\#(String(repeating: "n", count: 250))\#($0)":"\#(long)""# }.joined(separator: ",")
    let links = (0..<16).map { #"{"href":"http://\#(String(repeating: "x", count: 2_000))\#($0)","text":"\#(long)"}"# }
      .joined(separator: ",")
    var events = try AlertmanagerWebhook(
      reading: Array(
        #"{"version":"4","alerts":[{"status":"firing","fingerprint":"f","labels":{\#(labels)},"annotations":{\#(labels),"summary":"s","description":"\#(long)"}}]}"#
          .utf8)
    ).events
    events.append(
      try PagerDutyEvent(
        PagerDutyEvent.keyed(
          Array(
            #"{"routing_key":"k","event_action":"trigger","links":[\#(links)],"payload":{"summary":"s","source":"h","severity":"info","custom_details":{\#(labels)}}}"#
              .utf8), as: .events), source: "s"
      ).event)
    events.append(
      try OpsgenieAlert(
        reading: Array(#"{"message":"s","description":"\#(long)","details":{\#(labels)}}"#.utf8), source: "s"
      ).event)
    events += try PlainEvents(
      reading: Array(#"{"summary":"s","labels":{\#(labels)},"links":[\#(links)],"details":"\#(long)"}"#.utf8),
      source: "s"
    ).events
    #expect(events.count == 4)
    for event in events {
      let bytes = event.fitting().encoded().count
      #expect(bytes <= Self.doorTakes, "\(event.source): \(bytes)")
      #expect(event.fitting().summary == "s" && event.fitting().labels.count == event.labels.count)
      #expect(!event.fitting().details.isEmpty)
    }
    #expect(events.contains { $0.encoded().count > Self.doorTakes }, "else this test says nothing")
  }

  @Test func whatFitsIsLeftAsItIs() {
    var event = Event(source: "s", dedupKey: "k", summary: "x", details: String(repeating: "d", count: 32_000))
    event.labels = [Label(name: "a", value: "b")]
    #expect(event.fitting() == event)
  }
}
