import Mustache

/// How text becomes HTML, by unicode scalars: as browsers read. Mustache's own goes by characters, and "<" with a mark before or behind
/// it is another character than "<".
public struct PageContent: MustacheContentType {
  static let name = "PAGE"

  /// A template whose texts become HTML so. Mustache knows such a way of writing by a name, once it has been told.
  ///
  /// - Throws: what Mustache finds wrong with the text.
  public static func template(_ text: String) throws -> MustacheTemplate {
    MustacheContentTypes.register(PageContent(), named: name)
    return try MustacheTemplate(string: "{{% CONTENT_TYPE:\(name)}}\(text)")
  }

  public func escapeText(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "`": escaped += "&#96;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
