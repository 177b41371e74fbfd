import Messages

extension Event {
  /// What an event may have in all: intake's door for sources takes 64 KiB, and a larger frame costs its sender the connection.
  static let bytesAtMost = 60 * 1_024
  private static let detailsAtLeast = 4 * 1_024

  /// This event, cut where all that it says is more than intake's door takes: its details first, then its labels' values, then its
  /// links. What fits is as it was.
  public func fitting() -> Event {
    guard bytes > Self.bytesAtMost else { return self }
    var event = self
    for index in event.links.indices {
      event.links[index].text = EventLimits.clip(event.links[index].text, to: EventLimits.name)
    }
    let room = event.details.utf8.count - (event.bytes - Self.bytesAtMost)
    event.details = EventLimits.clip(event.details, to: max(Self.detailsAtLeast, room))
    for limit in [1_024, 256, 64] where event.bytes > Self.bytesAtMost {
      for index in event.labels.indices {
        event.labels[index].value = EventLimits.clip(event.labels[index].value, to: limit)
      }
    }
    while event.bytes > Self.bytesAtMost, !event.links.isEmpty { event.links.removeLast() }
    return event
  }

  /// At least as many as it has on the wire, where no field is longer than a megabyte.
  private var bytes: Int {
    let texts = [source, dedupKey, summary, alertClass, service, details]
    var bytes = 64
    for text in texts { bytes += text.utf8.count + 8 }
    for label in labels { bytes += label.name.utf8.count + label.value.utf8.count + 16 }
    for link in links { bytes += link.href.utf8.count + link.text.utf8.count + 16 }
    return bytes
  }
}
