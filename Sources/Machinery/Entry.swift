import Messages

/// What one message, or the passing of time, made true: the body of one journal row.
public struct Entry<Fact: Sendable>: Sendable {
  public var at: Instant
  /// The answer that goes with it, when a caller waits for one.
  public var answered: Answered?
  public var facts: [Fact]
  /// Set when the entry is about the journal itself: a start, a clock step, a probe.
  public var mark: Mark?
  /// Who is answerable for it, and what it changed, where somebody is (requirement A2).
  public var audited: AuditRecord?

  public init(
    at: Instant, answered: Answered? = nil, facts: [Fact] = [], mark: Mark? = nil, audited: AuditRecord? = nil
  ) {
    self.at = at
    self.answered = answered
    self.facts = facts
    self.mark = mark
    self.audited = audited
  }
}

/// How a tier's entries become bytes and come back; given by `Wire`, so that rules don't see protobuf.
public struct EntryCodec<Fact: Sendable>: Sendable {
  public var encode: @Sendable (Entry<Fact>) -> [UInt8]
  public var decode: @Sendable ([UInt8]) throws -> Entry<Fact>

  public init(
    encode: @escaping @Sendable (Entry<Fact>) -> [UInt8], decode: @escaping @Sendable ([UInt8]) throws -> Entry<Fact>
  ) {
    self.encode = encode
    self.decode = decode
  }
}
