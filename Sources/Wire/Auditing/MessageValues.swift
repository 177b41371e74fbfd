import CTocsinProto
import JSON
import Messages

/// A message as names and values for people: what the audit says was asked, and of a thing before and after a change.
///
/// Fields at their default aren't named. Elements of a list of messages are named by their id, else by their place; other lists
/// are one value. Bytes mean nothing to people and are left out.
public struct MessageValues: Hashable, Sendable {
  public struct Value: Hashable, Sendable {
    public var name: String
    public var text: String
  }
  public private(set) var values: [Value] = []
  /// In bytes. Longer texts are cut: a row is no place for a second copy of a document.
  public static let textAtMost = 300
  private let hidden: Set<String>
  private let instant: @Sendable (Instant) -> String

  /// - Parameters:
  ///   - hidden: names of fields, as in the `.proto`, that are left out at any depth.
  ///   - instant: how an instant is written.
  public init<Message: WireMessage>(
    of message: Message, hiding hidden: Set<String> = [], instant: @escaping @Sendable (Instant) -> String
  ) {
    self.hidden = hidden
    self.instant = instant
    guard let descriptor = Schema.descriptors[Message.fullName]?.pointer else { return }
    message.encoded().withUnsafeBytes { add(JSONReader.object($0, descriptor), descriptor, under: "") }
  }

  /// Nil for bytes that are no such message.
  public init?(
    fullName: String, bytes: [UInt8], hiding hidden: Set<String> = [], instant: @escaping @Sendable (Instant) -> String
  ) {
    self.hidden = hidden
    self.instant = instant
    guard let descriptor = Schema.descriptors[fullName], (try? Lint.outside.check(bytes, descriptor)) != nil else {
      return nil
    }
    bytes.withUnsafeBytes { add(JSONReader.object($0, descriptor.pointer), descriptor.pointer, under: "") }
  }

  public static func == (left: MessageValues, right: MessageValues) -> Bool { left.values == right.values }
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }

  /// What differs, in the order of the later one; what is gone comes last.
  public static func changes(from before: MessageValues?, to after: MessageValues?) -> [AuditChange] {
    let (old, new) = (before?.values ?? [], after?.values ?? [])
    let texts = Dictionary(old.map { ($0.name, $0.text) }) { $1 }
    let names = Set(new.map(\.name))
    return new.filter { texts[$0.name] != $0.text }.map {
      AuditChange(name: $0.name, before: texts[$0.name] ?? "", after: $0.text)
    } + old.filter { !names.contains($0.name) }.map { AuditChange(name: $0.name, before: $0.text) }
  }

  private mutating func add(
    _ value: JSONValue, _ message: UnsafePointer<ProtobufCMessageDescriptor>, under prefix: String
  ) {
    guard case .object(let members) = value else { return }
    for member in members where !hidden.contains(member.name) {
      guard let field = protobuf_c_message_descriptor_get_field_by_name(message, member.name) else { continue }
      let name = prefix + Self.words(of: member.name)
      switch member.value {
      case .array(let elements) where field.pointee.type == PROTOBUF_C_TYPE_MESSAGE:
        for (place, element) in elements.enumerated() {
          add(element, field.message, under: "\(name) \(Self.id(of: element) ?? "\(place + 1)") ")
        }
      case .array(let elements):
        keep(name, elements.map { text($0, field) }.filter { !$0.isEmpty }.joined(separator: ", "))
      case .object: add(member.value, field.message, under: "\(name) ")
      default: keep(name, text(member.value, field))
      }
    }
  }

  private mutating func keep(_ name: String, _ text: String) {
    guard !text.isEmpty else { return }
    values.append(
      Value(name: name, text: text.utf8.count > Self.textAtMost ? text.cut(to: Self.textAtMost) + "…" : text))
  }

  private static func id(of element: JSONValue) -> String? {
    guard case .object(let members) = element else { return nil }
    for member in members where member.name == "id" {
      if case .string(let id) = member.value, !id.isEmpty { return id }
    }
    return nil
  }

  private func text(_ value: JSONValue, _ field: UnsafePointer<ProtobufCFieldDescriptor>) -> String {
    switch value {
    case .bool(let isSo): return isSo ? "yes" : ""
    case .string(let text):
      switch field.pointee.type {
      case PROTOBUF_C_TYPE_BYTES: return ""
      case PROTOBUF_C_TYPE_ENUM: return Self.word(text, field)
      case PROTOBUF_C_TYPE_STRING: return text
      default: return number(text, field.name)
      }
    case .number(let digits): return number(digits, field.name)
    case .null, .array, .object: return ""
    }
  }

  private func number(_ digits: String, _ name: String) -> String {
    guard digits != "0", digits != "0.0" else { return "" }
    if name == "at_ms" || name.hasSuffix("_at_ms"), let milliseconds = Int64(digits) {
      return milliseconds >= Instant.distantFuture.milliseconds
        ? "for good" : instant(Instant(milliseconds: milliseconds))
    }
    if name.hasSuffix("_ms"), let milliseconds = Int64(digits) { return Span(milliseconds: milliseconds).words }
    return digits
  }

  /// "SEVERITY_SEV2" of the enum Severity is "sev2".
  private static func word(_ name: String, _ field: UnsafePointer<ProtobufCFieldDescriptor>) -> String {
    var prefix = ""
    for letter in String(cString: field.enumeration.pointee.short_name) {
      if letter.isUppercase, !prefix.isEmpty { prefix += "_" }
      prefix += letter.uppercased()
    }
    let word = name.hasPrefix("\(prefix)_") ? name.dropFirst(prefix.count + 1) : Substring(name)
    return word == "UNSPECIFIED" ? "" : word.lowercased().split(separator: "_").joined(separator: " ")
  }

  /// "until_at_ms" is "until", "incident_id" "incident".
  public static func words(of field: String) -> String {
    var name = Substring(field)
    for suffix in ["_at_ms", "_ms", "_id"] where name.hasSuffix(suffix) && name.count > suffix.count {
      name = name.dropLast(suffix.count)
      break
    }
    return name == "at_ms" ? "at" : name.split(separator: "_").joined(separator: " ")
  }
}
