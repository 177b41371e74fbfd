/// The body of a form, as browsers and Twilio write it: `application/x-www-form-urlencoded`.
enum FormBody {
  static let header = "Content-Type: application/x-www-form-urlencoded"

  static func bytes(_ fields: [(String, String)]) -> [UInt8] {
    Array(fields.map { "\(encoded($0))=\(encoded($1))" }.joined(separator: "&").utf8)
  }

  static func encoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return encoded
  }
}
