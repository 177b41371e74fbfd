/// A JSON object (RFC 8259), its fields in the order in which they are added.
///
/// Written directly into bytes: made by Foundation's serialization it was half of what a webhook page cost the notifier
/// (`tocsin-bench handover`).
struct JSONObject {
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  /// The whole object.
  var text: [UInt8] { bytes + CollectionOfOne(UInt8(ascii: "}")) }

  mutating func add(_ name: StaticString, _ value: String) {
    begin(name)
    quote(value)
  }

  mutating func add(_ name: StaticString, _ value: Int64) {
    begin(name)
    bytes += String(value).utf8
  }

  mutating func add(_ name: StaticString, _ value: Bool) {
    begin(name)
    bytes += (value ? "true" : "false").utf8
  }

  mutating func add(_ name: StaticString, _ values: [JSONObject]) {
    begin(name)
    bytes.append(UInt8(ascii: "["))
    for (place, value) in values.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += value.text
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func begin(_ name: StaticString) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
