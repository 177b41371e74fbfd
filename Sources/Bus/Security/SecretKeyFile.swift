import Glibc

/// A key of one's own in a file: two lines, `public KEY` and `secret KEY`, mode 0400.
public enum SecretKeyFile {
  public static func read(_ path: String) throws(KeyFileError) -> KeyPair {
    let text = try KeyFiles.secret(path)
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("# ") {
      let words = line.split(separator: " ")
      if words.count == 2 { fields[words[0]] = words[1] }
    }
    guard let secret = fields["secret"], let pair = KeyPair(secret: String(secret)) else {
      throw KeyFileError(path, "has no line \"secret KEY\" with a key of 40 letters, or one that everybody knows")
    }
    guard fields["public"].map({ $0 == pair.publicKey.text }) ?? true else {
      throw KeyFileError(path, "its public and its secret key don't belong together")
    }
    return pair
  }

  /// In the place of a file that is there.
  public static func write(_ pair: KeyPair, of principal: String, to path: String) throws(KeyFileError) {
    try KeyFiles.write(
      "# The key of \(principal). Nobody else may have it.\npublic \(pair.publicKey)\nsecret \(pair.secret)\n",
      to: path, mode: 0o400)
  }
}
