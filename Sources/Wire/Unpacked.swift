import CTocsinProto
import Messages

/// C values out of protobuf-c's structs, for the generated codecs.
enum Unpacked {
  static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    guard let pointer, pointer.pointee != 0 else { return "" }
    return String(cString: pointer)
  }

  static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: data.data, count: data.len))
  }

  static func known<Value: WireEnum>(_ raw: UInt32, _ field: String) throws(WireError) -> Value {
    guard let value = Value(rawValue: raw) else {
      throw WireError(field: field, rule: "\(raw) is no value of \(Value.self)")
    }
    return value
  }

  static func message<Value: PackedMessage>(_ pointer: UnsafeMutablePointer<Value.Packed>?) throws(WireError) -> Value?
  {
    guard let pointer else { return nil }
    return try Value(unpacked: pointer)
  }

  static func messages<Value: PackedMessage>(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Value.Packed>?>?, _ count: Int
  ) throws(WireError) -> [Value] {
    try list(start, count) { (element) throws(WireError) in
      guard let element else { throw WireError(field: "", rule: "protobuf-c left an element of a list out") }
      return try Value(unpacked: element)
    }
  }

  static func list<Element, Value>(
    _ start: UnsafeMutablePointer<Element>?, _ count: Int, _ convert: (Element) throws(WireError) -> Value
  ) throws(WireError) -> [Value] {
    guard count > 0, let start else { return [] }
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count { values.append(try convert(start[index])) }
    return values
  }
}
