import Messages

extension FormFields {
  /// What people typed: without spaces around it, and with line ends of one character, where a form's are CR LF; none holds NUL.
  init(typed bytes: some Collection<UInt8>) {
    self.init(
      FormFields(urlEncoded: bytes).all.map { name, value in
        var text = String(value.unicodeScalars.filter { $0 != "\r" && $0 != "\0" })[...]
        text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return (name, String(text))
      })
  }
}
