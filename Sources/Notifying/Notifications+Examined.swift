import Messages

extension Notifications {
  /// Whether what counts as handed over reaches anybody.
  public var examinedChannels: [PostureFinding] {
    let carried = CarriedChannels(book.everybody, by: book.configuration.channels)
    guard !carried.isEmpty else { return [] }
    return [
      PostureFinding(name: "channels", value: carried.words, mend: carried.fault, must: carried.isHalfDone)
    ]
  }
}
