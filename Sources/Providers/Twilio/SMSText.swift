import Foundation

/// A text message as phone networks carry it: by the 7-bit alphabet of GSM 03.38 if all of it is in there (160 to a message, 153
/// to each part of a longer one), else as UTF-16 (70 and 67). One letter from outside more than doubles what a text costs and how
/// many ways it has to get lost, so that look-alikes that alerts are full of are replaced.
enum SMSText {
  /// Parts of one text: more arrive late, in the wrong order or not at all.
  static let parts = 3

  static func fit(_ text: String, keeping incident: String) -> String {
    let plain = withoutLookAlikes(text)
    let isPlain = plain.unicodeScalars.allSatisfy { septets($0) > 0 }
    let size: (Character) -> Int = isPlain ? { septets($0) } : { $0.utf16.count }
    let (alone, each) = isPlain ? (160, 153) : (70, 67)
    // Words that were shortened to fit into one part do so still, though "..." is longer than "…".
    let whole = plain.reduce(0) { $0 + size($1) } - 2 * text.count { $0 == "…" }
    return FittedText.cut(
      plain, to: whole <= alone ? alone : parts * each, keeping: incident, mark: "...", size: size)
  }

  private static let lookAlikes: [Unicode.Scalar: String] = [
    "…": "...", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "•": "-", "·": "-", "→": "->", "←": "<-", "≥": ">=",
    "≤": "<=", "≠": "!=", "×": "x", "‘": "'", "’": "'", "‚": "'", "`": "'", "“": "\"", "”": "\"", "„": "\"", "«": "\"",
    "»": "\"", "\t": " ", "°": " deg", "µ": "u", "μ": "u", "á": "a", "â": "a", "ã": "a", "ç": "c", "ê": "e", "ë": "e",
    "í": "i", "ï": "i", "ó": "o", "ô": "o", "õ": "o", "ú": "u", "û": "u",
  ]

  private static func withoutLookAlikes(_ text: String) -> String {
    text.precomposedStringWithCanonicalMapping.unicodeScalars.reduce(into: "") { result, scalar in
      if let other = lookAlikes[scalar] { result += other } else { result.unicodeScalars.append(scalar) }
    }
  }

  private static let alphabet = Set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
      .unicodeScalars)
  private static let escaped = Set("^{}\\[~]|€".unicodeScalars)

  /// 0: not in the alphabet.
  private static func septets(_ scalar: Unicode.Scalar) -> Int {
    alphabet.contains(scalar) ? 1 : escaped.contains(scalar) ? 2 : 0
  }

  private static func septets(_ character: Character) -> Int { character.unicodeScalars.reduce(0) { $0 + septets($1) } }
}
