import Messages
import Notifying
import Wire

/// Runs whose texts and calls a provider carries that can be asked.
extension Slices {
  /// In half of the runs texts and calls go by a provider that can be asked what it has and calls back; in half of those a second
  /// one carries on where it fails.
  func carried(by seed: UInt64) -> Slices {
    var dice = SeededRandom(seed: ~seed &+ 17)
    guard dice.oneIn(2), var notification = try? NotificationConfiguration(decoding: notification) else { return self }
    let second = SecondProvider(provider: "webhook", url: "https://second.example", secretFile: "key")
    let hasSecond = dice.oneIn(2)
    notification.channels.removeAll { ["sms", "voice"].contains($0.channel) }
    notification.channels += ["sms", "voice"].map {
      ChannelRoute(
        channel: $0, provider: "twilio", secretFile: "key", second: hasSecond ? second : nil,
        account: "AC" + String(repeating: "0", count: 32), from: "+12025550100",
        rate: Rate(messages: 50, per: .seconds(1)))
    }
    var slices = self
    slices.notification = notification.encoded()
    return slices
  }
}
