import Messages

/// As much of an address as its owner needs to know it again, and nobody can use (requirement N7): "+49…78", "a…@aion.example".
enum MaskedAddress {
  static func of(_ address: String) -> String {
    if let at = address.lastIndex(of: "@"), at != address.startIndex {
      return "\(address.prefix(1))…\(CleanText.line(String(address[at...]), limit: 40))"
    }
    guard address.count >= 8 else { return "\(CleanText.line(String(address.prefix(1))))…" }
    guard let number = AddressForm.phoneNumber(address) else {
      return CleanText.line("\(address.prefix(2))…\(address.suffix(2))")
    }
    return "\(number.prefix(3))…\(number.suffix(2))"
  }
}
