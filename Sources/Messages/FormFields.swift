/// The fields of a form or a query (`a=b&c=d`), unescaped, in the order in which they came.
public struct FormFields: Sendable {
  static let atMost = 1_000

  public let all: [(name: String, value: String)]

  public init(_ all: [(name: String, value: String)]) { self.all = all }

  /// Fields beyond `atMost` are left out: nobody sends so many.
  public init(urlEncoded bytes: some Collection<UInt8>) {
    all = bytes.split(separator: UInt8(ascii: "&"), maxSplits: Self.atMost).prefix(Self.atMost).map { part in
      let name = part.prefix { $0 != UInt8(ascii: "=") }
      return (
        PercentText.plain(name, isForm: true), PercentText.plain(part.dropFirst(name.count + 1), isForm: true)
      )
    }
  }

  /// The first of this name.
  public func value(_ name: String) -> String? { all.first { $0.name == name }?.value }

  /// The first of this name; empty when there is none.
  public subscript(name: String) -> String { value(name) ?? "" }
}
