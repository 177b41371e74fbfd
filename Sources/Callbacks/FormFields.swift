import Listening

/// The fields of a form or a query, unescaped, in the order in which they came.
public struct FormFields: Hashable, Sendable {
  public private(set) var all: [(name: String, value: String)] = []
  static let fieldsAtMost = 200

  /// Fields beyond `fieldsAtMost` are left out: no provider sends so many, and a signature over them fails.
  public init(urlEncoded bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    for part in bytes.split(separator: UInt8(ascii: "&"), maxSplits: Self.fieldsAtMost).prefix(Self.fieldsAtMost) {
      let name = part.prefix { $0 != UInt8(ascii: "=") }
      all.append((Self.unescaped(name), Self.unescaped(part.dropFirst(name.count + 1))))
    }
  }

  /// The first of this name; empty when there is none.
  public subscript(name: String) -> String { all.first { $0.name == name }?.value ?? "" }

  private static func unescaped(_ text: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(0x20)
      case UInt8(ascii: "%"):
        if rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
          bytes.append(value)
          rest = rest.dropFirst(2)
        } else {
          bytes.append(byte)
        }
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  public static func == (left: FormFields, right: FormFields) -> Bool {
    left.all.elementsEqual(right.all) { $0.name == $1.name && $0.value == $1.value }
  }

  public func hash(into hasher: inout Hasher) {
    for field in all {
      hasher.combine(field.name)
      hasher.combine(field.value)
    }
  }
}

extension HTTPRequest {
  /// What follows the "?" of its target.
  public var query: FormFields {
    FormFields(urlEncoded: Array(target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()))
  }
}
