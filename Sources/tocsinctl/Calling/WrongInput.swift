import AlertSources

/// Something that was read from a file or standard input can't be what it should be.
struct WrongInput: Error, CustomStringConvertible {
  var description: String

  init(_ file: String, _ error: SourceError) {
    description = "\(file): \(error.description)"
  }

  init(_ words: String) {
    description = words
  }
}
