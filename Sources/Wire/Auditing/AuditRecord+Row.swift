import Messages

extension AuditRecord {
  /// The field of every tier's entry that holds it.
  private static let field: UInt32 = 5

  /// The record that a journal row's body carries, found without decoding anything else of the row: among millions of alerts the
  /// few rows that somebody is answerable for cost as much as the skipping of the others.
  ///
  /// - Throws: when there is one and it can't be read.
  public init?(inRow body: [UInt8]) throws(WireError) {
    let found: [UInt8]? = body.withUnsafeBytes { EmbeddedSchema.parts(of: $0, Self.field).last.map { [UInt8]($0) } }
    guard let found else { return nil }
    try self.init(decodingTrusted: found)
  }
}
