/// A tier whose figures are gathered with others': what it is called, and where they are.
public struct GatheredPlace: Hashable, Sendable {
  /// "alert-intake-2": one of several behind an address list is a tier of its own.
  public let name: String
  let place: MetricsPlace

  /// "alert-intake-2=127.0.0.1:9171"; nil when it is no name with an address and a port in numbers.
  public init?(_ text: String) {
    guard let sign = text.firstIndex(of: "="), let place = MetricsPlace(String(text[text.index(after: sign)...])) else {
      return nil
    }
    let name = String(text[..<sign])
    guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy(Self.isNameByte) else { return nil }
    self.place = place
    self.name = name
  }

  /// Prometheus keeps an instance that is named (`honor_labels`), and names the gateway's otherwise.
  var labels: [Figure.Label] { [.init("tier", name), .init("instance", name)] }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte || byte == 0x2d || byte == 0x5f || byte == 0x2e
  }
}
